import { describe, expect, test } from 'vitest';
import { loadErrorBook } from '../../../src/protocols/error-book.ts';
import { protocols } from '../../../src/protocols/registry.ts';

const { tables: errorTables, find: findError, search: searchErrors } = await loadErrorBook(protocols);

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** The codes of the SmartCOM's manual, 3.8, "AMS Error Codes in Data Reading Lists". */
const seedCodes: Readonly<Record<string, readonly number[]>> = {
  General: range(0, 4),
  'IEC 62056-21': [...range(65536, 65546), ...range(65793, 65796), ...range(66049, 66053)],
  'M-Bus': [...range(131072, 131097), ...range(131329, 131335)],
  Modbus: [...range(196608, 196616), 196640],
  // Our own: the SmartCOM has none for them.
  'DLMS/COSEM': range(4325376, 4325388),
  'Wireless M-Bus': range(4456449, 4456455),
  SML: range(4390912, 4390920),
  'INMAT 51/66': [...range(4194304, 4194325), ...range(4194561, 4194567)],
  'LOTOS 301': range(4259840, 4259847),
  'A/D inputs': [...range(8388608, 8388613), ...range(8388865, 8388869)],
  'Detection of meters': range(65280, 65291),
};

describe('error codes', () => {
  test.each(Object.entries(seedCodes))('%s has every code of the manual and no other', (title, codes) => {
    const table = errorTables.find((each) => each.title === title);
    expect(table?.entries.map(({ code }) => code)).toEqual(codes);
  });

  test('every row says what it means and, unless all is well, what to do', () => {
    for (const { entries } of errorTables) {
      for (const { code, text, advice } of entries) {
        expect(text, code.toString()).not.toBe('');
        if (code !== 0) expect(advice, code.toString()).not.toBe('');
      }
    }
  });

  test('by code', () => {
    expect(findError(65541)?.table).toBe('IEC 62056-21');
    expect(findError(5)).toBeUndefined();
  });

  test('by words, code or table, in either case', () => {
    expect(searchErrors('').length).toBe(Object.values(seedCodes).flat().length);
    expect(searchErrors('  ').length).toBe(searchErrors('').length);
    expect(searchErrors('131094').map(({ code }) => code)).toEqual([131094]);
    expect(searchErrors('CHECKSUM inmat').map(({ code }) => code)).toEqual([4194564]);
    expect(searchErrors('no such words anywhere')).toEqual([]);
  });
});
