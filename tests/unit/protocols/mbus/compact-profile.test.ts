import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../../src/common/bytes.ts';
import { formatDecimal } from '../../../../src/common/decimal.ts';
import type { Reading } from '../../../../src/common/reading.ts';
import { decodeMbus } from '../../../../src/protocols/mbus/decode.ts';
import { encodeFrame } from '../../../../src/protocols/mbus/frame.ts';
import { stepper } from '../../../../src/protocols/mbus/time-steps.ts';

const HEADER = '78563412496A990701000000';

/** The readings of records in a whole answer, without those of its header. */
function readingsOf(records: string): readonly Reading[] {
  const data = fromHex(HEADER + records) ?? new Uint8Array(0);
  const frame = encodeFrame({ kind: 'long', control: 0x08, address: 1, controlInformation: 0x72, data });
  return decodeMbus({ data: toHex(frame), identification: '' }).slice(2);
}

const told = ({ storage, value, unit, time, state }: Reading) =>
  `${storage} ${value.type === 'number' ? `${formatDecimal(value.decimal)} ${unit}` : value.type} ${time?.iso ?? '-'}${state === 'whole' ? '' : ` ${state}`}`;
const numbers = (records: string) =>
  readingsOf(records)
    .filter(({ label }) => label.includes(' '))
    .map(told);

describe('compact profiles', () => {
  test('hourly increments after a base value', () => {
    expect(numbers('84046D002041118B0415003012' + '8D04951F056901030211')).toEqual([
      '9 12300.3 m³ 2010-01-01T01:00',
      '10 12300.5 m³ 2010-01-01T02:00',
      '11 12301.6 m³ 2010-01-01T03:00',
    ]);
  });

  test('the same back from the last one', () => {
    expect(numbers('84046D002341118B0415163012' + '8D049513056901110203')).toEqual([
      '9 12300.5 m³ 2010-01-01T02:00',
      '10 12300.3 m³ 2010-01-01T01:00',
      '11 12300.0 m³ 2010-01-01T00:00',
    ]);
  });

  test('monthly increments back from a current value at the end of a month', () => {
    expect(numbers('0C1313100000026C1F150D93130A7AFE5802320314024401')).toEqual([
      '1 0.755 m³ 2008-04-30',
      '2 0.423 m³ 2008-03-31',
      '3 0.209 m³ 2008-02-29',
      '4 0.065 m³ 2008-01-31',
    ]);
  });

  test('values as they are, one of them not there', () => {
    expect(numbers('820F6C3E36840F13101000008D0F93130E34FE000F0000000E000000000080')).toEqual([
      '31 3.840 m³ 2025-05-31',
      '32 3.584 m³ 2025-04-30',
      '33 bytes 2025-03-31 not available',
    ]);
  });

  test('a year of months after the due date, in another record than its base value', () => {
    const year = '33000000'.repeat(9) + '43000000' + '34180000';
    const found = numbers(`82046C21298C0413330000008D04931E2E3CFE${year}`);
    expect(found).toHaveLength(11);
    expect(found[0]).toBe('9 0.033 m³ 2017-10-01');
    expect(found.at(-1)).toBe('19 1.834 m³ 2018-08-01');
  });

  test('what cannot be counted is bytes with the reason, never text and never a number', () => {
    const cases: readonly [string, RegExp][] = [
      ['8D04951F056901030211', /base value/], // no base
      ['8B04150030128D04951F0669010302', /ends inside/], // cut off
      ['8B04150030128D04951F0469FB0302', /not known/], // reserved spacing
      ['8B04150030128D04951F056D01030211', /not known/], // of variable length
      ['8B04150030128D04951F056A01030211', /not known/], // half a value
      ['8B04150030128D04951F0169', /not known/], // no spacing
    ];
    for (const [records, reason] of cases) {
      const last = readingsOf(records).at(-1);
      expect(last?.value.type, records).toBe('bytes');
      expect(last?.note, records).toMatch(reason);
    }
  });

  test('from where an increment is missing, no value is known', () => {
    expect(numbers('84046D002041118B0415003012' + '8D04951F06690103FF0211')).toEqual([
      '9 12300.3 m³ 2010-01-01T01:00',
      '10 bytes 2010-01-01T02:00 not available',
      '11 bytes 2010-01-01T03:00 not available',
      '12 bytes 2010-01-01T04:00 not available',
    ]);
  });

  test('hostile data gives readings, and not more than its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.constantFrom('13', '1E', '1F'), (data, vife) => {
        const records = `84046D002041118B04150030128D0495${vife}${toHex(Uint8Array.of(data.length, ...data))}`;
        expect(readingsOf(records).length).toBeLessThan(data.length + 5);
      }),
    );
  });
});

describe('steps in time', () => {
  const at = (base: string, unit: Parameters<typeof stepper>[1]['unit'], n: number, count = 1) =>
    stepper(base, { unit, count }, n < 0)(Math.abs(n));

  test.each([
    ['2024-01-31', 'month', 1, '2024-02-29'],
    ['2024-01-30', 'month', 1, '2024-02-29'],
    ['2024-02-29', 'month', 1, '2024-03-31'],
    ['2024-01-15T06:00', 'month', -1, '2023-12-15T06:00'],
    ['2024-01-01', 'half month', 1, '2024-01-16'],
    ['2024-01-01', 'half month', -1, '2023-12-16'],
    ['2024-01-15', 'half month', 1, '2024-01-31'],
    ['2024-02-29', 'half month', -1, '2024-02-15'],
    ['2024-02-29', 'half month', 2, '2024-03-31'],
    ['2024-01-07', 'half month', 1, undefined],
    ['2024-02-28', 'day', 2, '2024-03-01'],
    ['2024-02-28', 'hour', 1, undefined],
    ['2024-02-28T23:45', 'minute', 15, '2024-02-29T00:00'],
    ['2024-02-28T23:59', 'second', 61, '2024-02-29T00:00:01'],
    ['', 'day', 1, undefined],
    ['10:15', 'hour', 1, undefined],
  ] as const)('%s and %s times %i', (base, unit, n, right) => {
    expect(at(base, unit, n)).toBe(right);
  });
});
