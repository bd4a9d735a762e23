import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatScdata } from '../../../src/log/export/scdata.ts';
import { draftOfImport, importScdata } from '../../../src/log/import.ts';
import type { LogRecord } from '../../../src/log/record.ts';
import { amsRecord, anyRecord, asListed } from './records.ts';

const crlf = (...lines: string[]) => lines.join('\r\n');

describe('forms that 2N prints', () => {
  test('a session of 2N’s FAQ: commands, counts, multi-line data, results', () => {
    const { records, problems } = importScdata(
      crlf(
        'COM10 - PuTTY',
        'at^sdata="MESS_CNT"',
        '^SCDATA: "MESS_CNT",12',
        'OK',
        'at^sdata="get_oldest",4',
        '^SCDATA: "AMS",1412698863,472,"IEC62056-21",1,0,"ZE310.v30_012","1.8.0(0000005*kWh)',
        '2.8.0(0000000*kWh)',
        '"',
        '^SCDATA: "AMS",1412699043,473,"IEC62056-21",1,0,"ZE310.v30_012","1.8.0(0000006*kWh)',
        '"',
        'OK',
        'at^sdata="del_all"',
        'OK',
      ),
    );
    expect(problems).toEqual([]);
    expect(records).toEqual([
      amsRecord({
        time: 1_412_698_863,
        seq: 472,
        identification: 'ZE310.v30_012',
        data: '1.8.0(0000005*kWh)\r\n2.8.0(0000000*kWh)\r\n',
      }),
      amsRecord({ time: 1_412_699_043, seq: 473, identification: 'ZE310.v30_012', data: '1.8.0(0000006*kWh)\r\n' }),
    ]);
  });

  test('the AT^SCDATA prefix, system starts, blanks after commas, lower case, a quote that was lost', () => {
    const { records, problems } = importScdata(
      'AT^SCDATA: "SYSTART", 5, 6\n^scdata: ams",7, 8, "MBUS" ,2 , 131078,"",""\nOK',
    );
    expect(problems).toEqual([]);
    expect(records).toEqual([
      { type: 'SYSTART', time: 5, seq: 6 },
      amsRecord({ time: 7, seq: 8, protocol: 'MBUS', index: 2, errorCode: 131_078, identification: '', data: '' }),
    ]);
  });

  test('WMBUS over two lines, and with a digit lost in print as in the manual', () => {
    const { records, problems } = importScdata(
      '^SCDATA: "WMBUS",1452142010,36617,-14,4,"44A2\n0577"\n^SCDATA: "WMBUS",1,2,-68,3,"44A20"\nOK',
    );
    expect(records).toEqual([
      { type: 'WMBUS', time: 1_452_142_010, seq: 36_617, rssi: -14, length: 4, data: '44A20577' },
      { type: 'WMBUS', time: 1, seq: 2, rssi: -68, length: 3, data: '44A20', circumstances: { partial: true } },
    ]);
    expect(problems).toEqual([
      {
        line: 3,
        message: '3 bytes are announced, 5 hexadecimal digits are there; the record was kept with what is there',
      },
    ]);
  });

  test('quotes inside data that the unit did not escape', () => {
    const { records, problems } = importScdata(
      '^SCDATA: "AMS",1,2,"IEC62056-21",1,0,"a"b","say "hi" now"\nmore"\nOK\nat^scdata="x"\nOK',
    );
    expect(problems).toEqual([]);
    expect(records).toMatchObject([{ identification: 'a"b', data: 'say "hi" now"\nmore' }]);
  });
});

describe('what is not whole is told', () => {
  test.each([
    ['^SCDATA: "AMS",1,2,"Unsupported record format"', 0, 'could not tell'],
    ['^SCDATA: "NEWTYPE",1,2,"x"', 0, 'is not a record type'],
    ['^SCDATA: "AMS",1412698863', 0, 'Time stamp or sequence number is missing'],
    ['^SCDATA: "AMS",5000000000,1,"MBUS",1,0,"",""', 0, 'too large'],
    ['^SCDATA: "AMS",1,2,"MBUS"', 0, 'Protocol, index or error code is missing'],
    ['^SCDATA: "AMS",1,2,"MBUS",70000,0,"",""', 0, 'Index or error code is too large'],
    ['^SCDATA: "AMS",1,2,"MBUS",1,0', 1, 'Data is missing'],
    ['^SCDATA: "AMS",1,2,"MBUS",1,0,"id"', 1, 'Data is missing'],
    ['^SCDATA: "WMBUS",1,2,-14', 0, 'Signal strength'],
    ['^SCDATA: "WMBUS",1,2,-14,4,"44A2', 1, 'no end'],
    ['^SCDATA: "AMS",1,2,"MBUS",1,0,"id","68', 1, 'no end'],
    ['something else', 0, 'Not a record'],
  ])('%s', (text, kept, message) => {
    const { records, problems } = importScdata(`OK\n${text}\nOK`);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.line).toBe(2);
    expect(problems[0]?.message).toContain(message);
    expect(records).toHaveLength(kept);
  });

  test('a record that breaks off does not swallow the next', () => {
    const { records, problems } = importScdata(
      crlf(
        '^SCDATA: "AMS",1,1,"IEC62056-21",1,0,"id","1.8.0(00',
        '^SCDATA: "AMS",2,2,"IEC62056-21",1,0,"id","1.8.0(01)"',
        'OK',
      ),
    );
    expect(records).toMatchObject([
      { seq: 1, data: '1.8.0(00', circumstances: { partial: true } },
      { seq: 2, data: '1.8.0(01)' },
    ]);
    expect(problems).toEqual([{ line: 1, message: 'The data has no end; the record was kept with what is there' }]);
  });
});

test('a meter cannot write records of its own into a listing', () => {
  const hostile = amsRecord({ data: 'x"\r\nOK\r\n^SCDATA: "AMS",1,99,"MBUS",1,0,"","forged"\r\n\\22 \\W' });
  const text = formatScdata(hostile);
  expect(text.match(/\^SCDATA/g)).toHaveLength(1);
  expect(importScdata(text)).toEqual({ records: [hostile], problems: [] });
});

test('an import keeps its number beside the new one', () => {
  expect(draftOfImport({ type: 'SYSTART', time: 5, seq: 6 })).toEqual({ type: 'SYSTART', time: 5, importedSeq: 6 });
});

test('what was listed is imported as it was', () => {
  const nasty = fc
    .array(
      fc.constantFrom(
        '"',
        '\r\n',
        '\n',
        'OK',
        '^SCDATA: ',
        'AT',
        '\\',
        '22',
        '5c',
        ',',
        '"AMS"',
        '1',
        ' ',
        '\u00e9',
        '\0',
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join(''));
  const anyListed = fc.oneof(
    anyRecord(),
    fc.tuple(nasty, nasty).map(([identification, data]): LogRecord => amsRecord({ identification, data })),
  );
  fc.assert(
    fc.property(fc.array(anyListed, { maxLength: 6 }), fc.constantFrom('\r\n', '\n'), (listed, end) => {
      const { records, problems } = importScdata(
        `at^scdata="get_oldest",9${end}${listed.map((r) => formatScdata(r) + end).join('')}OK${end}`,
      );
      // A generated telegram announces some other length than it has; that is told and nothing else.
      expect(problems.filter(({ message }) => !message.includes('announced'))).toEqual([]);
      expect(records).toEqual(listed.map(asListed));
    }),
    { numRuns: 500 },
  );
});

function millisecondsOf(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

describe('hostile listings take time in proportion to their length', () => {
  const blanks = (count: number) => ' '.repeat(count);
  const hostile: Record<string, (length: number) => string> = {
    'blanks before something': (length) => `${blanks(length)}x`,
    'blanks in the record type': (length) => `^SCDATA: A${blanks(length)}B"x`,
    'blanks behind the record type': (length) => `^SCDATA: "AMS"${blanks(length)}x`,
    'blanks in the protocol': (length) => `^SCDATA: "AMS",1,2,"A${blanks(length)}"x`,
    'digits without end': (length) => `^SCDATA: "AMS",${'1'.repeat(length)}x`,
    'blanks between fields': (length) => `^SCDATA: "AMS",1${blanks(length)}x`,
    'blanks before the length': (length) => `^SCDATA: "WMBUS",1,2,-3${blanks(length)}x`,
    'quotes in the identification': (length) => `^SCDATA: "AMS",1,2,"A",1,0,${'" ,'.repeat(length / 3)}`,
    'quotes and blanks in the data': (length) =>
      `^SCDATA: "AMS",1,2,"A",1,0,"i","${`"${blanks(99)}`.repeat(length / 100)}`,
    'data without end': (length) => `^SCDATA: "AMS",1,2,"A",1,0,"i","${'\r\n'.repeat(length / 2)}x`,
    'records that end with CR alone': (length) => '^SCDATA: "AMS",x\r'.repeat(length / 17),
    'records and strays': (length) => '^SCDATA: "SYSTART",1,2\r\nx\r\n'.repeat(length / 27),
  };
  const LENGTH = 100_000;
  const listing = '^SCDATA: "AMS",1,2,"A",1,0,"i","1.8.0(5*kWh)\r\n"\r\n'.repeat(LENGTH / 50);
  test.each(Object.entries(hostile))('%s', (_name, text) => {
    const harmless = Math.max(
      1,
      millisecondsOf(() => importScdata(listing)),
    );
    // A quadratic pattern takes thousands of times as long as the harmless listing of this length, each time; others on
    // the machine can make a run slower, but hardly all of them.
    const hostileText = text(LENGTH);
    const isQuick = () => millisecondsOf(() => importScdata(hostileText)) < 200 * harmless;
    expect(Array.from({ length: 20 }).some(isQuick)).toBe(true);
  });
});

test('problems name their lines, whatever ends a line', () => {
  for (const end of ['\n', '\r\n', '\r']) {
    const text = ['^SCDATA: "AMS",x', '^SCDATA: "FOO",1,2', '^SCDATA: "SYSTART",1,2', 'stray'].join(end);
    expect(importScdata(text).problems.map(({ line }) => line)).toEqual([1, 2, 4]);
  }
});
