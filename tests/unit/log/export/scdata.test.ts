import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quoted, unescapeText } from '../../../../src/log/export/scdata.ts';
import { createAtInterpreter } from '../../../../src/at/interpreter.ts';
import { memoryHost } from '../../at/terminal.ts';

const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
const tricky = fc.constantFrom(
  ...'\\25CED^"\x08\x11\xde\xff\x7f09A\xc1T/4',
  'AT',
  '\\41T',
  '^SCDATA="DEL_ALL"',
  'AT^SCAMS="DEV_CLEAR"',
  '\r\n',
);
const text = fc.oneof(
  fc.string({ unit: byte }),
  fc.array(tricky, { maxLength: 30 }).map((parts) => parts.join('')),
);

describe('a text within quotes', () => {
  test('is what it was once it is read again', () => {
    fc.assert(
      fc.property(text, (original) => {
        expect(unescapeText(quoted(original).slice(1, -1))).toBe(original);
      }),
    );
  });

  test.each([
    ['1.8.0(0000005*kWh)\r\n2.8.0(0000000*kWh)\r\n', 'as received, line ends included'],
    ['C:\\temp\t(12*m3)', 'as received, backslash and tab included'],
    ['(00"12^3)', 'quote and caret in two digits', '(00\\2212\\5E3)'],
    ['/LGZ5ZMD310AT.B14', 'an AT on the line that the answer begins, as received'],
    ['\r\nATS3=65\r\n5 at\r\nA/DATA AT', 'no line begins a command', '\r\n\\41TS3=65\r\n5 \\61t\r\n\\41/DATA \\41T'],
    ['\\41', 'a backslash that would mean a letter', '\\5C41'],
    ['\\22', 'a backslash that would mean another character', '\\5C22'],
  ])('%j: %s', (original, _how, written = original) => {
    expect(quoted(original)).toBe(`"${written}"`);
  });

  test('holds no command that changes anything, whatever part of it is read as commands', async () => {
    await fc.assert(
      fc.asyncProperty(text, fc.nat(40), fc.nat(40), async (original, from, drop) => {
        const { host, state } = memoryHost();
        state.records = ['one'];
        state.enabled = true;
        const before = structuredClone(state);
        const written = quoted(original);
        // Cut anywhere, with something lost in the midst of it.
        const come = written.slice(from % written.length);
        const spoilt = come.slice(0, drop) + come.slice(drop + 2);
        const interpreter = createAtInterpreter(host, () => undefined);
        await interpreter.input(`${come}\r\n${spoilt}\r\n"\r\nAT${come}\r\n`);
        expect({ ...state, filters: [] }).toEqual({ ...before, filters: [] });
      }),
    );
  });
});
