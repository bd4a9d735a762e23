import { describe, expect, it } from 'vitest';
import type { RecordCursor } from '../../../../src/protocols/mbus/record.ts';
import { nextRecord, recordCursor, seek, variableLength } from '../../../../src/protocols/mbus/record.ts';
import { bytesOf } from './samples.ts';

function cut(hex: string): RecordCursor[] {
  const cursor = recordCursor();
  const bytes = bytesOf(hex);
  seek(cursor, bytes, 0, bytes.length, false);
  const found: RecordCursor[] = [];
  while (nextRecord(cursor)) found.push({ ...cursor });
  return found;
}

describe('data records', () => {
  it('add up storage, tariff and subunit over the DIFEs', () => {
    // DIF bit 6 is storage bit 0; each DIFE adds four bits of storage, two of tariff, one of subunit.
    expect(cut('04 13 00000000')[0]).toMatchObject({ storage: 0, tariff: 0, subunit: 0 });
    expect(cut('C4 D5 2A 13 00000000')[0]).toMatchObject({
      storage: 1 + 2 * 5 + 32 * 10,
      tariff: 1 + 4 * 2,
      subunit: 1,
    });
  });

  it('accept ten DIFEs, whose storage number has 41 bits', () => {
    expect(cut(`C4 ${'8F '.repeat(9)} 0F 13 00000000`)[0]).toMatchObject({ kind: 'value', storage: 2 ** 41 - 1 });
  });

  it('keep a record with too many DIFEs or VIFEs and go on behind it', () => {
    expect(cut(`84 ${'80 '.repeat(10)} 00 13 00000000 01 13 05`)).toMatchObject([
      { kind: 'unknown', fault: 'more than 10 DIFEs', end: 17 },
      { kind: 'value', start: 17 },
    ]);
    expect(cut(`04 93 ${'BB '.repeat(10)} 3B 00000000 01 13 05`)).toMatchObject([
      { kind: 'unknown', fault: 'more than 10 VIFEs' },
      { kind: 'value' },
    ]);
    expect(cut(`04 93 ${'BB '.repeat(9)} 3B 00000000`)).toMatchObject([{ kind: 'value' }]);
  });

  it.each([
    ['04', 'before the VIF'],
    ['84 80', 'inside a DIFE chain'],
    ['04 93', 'inside a VIFE chain'],
    ['04 13 0000', 'inside this record'],
    ['0D 13', 'before the length of variable data'],
    ['0D 13 05 41', 'inside this record'],
    ['0D 13 CA 00', 'length code of variable data is reserved'],
    ['3F 01 02', 'the DIF is reserved'],
    ['04 7C 09 41 42', 'text of the VIF does not fit'],
  ])('mark the last record %s', (hex, fault) => {
    const records = cut(`01 13 05 ${hex}`);
    expect(records).toHaveLength(2);
    expect(records[0]).toMatchObject({ kind: 'value' });
    expect(records[1]).toMatchObject({ kind: 'unknown', end: bytesOf(hex).length + 3 });
    expect(records[1]?.fault).toContain(fault);
  });

  it('know the special DIFs', () => {
    expect(cut('2F 2F 7F 01 13 05 0F 1F 2F')).toMatchObject([
      { kind: 'filler' },
      { kind: 'filler' },
      { kind: 'readout request' },
      { kind: 'value' },
      { kind: 'manufacturer data', start: 6, end: 9 },
    ]);
    expect(cut('1F')).toMatchObject([{ kind: 'more records follow' }]);
  });

  it('read a text VIF before and after its VIFEs', () => {
    // "%RH", VIFE 74: ×10⁻²
    expect(cut('02 FC 03 48 52 25 74 A00F')[0]).toMatchObject({
      meaning: { quantity: 'Relative humidity', unit: '%', exponent: -2 },
    });
    expect(cut('02 FC 74 03 48 52 25 A00F')[0]).toMatchObject({
      meaning: { quantity: 'Relative humidity', unit: '%', exponent: -2 },
    });
    expect(cut('01 7C 03 43 42 41 05 01 13 06')).toMatchObject([
      { meaning: { quantity: 'ABC' } },
      { kind: 'value', start: 7 },
    ]);
  });

  it('know every length code of variable data', () => {
    const codes = [
      0x00, 0xbf, 0xc0, 0xc9, 0xca, 0xd0, 0xd9, 0xda, 0xe0, 0xef, 0xf0, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xfa, 0xfb, 0xff,
    ];
    expect(codes.map(variableLength)).toEqual([0, 191, 0, 9, -1, 0, 9, -1, 0, 15, 16, 32, 48, 64, -1, 8, 10, -1, -1]);
  });
});
