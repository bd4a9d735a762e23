import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MeterError } from '../../../../src/common/meter-error.ts';
import { formatInmatAddress, parseInmatAddress } from '../../../../src/protocols/inmat/address.ts';
import { requestData } from '../../../../src/protocols/inmat/request.ts';
import { inmatSettings } from '../../../../src/protocols/inmat/settings.ts';
import { inmat } from '../../../../src/protocols/inmat/index.ts';
import { looksRight } from '../../../../src/protocols/address-text.ts';
import { toHex } from '../../../../src/common/bytes.ts';

test.each([
  ['5|I', '5@9600|I'],
  ['0|S:F:12', '0@9600|S:F:12'],
  ['63@300|S:I:0', '63@300|S:I:0'],
  ['5@19200|S:L:FF,S:S:0fe', '5@19200|S:L:FF,S:S:0FE'],
  ['007 @ 9600 | s:f:0012 , i', '7@9600|S:F:0012,I'],
  ['5|E:F:20:0:1', '5@9600|E:F:20:0:1'],
  ['5|E:S:FF:FFFF:FFFF', '5@9600|E:S:FF:FFFF:FFFF'],
  ['5|B:I:21:0:0:2:4,B:L:0:FFFF:FFFF:FFFF:FFFF', '5@9600|B:I:21:0:0:2:4,B:L:0:FFFF:FFFF:FFFF:FFFF'],
  ['5|M:0010:FFFD:1A', '5@9600|M:0010:FFFD:1A'],
  ['5|M:0:0:F5,M:FFFF:FFFF:0', '5@9600|M:0:0:F5,M:FFFF:FFFF:0'],
  ['5|S:F:12,S:F:12', '5@9600|S:F:12,S:F:12'],
])('%s is %s', (text, normal) => {
  expect(formatInmatAddress(parseInmatAddress(text))).toBe(normal);
  expect(looksRight(inmat.address, text)).toBe(true);
});

test.each([
  ['', 4194306, 'empty'],
  [`5|${'I,'.repeat(500)}I`, 4194306, '1003 characters'],
  ['5', 4194307, '<station>|<command>'],
  ['5@9600', 4194307, '<station>|<command>'],
  ['64|I', 4194307, '0 to 63'],
  ['-1|I', 4194307, '<station>|<command>'],
  ['F|I', 4194307, '<station>|<command>'],
  ['|I', 4194307, '<station>|<command>'],
  ['5@|I', 4194307, 'no rate'],
  ['5@99|I', 4194307, 'no rate'],
  ['5@0960|I', 4194307, 'no rate'],
  ['5|', 4194308, 'commands are I, S, E, B and M'],
  ['5|I,', 4194308, 'commands are I, S, E, B and M'],
  ['5|X:F:12', 4194308, 'commands are I, S, E, B and M'],
  ['5|I:1', 4194308, 'I has 0 parameters, not 1'],
  ['5|S', 4194308, 'S has 2 parameters, not 0'],
  ['5|S:F', 4194308, 'S has 2 parameters, not 1'],
  ['5|S:F:12:0', 4194308, 'S has 2 parameters, not 3'],
  ['5|S:D:12', 4194308, 'types are I, L, F and S'],
  ['5|S:F:100', 4194308, '100 is more than FF'],
  ['5|S:F:G', 4194308, 'hexadecimal'],
  ['5|S:F:', 4194308, 'hexadecimal'],
  ['5|S:F:00012', 4194308, 'hexadecimal'],
  ['5|E:F:20:0', 4194308, 'E has 4 parameters, not 3'],
  ['5|E:F:20:10000:0', 4194308, 'hexadecimal'],
  ['5|B:F:20:0:0:1', 4194308, 'B has 6 parameters, not 5'],
  ['5|M:0:0', 4194308, 'M has 3 parameters, not 2'],
  ['5|M:0:0:F6', 4194308, 'F6 is more than F5'],
  ['5|M:0:0:1:0:0:0', 4194308, 'M has 3 parameters, not 6'],
])('%j is refused with %d: %s', (text, code, reason) => {
  expect(() => parseInmatAddress(text)).toThrow(MeterError);
  expect(() => parseInmatAddress(text)).toThrow(reason);
  try {
    parseInmatAddress(text);
  } catch (error) {
    expect((error as MeterError).code).toBe(code);
  }
  // How long it is the pattern does not count.
  if (code !== 4194306 || text === '') expect(looksRight(inmat.address, text)).toBe(false);
});

const word = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16).toUpperCase());
const index = fc.integer({ min: 0, max: 0xff }).map((value) => value.toString(16).toUpperCase());
const type = fc.constantFrom('I', 'L', 'F', 'S');
const command = fc.oneof(
  fc.constant('I'),
  fc.tuple(fc.constant('S'), type, index).map((parts) => parts.join(':')),
  fc.tuple(fc.constant('E'), type, index, word, word).map((parts) => parts.join(':')),
  fc.tuple(fc.constant('B'), type, index, word, word, word, word).map((parts) => parts.join(':')),
  fc
    .tuple(
      fc.constant('M'),
      word,
      word,
      fc.integer({ min: 0, max: 0xf5 }).map((n) => n.toString(16).toUpperCase()),
    )
    .map((parts) => parts.join(':')),
);

test('any address comes back from its text, and looks right while it is typed', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 63 }),
      fc.integer({ min: 100, max: 999_999 }),
      fc.array(command, { minLength: 1, maxLength: 8 }),
      (station, rate, commands) => {
        const text = `${station}@${rate}|${commands.join(',')}`;
        expect(formatInmatAddress(parseInmatAddress(text))).toBe(text);
        expect(looksRight(inmat.address, text)).toBe(true);
      },
    ),
  );
});

test('whatever is typed is an address, or an error of the table; and the field agrees', () => {
  const typed = fc.string({ unit: fc.constantFrom(...'0156@|:,ISEBMFL '), maxLength: 24 });
  fc.assert(
    fc.property(fc.oneof(typed, fc.string()), (text) => {
      let isRight = true;
      try {
        parseInmatAddress(text);
      } catch (error) {
        isRight = false;
        expect(error).toBeInstanceOf(MeterError);
        expect([4194306, 4194307, 4194308]).toContain((error as MeterError).code);
      }
      // Blanks within a command are forgiven where it counts.
      if (!isRight) expect(looksRight(inmat.address, text)).toBe(false);
    }),
    { numRuns: 500 },
  );
});

describe('what a request carries', () => {
  const profile = (values = {}) =>
    inmatSettings({ functionE: '04', functionB: '05', functionI: '00', ...values }).profile;
  const data = (text: string, values = {}) =>
    parseInmatAddress(`1|${text}`).commands.map((one) => toHex(requestData(one, profile(values))))[0];
  test.each([
    ['S:F:12', '01021200'],
    ['S:I:01', '01000100'],
    ['S:L:FF', '0101FF00'],
    ['S:S:0', '01030000'],
    ['M:0010:FFFD:1A', '031000FDFF1A00'],
    ['E:F:20:1:0203', '0402200001000302'],
    ['B:I:20:1:2:3:4', '050020000100020003000400'],
    ['I', '00'],
  ])('%s: %s', (text, hex) => {
    expect(data(text)).toBe(hex);
  });
  test('is as the wire profile says', () => {
    expect(data('S:F:12', { functionS: '21', typeF: '0a', byteOrder: 'big' })).toBe('210A0012');
    expect(data('M:0010:FFFD:1A', { byteOrder: 'big' })).toBe('03FFFD0010001A');
  });
  test('is nothing where the function is not known', () => {
    for (const letter of ['E:F:20:0:0', 'B:F:20:0:0:1:1', 'I']) {
      const [one] = parseInmatAddress(`1|${letter}`).commands;
      expect(() => one && requestData(one, inmatSettings({}).profile)).toThrow('not known');
    }
  });
});
