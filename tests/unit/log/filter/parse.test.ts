import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluateFilter } from './evaluate.ts';
import { formatFilter } from '../../../../src/log/filter/format.ts';
import { parseIsoTime } from '../../../../src/log/filter/iso-time.ts';
import { parseFilter } from '../../../../src/log/filter/parse.ts';
import type { LogRecord } from '../../../../src/log/record.ts';
import { amsRecord } from '../records.ts';
import { anyFilter } from './filters.ts';

const SYSTART: LogRecord = { type: 'SYSTART', time: 1_388_668_000, seq: 9 };
const WMBUS: LogRecord = { type: 'WMBUS', time: 1_388_668_000, seq: 10, rssi: -68, length: 2, data: '44B4' };

/** Which of some records a filter text accepts, by their sequence number. */
function accepted(text: string, records: readonly LogRecord[], strict = true): number[] {
  const { filter, mistakes } = parseFilter(text, { strict });
  expect(mistakes).toEqual([]);
  return records.filter((record) => filter && evaluateFilter(filter, record)).map(({ seq }) => seq);
}

describe('the examples of the SmartCOM’s manual', () => {
  const early = amsRecord({ seq: 1, time: 1_388_665_085, index: 1 });
  const inside = amsRecord({ seq: 2, time: 1_388_667_000, index: 1, errorCode: 65541 });
  const other = amsRecord({ seq: 3, time: 1_388_668_685, index: 2 });
  const late = amsRecord({ seq: 4, time: 1_388_668_686, index: 1 });
  const all = [early, inside, other, late, SYSTART, WMBUS];

  test.each([
    ['RECORD_TYPE==WMBUS', [10]],
    ['RECORD_TYPE==AMS;TIME>=1388665085;TIME<=1388668685', [1, 2, 3]],
    ['RECORD_TYPE==AMS;TIME>1388665085;TABLE_ID==1', [2, 4]],
    ['ERROR_CODE!=0', [2]],
    ['ERROR_CODE==0;RECORD_TYPE==AMS;TIME>1388668685', [4]],
  ])('%s', (text, seqs) => {
    expect(accepted(text, all)).toEqual(seqs);
  });

  test('names in any case, blanks between the pieces, a semicolon at the end', () => {
    expect(accepted(' record_type == ams ; Time > 1388665085 ; table_id == 01 ; ', all)).toEqual([2, 4]);
  });
  test('an empty filter accepts everything', () => {
    expect(accepted('', all)).toHaveLength(all.length);
  });
});

test('extensions: protocol, identification, sequence number', () => {
  const heard: LogRecord = { ...WMBUS, seq: 11, meter: 4, length: 10, data: '44A205771400540137' };
  const records = [
    amsRecord({ seq: 1 }),
    amsRecord({ seq: 2, protocol: 'MBUS', identification: 'a;b*' }),
    WMBUS,
    heard,
  ];
  expect(accepted('PROTOCOL==mbus', records, false)).toEqual([2]);
  expect(accepted('PROTOCOL!=mbus', records, false)).toEqual([1, 10, 11]);
  expect(accepted('protocol==wmbus', [...records, SYSTART], false)).toEqual([10, 11]);
  expect(accepted('IDENT==54001477', records, false)).toEqual([11]);
  expect(accepted('METER==4', records, false)).toEqual([11]);
  expect(accepted('ERROR_CODE==0;RECORD_TYPE==WMBUS;TABLE_ID==0', [...records, SYSTART])).toEqual([10, 11]);
  expect(accepted('IDENT==OHU5*', records, false)).toEqual([1]);
  expect(accepted('IDENT==O*_001', records, false)).toEqual([1]);
  expect(accepted('IDENT=="a;b*";SEQ<=2', records, false)).toEqual([2]);
  expect(accepted('IDENT=="OHU5*"', records, false)).toEqual([]);
});

describe('times', () => {
  test('ISO with offset', () => {
    expect(parseIsoTime('2026-11-20T10:00Z')).toBe(Date.UTC(2026, 10, 20, 10) / 1000);
    expect(parseIsoTime('2026-11-20T10:00:30+01:00')).toBe(Date.UTC(2026, 10, 20, 9, 0, 30) / 1000);
    expect(parseIsoTime('2026-11-20t10:00-0230')).toBe(Date.UTC(2026, 10, 20, 12, 30) / 1000);
  });
  test('without an offset in local time, a date alone as well', () => {
    expect(parseIsoTime('2026-11-20T10:00')).toBe(new Date(2026, 10, 20, 10).getTime() / 1000);
    expect(parseIsoTime('2026-11-20')).toBe(new Date(2026, 10, 20).getTime() / 1000);
  });
  test.each(['2026-02-30', '2026-13-01', '2026-11-20T24:00', '2026-11-20T10', '20.11.2026', '1969-01-01T00:00Z'])(
    '%s is no time',
    (text) => expect(parseIsoTime(text)).toBeUndefined(),
  );
});

describe('mistakes are told with their place', () => {
  test.each([
    ['FOO==1', 0, 3, '"FOO" is not a parameter'],
    ['TIME>1;;SEQ>1', 7, 1, 'no condition before'],
    ['==5', 0, 1, 'A parameter is missing'],
    ['TIME', 4, 1, 'A relation is missing after TIME'],
    ['TIME=5', 4, 1, '"=" is not a relation. Write =='],
    ['TIME=>5', 4, 2, 'Write >='],
    ['TIME<>5', 4, 2, 'Write !='],
    ['ERROR_CODE===1', 10, 3, 'Write one of'],
    ['RECORD_TYPE>AMS', 11, 1, 'only be compared with == or !='],
    ['RECORD_TYPE==FOO', 13, 3, '"FOO" is not a record type'],
    ['TABLE_ID==x', 10, 1, 'whole number'],
    ['TABLE_ID==-1', 10, 2, 'whole number'],
    ['TABLE_ID==', 10, 1, 'A value is missing'],
    ['ERROR_CODE==99999999999999999999', 12, 20, 'too large'],
    ['TIME>yesterday', 5, 9, 'Unix seconds or a time such as'],
    ['IDENT=="a"b', 7, 4, 'begins with a quote'],
    ['  TIME > 1 ; FOO > 2', 13, 3, '"FOO"'],
  ])('%s', (text, position, length, message) => {
    const { filter, mistakes } = parseFilter(text);
    expect(filter).toBeUndefined();
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatchObject({ position, length });
    expect(mistakes[0]?.message).toContain(message);
  });

  test('all mistakes are told, not only the first', () => {
    expect(parseFilter('A==1;TIME>1;B==2').mistakes.map(({ position }) => position)).toEqual([0, 12]);
  });
  test('an eleventh condition', () => {
    const ten = Array.from({ length: 10 }, () => 'TIME>1').join(';');
    expect(parseFilter(ten).mistakes).toEqual([]);
    expect(parseFilter(`${ten};TIME>2;TIME>3`).mistakes).toEqual([
      { position: ten.length + 1, length: 13, message: 'A filter has at most 10 conditions.' },
    ]);
  });
  test.each([
    'PROTOCOL==MBUS',
    'IDENT==x',
    'SEQ>1',
    'METER==7',
    'TIME>2026-11-20T10:00',
    `TIME>${'1'.padStart(150, '0')}`,
  ])('strict refuses %s', (text) => {
    expect(parseFilter(text).mistakes).toEqual([]);
    expect(parseFilter(text, { strict: true }).mistakes).toHaveLength(1);
  });
});

test('formatting and parsing give the same filter', () => {
  fc.assert(
    fc.property(anyFilter, (filter) => {
      expect(parseFilter(formatFilter(filter)).filter).toEqual(filter);
    }),
  );
  expect(formatFilter(parseFilter('time >= 2026-11-20T10:00').filter ?? { conditions: [] })).toBe(
    'TIME>=2026-11-20T10:00',
  );
});

test('any text is either a filter or has mistakes that lie in it', () => {
  const piece = fc.constantFrom('TIME', 'seq', 'IDENT', '==', '>', '=', ';', '"', ' ', '5', 'x', '*');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')),
      ),
      (text) => {
        for (const { position, length } of parseFilter(text).mistakes) {
          expect(position).toBeGreaterThanOrEqual(0);
          expect(position).toBeLessThanOrEqual(text.length);
          expect(length).toBeGreaterThan(0);
        }
      },
    ),
  );
});
