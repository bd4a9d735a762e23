import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromLatin1, toHex } from '../../../src/common/bytes.ts';
import { readKeyTable } from '../../../src/keys/key-table.ts';
import { bytesOfKey } from '../../../src/keys/key-text.ts';
import { ownerOf, ownersFor } from '../../../src/keys/owner.ts';

const key = { name: 'key', label: 'Key', kind: 'hex', length: 16 } as const;
const password = { name: 'password', label: 'Password', kind: 'text', length: 8 } as const;
const HEX = '00112233445566778899AABBCCDDEEFF';

test.each([HEX, HEX.toLowerCase(), `0x${HEX}`, HEX.replace(/..(?=.)/g, '$& '), HEX.replace(/..(?=.)/g, '$&-')])(
  'a key as people write it: %s',
  (written) => {
    expect(toHex(bytesOfKey(written, key) as Uint8Array)).toBe(HEX);
  },
);

test('sixteen characters are a key too, in quotes where they would be half of one', () => {
  expect(bytesOfKey('Kamstrup-key-16!', key)).toEqual(fromLatin1('Kamstrup-key-16!'));
  expect(bytesOfKey('0123456789ABCDEF', key)).toBe('It needs 32 hexadecimal digits, and has 16.');
  expect(bytesOfKey('"0123456789ABCDEF"', key)).toEqual(fromLatin1('0123456789ABCDEF'));
});

test.each(['', HEX.slice(2), `${HEX}00`, 'secret', 'ЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖ'])(
  'what is no key is said without repeating it: %s',
  (written) => {
    const problem = bytesOfKey(written, key);
    expect(problem).toBeTypeOf('string');
    if (written !== '') expect(problem).not.toContain(written);
  },
);

test('zeros stand for no key, and are passed over in a table', () => {
  expect(bytesOfKey('0x' + '0'.repeat(32), key)).toBe('Zeros alone stand for no key.');
  expect(readKeyTable(`meter;key;password\n7;${'00 '.repeat(16)};pw`, [key, password])).toMatchObject({
    keys: [{ of: '7', name: 'password' }],
    problems: [],
  });
});

test('a key of two lengths is taken in both', () => {
  const long = { ...key, orLength: 32 };
  expect(bytesOfKey(HEX, long)).toHaveLength(16);
  expect(bytesOfKey(HEX + HEX, long)).toHaveLength(32);
  expect(bytesOfKey(HEX + '00', long)).toBe('It needs 32 or 64 hexadecimal digits, and has 34.');
});

test('a secret is text, or bytes after 0x', () => {
  const either = { ...password, kind: 'either' } as const;
  expect(bytesOfKey('12345678', either)).toEqual(fromLatin1('12345678'));
  expect(bytesOfKey('0x01 02', either)).toEqual(Uint8Array.of(1, 2));
  expect(bytesOfKey('0x', either)).toBe('After 0x come 2 to 16 hexadecimal digits.');
});

test('a password stays as it is typed', () => {
  expect(bytesOfKey('00000000', password)).toEqual(fromLatin1('00000000'));
  expect(bytesOfKey(' a b', password)).toEqual(fromLatin1(' a b'));
  expect(bytesOfKey('123456789', password)).toMatch(/9 characters; at most 8/);
  expect(bytesOfKey('ab\u0003', password)).toMatch(/no meter knows/);
});

test('a table gives a key a cell, and says what it cannot take by line, without a word of it', () => {
  const table = readKeyTable(
    [
      'Serial number;EK;Password',
      `50 12 0001;${HEX};geheim`,
      '7;nonsense;',
      ';;x',
      `7;${HEX};`,
      '50120001;;other',
    ].join('\n'),
    [{ ...key, name: 'encryption key', label: 'Encryption key' }, password],
  );
  expect(table.keys.map(({ of, name }) => `${of} ${name}`)).toEqual([
    '50120001 encryption key',
    '50120001 password',
    '7 encryption key',
  ]);
  expect(table.problems.map(({ line }) => line)).toEqual([3, 4, 6]);
  expect(JSON.stringify(table.problems)).not.toMatch(/nonsense|geheim|other/);
});

test('a table without headings is refused whole', () => {
  expect(readKeyTable(`50120001;${HEX}`, [key]).keys).toEqual([]);
  expect(readKeyTable('meter;what\n1;2', [key]).problems).toHaveLength(1);
  expect(readKeyTable('', [key]).problems).toHaveLength(1);
});

test('hostile tables neither throw nor hang', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('"', ';', ',', '\n', '\r', 'meter', 'key', '*', '0', "'", '=') }),
      (text) => {
        readKeyTable(`meter;key\n${text}`, [key]);
      },
    ),
  );
});

test('the narrowest owner comes first', () => {
  const keys = ['*', '50*', '5012*', '50120001', 'LUG?'].map((of) => ({ of }));
  const of = (...numbers: string[]) => ownersFor(keys, numbers).map((one) => one.of);
  expect(of('50120001')).toEqual(['50120001', '5012*', '50*', '*']);
  expect(of('509')).toEqual(['50*', '*']);
  // The meter's own number comes first, wherever it was read.
  const exact = ['1/17', '12345678'].map((one) => ({ of: one }));
  expect(ownersFor(exact, ['12345678', '1/17'])[0]).toEqual({ of: '12345678' });
  expect(of(' lug1 ')).toEqual(['LUG?', '*']);
  expect(of()).toEqual(['*']);
});

test('a pattern fits what its regular expression fits, and never for long', () => {
  const text = fc.string({ unit: fc.constantFrom('A', 'B', '1'), maxLength: 12 });
  const pattern = fc.string({ unit: fc.constantFrom('A', 'B', '1', '*', '?'), maxLength: 8 });
  fc.assert(
    fc.property(pattern, text, (of, number) => {
      const expression = new RegExp(`^${of.replaceAll('*', '.*').replaceAll('?', '.')}$`);
      expect(ownersFor([{ of }], [number]).length === 1).toBe(expression.test(number));
    }),
  );
  expect(ownersFor([{ of: `${'*A'.repeat(31)}B` }], ['A'.repeat(100_000)])).toEqual([]);
  expect(ownerOf(' ab 1')).toBe('AB1');
});

test('a password that the table cuts in two is none', () => {
  const { keys, problems } = readKeyTable('meter,password\n123,ab,cd12\n124,"ab,cd12"', [password]);
  expect(keys.map(({ of, bytes }) => [of, bytes])).toEqual([['124', fromLatin1('ab,cd12')]]);
  expect(problems.map(({ line }) => line)).toEqual([2]);
});
