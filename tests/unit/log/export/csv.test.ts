import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvField, csvRow } from '../../../../src/log/export/csv.ts';

/** A reader of its own, after RFC 4180 with `;`. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    let field = '';
    if (text[at] === '"') {
      for (at++; text[at] !== '"' || text[at + 1] === '"'; at++) {
        if (text[at] === '"') at++;
        field += text.charAt(at);
      }
      at++;
    } else {
      for (; text[at] !== ';' && text[at] !== '\r'; at++) field += text.charAt(at);
    }
    row.push(field);
    if (text[at] === ';') at++;
    else {
      expect(text.slice(at, at + 2)).toBe('\r\n');
      at += 2;
      rows.push(row);
      row = [];
    }
  }
  return rows;
}

test.each([
  ['=1+1', "'=1+1"],
  ['+41', '+41'],
  ['-14', '-14'],
  ['-1,5', '"-1,5"'],
  ['-1+cmd|x', "'-1+cmd|x"],
  ['@SUM(A1)', "'@SUM(A1)"],
  [' =1', "' =1"],
  ['\t=1', '"\'\t=1"'],
  ['\r', '"\'\r"'],
  ['＝1', "'＝1"],
  ['1.8.0', '1.8.0'],
  ['a;b', '"a;b"'],
  ['a"b', '"a""b"'],
  ['', ''],
])('%j → %s', (text, field) => expect(csvField(text)).toBe(field));

describe('any text', () => {
  const hostile = fc
    .array(fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', ' ', '"', ';', ',', "'", '1', '.', 'a', '＝', '\0'), {
      maxLength: 8,
    })
    .map((parts) => parts.join(''));
  const anyText = fc.oneof(hostile, fc.string({ unit: 'binary' }));

  test('reads back as itself, but for the apostrophe before a formula', () => {
    fc.assert(
      fc.property(fc.array(fc.array(anyText, { minLength: 2, maxLength: 4 }), { maxLength: 4 }), (rows) => {
        const back = parseCsv(rows.map(csvRow).join(''));
        expect(back.length).toBe(rows.length);
        for (const [i, row] of rows.entries()) {
          expect(back[i]?.map((field, j) => (field === row[j] ? field : field.replace(/^'/, '')))).toEqual(row);
        }
      }),
    );
  });

  test('never begins as a formula unless it is a plain number', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const [[value = ''] = []] = parseCsv(csvRow([text, 'x']));
        const trimmed = value.replace(/^[\s\0]+/, '');
        if ('=@＝'.includes(trimmed.charAt(0)) && trimmed !== '') throw new Error(`formula: ${JSON.stringify(value)}`);
        if (/^[+-]/.test(trimmed)) expect(value).toMatch(/^[+-]\d+([.,]\d+)?$/);
        expect(value).not.toMatch(/^[\t\r\n]/);
      }),
      { numRuns: 1000 },
    );
  });
});
