import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDecimal } from '../../../../src/common/decimal.ts';
import { fromHex, fromLatin1 } from '../../../../src/common/bytes.ts';
import { nameOf, nameText } from '../../../../src/protocols/dlms/apdu/attribute.ts';
import type { Data } from '../../../../src/protocols/dlms/axdr/data.ts';
import { dataIn } from '../../../../src/protocols/dlms/axdr/read-data.ts';
import { timeOf } from '../../../../src/protocols/dlms/cosem/date-time.ts';
import { objectsIn } from '../../../../src/protocols/dlms/cosem/object-list.ts';
import { columnsIn, rowsIn, stepOf } from '../../../../src/protocols/dlms/cosem/profile.ts';
import { unitOf } from '../../../../src/common/unit-codes.ts';
import { valueOf } from '../../../../src/protocols/dlms/cosem/value.ts';
import type { Reading } from '../../../../src/common/reading.ts';
import { decodeDlms } from '../../../../src/protocols/dlms/decode.ts';
import { dlmsExplainer } from '../../../../src/protocols/dlms/explainer.ts';

const bytes = (hex: string) => fromHex(hex) ?? new Uint8Array(0);
const read = (hex: string) => dataIn(bytes(hex)).data;
const figure = (data: Data, scaler: number) => {
  const { value } = valueOf(data, 'any', scaler);
  return value.type === 'number' ? formatDecimal(value.decimal) : value.type;
};

describe('a figure', () => {
  test('is exact, whatever its scaler', () => {
    expect(figure({ type: 'uint32', value: 12345 }, -3)).toBe('12.345');
    expect(figure({ type: 'uint32', value: 12345 }, 2)).toBe('1234500');
    expect(figure({ type: 'uint64', value: 2n ** 64n - 1n }, -2)).toBe('184467440737095516.15');
    expect(figure({ type: 'int64', value: -(2n ** 63n) }, 0)).toBe('-9223372036854775808');
    expect(figure({ type: 'int8', value: -1 }, -1)).toBe('-0.1');
    expect(figure(read('1742F6E979'), 0)).toBe('123.456');
    expect(figure(read('1742F6E979'), 3)).toBe('123456');
  });
  test('that is none is no figure', () => {
    expect(valueOf(read('177FC00000'))).toMatchObject({ state: 'not available' });
    expect(valueOf({ type: 'null' })).toMatchObject({ state: 'not available' });
    // What a delta counts from is not known.
    expect(figure({ type: 'delta uint8', value: 3 }, 0)).toBe('bytes');
  });
  test('has the unit of its number', () => {
    expect([30, 27, 35, 13, 255].map((number) => unitOf(number).text)).toEqual(['Wh', 'W', 'V', 'm³', '']);
    expect(unitOf(200)).toEqual({ text: '', note: 'unit 200' });
  });
});

describe('a time', () => {
  test.each([
    ['07EA0B15060E1E1C00000000', { iso: '2026-11-21T14:30:28' }],
    ['07E7040106152023 00 FF88 80', { iso: '2023-04-01T21:32:35', season: 'summer' }],
    ['07EA0B15060E1E1C00800001', { iso: '2026-11-21T14:30:28', invalid: true }],
    ['07EA0B15FFFFFFFFFF8000FF', { iso: '2026-11-21' }],
    ['07EA0B15FF0EFFFFFF8000FF', { iso: '2026-11-21T14:00' }],
    ['FFFF0B15FF0E1E00008000FF', { iso: '' }],
    ['000000000000000000000000', { iso: '' }],
    ['07EA0B1506', { iso: '2026-11-21' }],
    ['0E1E1C00', { iso: '14:30:28' }],
    ['07EA0D15060E1E1C00000000', undefined],
    ['303132333435363738394142', undefined],
    ['07EA0B15060E1E', undefined],
  ])('%s', (hex, time) => {
    expect(timeOf(bytes(hex))).toEqual(time);
  });
  test('is taken for one only where one is expected', () => {
    const number = { type: 'octet-string', bytes: fromLatin1('07EA0B15060E') } as const;
    expect(valueOf(number).value).toEqual({ type: 'text', text: '07EA0B15060E' });
    const stamp = { type: 'octet-string', bytes: bytes('07EA0B15060E1E1C00000000') } as const;
    expect(valueOf(stamp).value.type).toBe('bytes');
    expect(valueOf(stamp, 'time').value.type).toBe('time');
  });
});

test('the name of an object is its code', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (name) => {
      expect(nameOf(nameText(name))).toEqual(name);
    }),
  );
  expect(nameOf('1-0:1.8.0')).toEqual(Uint8Array.of(1, 0, 1, 8, 0, 255));
  expect(nameOf('1-0:1.8.256')).toBeUndefined();
  expect(nameOf('1.8.0')).toBeUndefined();
});

test('an object list says what may be read', () => {
  const list =
    '0103' +
    // Version 0: read for all, and write alone.
    '0204 120003 1100 09060100010800FF 0202 0102 0203 0F02 1601 00 0203 0F03 1602 00 0100' +
    // Bits: read, with authentication.
    '0204 120008 1101 09060000010000FF 0202 0101 0203 0F02 1685 00 0100' +
    // No object.
    '0202 1100 1101';
  expect(objectsIn(read(list))).toEqual([
    { classId: 3, version: 0, name: Uint8Array.of(1, 0, 1, 8, 0, 255), readable: [2] },
    { classId: 8, version: 1, name: Uint8Array.of(0, 0, 1, 0, 0, 255), readable: [2] },
  ]);
  expect(objectsIn({ type: 'null' })).toEqual([]);
});

describe('a profile', () => {
  const columns = columnsIn(
    read(
      '0103 0204 120008 09060000010000FF 0F02 120000 0204 120003 09060100010800FF 0F02 120000 0204 120003 09060100020800FF 0FFF 120000',
    ),
  );
  const rows = (hex: string, seconds = 900) =>
    (rowsIn(read(hex), columns, seconds) ?? []).map(({ time, cells }) => [
      time?.iso,
      ...cells.slice(1).map((cell) => ('value' in cell ? Number(cell.value) : cell.type)),
    ]);
  const stamp = '090C 07EA0B15060E1E00 00FFC400';

  test('keeps the place of a column of unknown content', () => {
    expect(columns.map(({ classId, attribute }) => [classId, attribute])).toEqual([
      [8, 2],
      [3, 2],
      [3, -1],
    ]);
  });
  test('has null for the value of the row before, and in its clock for a period', () => {
    expect(rows(`0103 0203 ${stamp} 0600000010 00 0203 00 00 1105 0203 00 0600000020 00`)).toEqual([
      ['2026-11-21T14:30:00', 16, 'null'],
      ['2026-11-21T14:45:00', 16, 5],
      ['2026-11-21T15:00:00', 32, 5],
    ]);
    expect(rows(`0102 0203 00 1101 1102 0203 00 00 00`)).toEqual([
      [undefined, 1, 2],
      [undefined, 1, 2],
    ]);
    // Without a period nothing says when.
    expect(rows(`0102 0203 ${stamp} 1101 1102 0203 00 00 00`, 0)[1]?.[0]).toBeUndefined();
  });
  test.each([
    ['fifo', '1601', '2026-11-21T14:45:00'],
    ['lifo', '1602', '2026-11-21T14:15:00'],
    ['largest first', '1603', undefined],
    ['unknown', '00', undefined],
  ])('steps by its period as it is sorted: %s', (_name, sorting, second) => {
    const seconds = stepOf(read('0600000384'), read(sorting));
    expect(rows(`0102 0203 ${stamp} 1101 1102 0203 00 00 00`, seconds).map(([time]) => time)).toEqual([
      '2026-11-21T14:30:00',
      second,
    ]);
    expect(stepOf(undefined, read(sorting))).toBe(0);
    expect(stepOf(read('0600000384'), undefined)).toBe(0);
  });
  test('has deltas, seconds since 1970, and rows of any length', () => {
    expect(
      rows(`0104 0203 066920799C 0600000010 15FFFFFFFFFFFFFF00 0203 00 1F05 1C02 0202 ${stamp} 1CFE 0200`),
    ).toEqual([
      [new Date(0x6920799c * 1000).toISOString().slice(0, 19), 16, Number(0xffffffffffffff00n)],
      [new Date((0x6920799c + 900) * 1000).toISOString().slice(0, 19), 21, Number(0xffffffffffffff02n)],
      ['2026-11-21T14:30:00', 19],
      [undefined],
    ]);
  });
});

describe('a record', () => {
  test('is decoded whatever it holds', () => {
    const item = fc.oneof(
      fc.constantFrom(
        '3:1-0:1.8.0*255:2=0600003039',
        '3:1-0:1.8.0*255:3=02020F00161E',
        '7:1-0:99.1.0*255:2=0100',
        '5:1-0:1.4.0*255:2=ERR3',
        '=',
        ':::',
      ),
      fc.string({ maxLength: 40 }),
      fc
        .uint8Array({ maxLength: 30 })
        .map((value) => `7:1-0:99.1.0*255:2=${[...value].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`),
    );
    fc.assert(
      fc.property(fc.array(item, { maxLength: 8 }), (items) => {
        const data = items.join(',');
        for (const { source } of decodeDlms({ identification: '', data }))
          expect(source.start).toBeLessThanOrEqual(source.end);
        const all = dlmsExplainer.bytes?.(data);
        const spans = all ? (dlmsExplainer.explain?.(all, { identification: '', data }) ?? []) : [];
        // In order and without a gap.
        expect(spans.at(-1)?.end ?? 0).toBe(all?.length ?? 0);
        spans.forEach(({ start }, at) => expect(start).toBe(spans[at - 1]?.end ?? 0));
      }),
    );
  });
  test('that is cut off is partial', () => {
    const [reading] = decodeDlms({ identification: '', data: '1:1-0:1.8.0*255:2=06000030391' });
    expect(reading?.state).toBe('partial');
  });
  test('shows the figures of a profile as raw where their scale is not known', () => {
    const row = `0203 090C07EA0B15060E1E1C00000000 0600003039 1105`.replaceAll(' ', '');
    const columns =
      '0103 0204 120008 09060000010000FF 0F02 120000 0204 120003 09060100010800FF 0F02 120000 0204 120001 0906000060 0A01FF 0F02 120000'.replaceAll(
        ' ',
        '',
      );
    const profile = `7:1-0:99.1.0*255:3=${columns},7:1-0:99.1.0*255:2=0101${row}`;
    const all = (data: string) =>
      decodeDlms({ identification: '', data }).map(({ obis, unit, state, note }) => [obis, unit, state, note]);
    expect(all(profile)).toEqual([
      ['1-0:1.8.0', '', 'unchecked', 'without scale and unit'],
      ['0-0:96.10.1', '', 'whole', undefined],
    ]);
    expect(all(`${profile},3:1-0:1.8.0*255:3=02020F00161E`)[0]).toEqual(['1-0:1.8.0', 'Wh', 'whole', undefined]);
    expect(all(`${profile},3:1-0:1.8.0*255:3=02020F00161E`)).toHaveLength(2);
  });
  test('shows both averages of a demand register; only the last one was captured', () => {
    const data =
      '5:1-0:1.4.0*255:2=120064,5:1-0:1.4.0*255:3=1200C8,5:1-0:1.4.0*255:4=02020F01161B,5:1-0:1.4.0*255:6=090C07EA0B15060E1E1C00000000';
    expect(
      decodeDlms({ identification: '', data }).map(({ label, value, unit, time }) => [
        label,
        value.type === 'number' && formatDecimal(value.decimal),
        unit,
        time?.iso,
      ]),
    ).toEqual([
      ['1-0:1.4.0', '1000', 'W', undefined],
      ['1-0:1.4.0 last average', '2000', 'W', '2026-11-21T14:30:28'],
    ]);
  });
  test.each([
    [
      'both averages',
      '5:1-0:1.4.0*255:2=120064,5:1-0:1.4.0*255:3=1200C8,5:1-0:1.4.0*255:4=02020F01161B',
      ['1000 W whole', '2000 W whole'],
    ],
    ['the last one alone', '5:1-0:1.4.0*255:3=1200C8,5:1-0:1.4.0*255:4=02020F01161B', ['2000 W whole']],
    [
      'the first refused',
      '5:1-0:1.4.0*255:2=ERR3,5:1-0:1.4.0*255:3=1200C8,5:1-0:1.4.0*255:4=02020F01161B',
      ['refused', '2000 W whole'],
    ],
    [
      'the scale refused',
      '5:1-0:1.4.0*255:2=120064,5:1-0:1.4.0*255:3=1200C8,5:1-0:1.4.0*255:4=ERR3',
      ['100  unchecked', '200  unchecked', 'refused'],
    ],
    ['no scale', '5:1-0:1.4.0*255:3=1200C8', ['200  unchecked']],
    ['no scale, none of a register', '3:1-0:1.8.0*255:2=1200C8', ['200  unchecked']],
    ['a scale that is none', '5:1-0:1.4.0*255:3=1200C8,5:1-0:1.4.0*255:4=0F01', ['200  unchecked', '1  whole']],
  ])('calls no average whole without its scale: %s', (_name, data, expected) => {
    const readings = decodeDlms({ identification: '', data });
    expect(
      readings.map(({ value, unit, state, kind }) =>
        value.type === 'number'
          ? `${formatDecimal(value.decimal)} ${unit} ${state}`
          : kind === 'error'
            ? 'refused'
            : value.type,
      ),
    ).toEqual(expected);
    for (const { state, note } of readings)
      if (state === 'unchecked') expect(note).toBe('the meter did not say scale and unit');
  });

  describe('of a profile', () => {
    const clock = '0204 120008 09060000010000FF 0F02 120000';
    const other = '0204 120008 09060000010100FF 0F02 120000';
    const energy = '0204 120003 09060100010800FF 0F02 120000';
    const event = '0204 120001 0906000060 0A01FF 0F02 120000';
    const stamp = '090C 07EA0B15060E1E0000FFC400';
    const of = (columns: readonly string[], buffer: string, rest = '3:1-0:1.8.0*255:3=02020F00161E') => {
      const captured = `01${columns.length.toString(16).padStart(2, '0')}${columns.join('')}`;
      const data = `7:1-0:99.1.0*255:3=${captured},7:1-0:99.1.0*255:2=${buffer},${rest}`.replaceAll(' ', '');
      return decodeDlms({ identification: '', data });
    };
    const told = (readings: readonly Reading[]) =>
      readings.map(({ label, state, note, time }) => [label, state, note, time?.iso]);
    const order = '7:1-0:99.1.0*255:4=0600000384,7:1-0:99.1.0*255:5=1602,3:1-0:1.8.0*255:3=02020F00161E';

    test('calls no cell whole in a row of other columns, nor what is taken over from it', () => {
      const buffer = `0104 0203 ${stamp} 1101 1102 0202 ${stamp} 1103 0203 ${stamp} 00 1104 0203 ${stamp} 1105 1106`;
      expect(told(of([clock, energy, event], buffer))).toEqual([
        ['1-0:1.8.0 [0]', 'whole', undefined, '2026-11-21T14:30:00'],
        ['0-0:96.10.1 [0]', 'whole', undefined, '2026-11-21T14:30:00'],
        ['0-0:1.0.0 [1]', 'unchecked', '2 cells for 3 columns', '2026-11-21T14:30:00'],
        ['1-0:1.8.0 [1]', 'unchecked', '2 cells for 3 columns', '2026-11-21T14:30:00'],
        ['1-0:1.8.0 [2]', 'unchecked', 'takes over from a row of other columns', '2026-11-21T14:30:00'],
        ['0-0:96.10.1 [2]', 'unchecked', 'takes over from a row of other columns', '2026-11-21T14:30:00'],
        ['1-0:1.8.0 [3]', 'whole', undefined, '2026-11-21T14:30:00'],
        ['0-0:96.10.1 [3]', 'whole', undefined, '2026-11-21T14:30:00'],
      ]);
      const longer = of([clock, energy], `0101 0203 ${stamp} 1101 1102`);
      expect(longer.map(({ state, note }) => [state, note])).toEqual(
        Array.from({ length: 3 }, () => ['unchecked', '3 cells for 2 columns']),
      );
      expect(of([clock, energy], '0101 0200')).toMatchObject([
        { kind: 'error', state: 'partial', value: { text: '0 cells for 2 columns' } },
      ]);
    });
    test('shows other clocks, and that of a row which has no time by it', () => {
      expect(told(of([clock, other, energy], `0101 0203 ${stamp} ${stamp} 1101`))).toEqual([
        ['0-0:1.1.0 [0]', 'whole', undefined, '2026-11-21T14:30:00'],
        ['1-0:1.8.0 [0]', 'whole', undefined, '2026-11-21T14:30:00'],
      ]);
      const unknown = 'no time: step or order of the rows is not known';
      expect(told(of([clock, energy], `0102 0202 ${stamp} 1101 0202 00 1102`))).toEqual([
        ['1-0:1.8.0 [0]', 'whole', undefined, '2026-11-21T14:30:00'],
        ['0-0:1.0.0 [1]', 'not available', unknown, undefined],
        ['1-0:1.8.0 [1]', 'whole', undefined, undefined],
      ]);
      expect(told(of([clock, energy], `0102 0202 ${stamp} 1101 0202 00 1102`, order)).at(-1)?.[3]).toBe(
        '2026-11-21T14:15:00',
      );
    });
    test('says that it was cut', () => {
      const many = Array.from({ length: 200 }, () => event);
      const row = `0281C8${'1101'.repeat(200)}`;
      const wide = (rows: number) =>
        decodeDlms({
          identification: '',
          data: `7:1-0:99.1.0*255:3=0181C8${many.join('')},7:1-0:99.1.0*255:2=0181${rows.toString(16)}${row.repeat(rows)}`.replaceAll(
            ' ',
            '',
          ),
        });
      expect(wide(100)).toHaveLength(20_000);
      expect(wide(100).at(-1)?.kind).toBe('stored');
      const cut = wide(130);
      expect(cut).toHaveLength(20_001);
      expect(cut.at(-1)).toMatchObject({
        label: '1-0:99.1.0 [100]',
        kind: 'error',
        state: 'partial',
        value: { text: 'only 20000 cells are shown: not row 100 to 129' },
      });
    });
    test('is shown as it came where it is no table', () => {
      expect(of([clock, energy], '1105').map(({ label }) => label)).toContain('1-0:99.1.0 buffer');
    });
  });
});
