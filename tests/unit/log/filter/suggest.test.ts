import fc from 'fast-check';
import { expect, test } from 'vitest';
import { suggest } from '../../../../src/log/filter/suggest.ts';

/** `|` marks the cursor. Result: what the text becomes with each suggestion. */
function completions(marked: string): string[] {
  const cursor = marked.indexOf('|');
  const text = marked.replace('|', '');
  const { from, to, options } = suggest(text, cursor, { protocols: ['MBUS', 'MODBUS'], identifications: ['a"b'] });
  return options.map((option) => text.slice(0, from) + option.text + text.slice(to));
}

test.each([
  ['|', 'RECORD_TYPE,TIME,TABLE_ID,ERROR_CODE,PROTOCOL,IDENT,METER,SEQ'],
  ['T|', 'TIME,TABLE_ID'],
  ['rec|ord', 'RECORD_TYPE'],
  ['TIME>5;er|', 'TIME>5;ERROR_CODE'],
  ['TIME|', 'TIME==,TIME!=,TIME>,TIME>=,TIME<,TIME<='],
  ['TIME>|', 'TIME>,TIME>='],
  ['TIME>=|', ''],
  ['IDENT|', 'IDENT==,IDENT!='],
  ['PROTOCOL==|', 'PROTOCOL==MBUS,PROTOCOL==MODBUS'],
  ['PROTOCOL==mo|', 'PROTOCOL==MODBUS'],
  ['RECORD_TYPE!=|;TIME>5', 'RECORD_TYPE!=AMS;TIME>5,RECORD_TYPE!=WMBUS;TIME>5,RECORD_TYPE!=SYSTART;TIME>5'],
  ['RECORD_TYPE == w|', 'RECORD_TYPE == WMBUS'],
  ['IDENT==|', 'IDENT=="a""b"'],
  ['FOO|', ''],
])('%s', (marked, expected) => {
  expect(completions(marked).join(',')).toBe(expected);
});

test('never fails and never reaches beyond the text', () => {
  const piece = fc.constantFrom('TIME', 'seq', 'PROTOCOL', '==', '>', '=', ';', '"', ' ', '5', 'M');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 10 }), fc.nat(60), (parts, at) => {
      const text = parts.join('');
      const cursor = Math.min(at, text.length);
      const { from, to } = suggest(text, cursor, { protocols: ['MBUS'] });
      expect(from).toBeLessThanOrEqual(cursor);
      expect(to).toBeGreaterThanOrEqual(cursor);
      expect(to).toBeLessThanOrEqual(text.length);
    }),
  );
});
