import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../../src/common/bytes.ts';
import type { Reading } from '../../../../src/common/reading.ts';
import type { ExportFormat, ExportOptions } from '../../../../src/log/export/exporter.ts';
import { createExporter } from '../../../../src/log/export/formats.ts';
import { importScdata } from '../../../../src/log/import.ts';
import type { AmsRecord, LogRecord } from '../../../../src/log/record.ts';
import { decodeStored } from '../../protocols/decode-stored.ts';
import { encodeFrame } from '../../../../src/protocols/mbus/frame.ts';
import { amsRecord, anyRecord, asListed } from '../records.ts';

const register = (label: string, digits: number, unit: string): Reading => ({
  label,
  quantity: '',
  value: { type: 'number', decimal: { coefficient: digits, exponent: -1 } },
  unit,
  kind: 'instantaneous',
  state: 'whole',
  source: { start: 0, end: 0 },
});

/** Decodes `label=digits*unit` parts separated by blanks. */
function decodeParts(record: LogRecord): readonly Reading[] {
  if (record.type !== 'AMS') return [];
  return [...record.data.matchAll(/(\S+)=(\d+)\*(\S+)/g)].map((m) => register(m[1] ?? '', Number(m[2]), m[3] ?? ''));
}

const decodeRecord = (record: LogRecord) => (record.type === 'AMS' ? decodeStored(record.protocol, record) : []);

function exportAll(
  format: ExportFormat,
  records: readonly LogRecord[],
  { decode = decodeParts, ...options }: Partial<ExportOptions> & { readonly decode?: typeof decodeParts } = {},
): Map<string, string> {
  const exporter = createExporter(format, {
    unit: '50-0663-0027',
    generation: '',
    now: new Date('2016-06-06T16:26:14.5Z'),
    ...options,
  });
  const files = new Map<string, string>();
  if (exporter.survey) for (const record of records) exporter.survey(record, decode(record));
  for (const { fileName, text } of [
    ...exporter.open(),
    ...records.flatMap((record) => exporter.write(record, exporter.reads ? decode(record) : [])),
    ...exporter.close(),
  ]) {
    files.set(fileName, (files.get(fileName) ?? '') + text);
  }
  return files;
}

const SYSTART: LogRecord = { type: 'SYSTART', time: 0, seq: 3 };
const WMBUS: LogRecord = { type: 'WMBUS', time: 1, seq: 4, rssi: -68, length: 8, data: '44A2057714005401' };

test('a listing in the form of the SmartCOM tells by its name of which log it is: its lines cannot', () => {
  const files = exportAll('scdata', [SYSTART], { generation: '0f8b-1c' });
  expect([...files]).toEqual([['50-0663-0027_records_20160606162614.log-0f8b-1c.txt', '^SCDATA: "SYSTART",0,3\r\n']]);
  expect([...exportAll('scdata', [SYSTART]).keys()]).toEqual(['50-0663-0027_records_20160606162614.txt']);
});

const HEAD = 'serial-number;name;place;device-identification;address;created;value-data-count;error-code;state;log;';

test('value reports: a file for each meter, named as the SmartCOM does, columns over all of its records', () => {
  const meter = { address: '*08031768@2400', time: 1_465_230_374, identification: 'OHU5' };
  const files = exportAll('valuereport', [
    amsRecord({ ...meter, seq: 1, data: '1.8.0=15*kWh' }),
    amsRecord({ seq: 2, address: '', identification: '../../etc/passwd', data: 'x' }),
    SYSTART,
    amsRecord({ ...meter, seq: 5, errorCode: 65_541, data: '1.8.0=16*kWh 2.8.0=7*kWh 2.8.0=8*kWh' }),
    WMBUS,
  ]);
  expect(Object.fromEntries(files)).toEqual({
    '8031768_50-0663-0027_valuereport_20160606162614.csv':
      `${HEAD}1.8.0 [kWh];2.8.0 [kWh];2.8.0 [kWh] #2;raw\r\n` +
      '08031768;;;OHU5;*08031768@2400;2016-06-06 16:26:14;1;0;whole;;1.5;;;1.8.0=15*kWh\r\n' +
      '08031768;;;OHU5;*08031768@2400;2016-06-06 16:26:14;5;65541;whole;;1.6;0.7;0.8;1.8.0=16*kWh 2.8.0=7*kWh 2.8.0=8*kWh\r\n',
    'etc-passwd-without-number_50-0663-0027_valuereport_20160606162614.csv': `${HEAD}raw\r\n;;;../../etc/passwd;;2023-11-14 22:13:20;2;0;;;x\r\n`,
    '54001477_50-0663-0027_valuereport_20160606162614.csv': `${HEAD}raw\r\n54001477;;;54001477;;1970-01-01 00:00:01;4;0;;;44A2057714005401\r\n`,
  });
});

test('value reports: a code that comes again keeps its number, whatever is asked for or cut off', () => {
  const [first, ...others] = [1, 2, 3].map((n) => register('1.8.0', 10 * n, 'kWh'));
  const decode = (): readonly Reading[] => (first ? [{ ...first, state: 'partial' }, ...others] : []);
  const columns = (options: Partial<ExportOptions>) => {
    const [text = ''] = exportAll('valuereport', [amsRecord({ seq: 1, data: '' })], { decode, ...options }).values();
    const [head = '', row = ''] = text.split('\r\n');
    const titles = head.split(';');
    return titles.map((title, i) => `${title} = ${row.split(';')[i] ?? ''}`).slice(HEAD.split(';').length - 1, -1);
  };
  expect(columns({})).toEqual(['1.8.0 [kWh] #2 = 2.0', '1.8.0 [kWh] #3 = 3.0']);
  expect(columns({ codes: ['1.8.0 #3'] })).toEqual(['1.8.0 [kWh] #3 = 3.0']);
});

describe('which meter a reading by hand is of', () => {
  const filesOf = (records: readonly LogRecord[]) => [
    ...exportAll('valuereport', records, { decode: decodeRecord }).keys(),
  ];
  const name = (meter: string) => `${meter}_50-0663-0027_valuereport_20160606162614.csv`;
  const byHand = (seq: number, data: string, change: Partial<AmsRecord> = {}) =>
    amsRecord({ seq, index: 0, address: '', identification: 'SAME-TYPE', data, ...change });

  test('the number in its data tells three meters of one type apart', () => {
    const numbers = ['00770041', '00770042', '00770043', '00770041'];
    const records = numbers.map((number, i) => byHand(i + 1, `C.1.0(${number})\r\n1.8.0(${i}*kWh)\r\n`));
    expect(filesOf(records)).toEqual(['770041', '770042', '770043'].map(name));
    const [first = ''] = exportAll('valuereport', records, { decode: decodeRecord }).values();
    expect(first.match(/^00770041;/gm)).toHaveLength(2);
  });

  test('what was read with the address that is its number belongs to it, failed or not', () => {
    const failed = byHand(2, '', { address: '00770041', errorCode: 65_541, identification: '' });
    expect(filesOf([byHand(1, '0.0.0(00770041)'), failed])).toEqual([name('770041')]);
  });

  test('a damaged number makes no meter', () => {
    const damaged = byHand(2, 'C.1.0(00790041)', { errorCode: 66_053 });
    expect(filesOf([byHand(1, 'C.1.0(00770041)'), damaged, byHand(3, 'C.1.0(007')])).toEqual([
      name('770041'),
      name('SAME-TYPE-without-number'),
    ]);
  });

  test('a primary address of M-Bus is a place on one line: the header tells', () => {
    const frame = (number: string, maker: string) => {
      const data = fromHex(`${number}${maker}0107000000000C1321430700`) ?? new Uint8Array(0);
      return toHex(encodeFrame({ kind: 'long', control: 8, address: 1, controlInformation: 0x72, data }));
    };
    const mbus = (seq: number, data: string) =>
      byHand(seq, data, { protocol: 'MBUS', identification: '', address: '1' });
    expect(filesOf([mbus(1, frame('11223300', '2423')), mbus(2, frame('11223300', '153D'))])).toEqual([
      name('332211'),
      name('332211').replace('.csv', '-2.csv'),
    ]);
    const report = exportAll('valuereport', [mbus(1, frame('11223300', '2423'))], { decode: decodeRecord });
    expect([...report.values()].join('')).toContain('\r\n00332211;');
  });

  test('failed reads at the same address of two ports are not one meter’s', () => {
    const failed = (seq: number, port: string) =>
      byHand(seq, '', { protocol: 'MBUS', identification: '', address: '1', errorCode: 131_078, port });
    expect(filesOf([failed(1, 'North'), failed(2, 'South')])).toHaveLength(2);
  });
});

describe('meters behind the one that was read', () => {
  const record = (seq: number, data: string, change: Partial<AmsRecord> = {}) =>
    amsRecord({ seq, meter: 7, address: '', identification: 'KMP5', data, ...change });
  const dsmr = (energy: number, gas: number, number = 'G0047303') =>
    `0-0:96.1.1(E0030123)\r\n1-0:1.8.1(${energy}*kWh)\r\n0-1:24.1.0(003)\r\n0-1:96.1.0(${number})\r\n` +
    `0-1:24.2.1(101209110000W)(${gas}*m3)\r\n0-2:24.1.0(003)\r\n0-2:96.1.0()\r\n`;
  const tablesOf = (records: readonly LogRecord[], codes?: readonly string[]) =>
    Object.fromEntries(
      [...exportAll('valuereport', records, { decode: decodeRecord, ...(codes ? { codes } : {}) })].map(
        ([name, text]) => [
          name.replace(/_.*/, ''),
          text
            .replaceAll(/"[^"]*"/g, 'RAW')
            .trimEnd()
            .split('\r\n'),
        ],
      ),
    );
  const rowsOf = (table: readonly string[] = []) =>
    table.slice(1).map((row) => row.split(';').filter((_, i) => [0, 6, 8].includes(i)));

  test('each have a table of their own, and the data stands in that of the one that was read', () => {
    const tables = tablesOf([record(1, dsmr(5, 10)), record(2, dsmr(6, 11)), record(3, '', { errorCode: 65_541 })]);
    expect(Object.keys(tables)).toEqual(['E0030123', 'G0047303']);
    expect(tables['E0030123']?.[0]).toBe(
      `${HEAD}0-0:96.1.1;1-0:1.8.1 tariff 1 [kWh];0-2:24.1.0 subunit 2;0-2:96.1.0 subunit 2;raw`,
    );
    expect(tables['E0030123']).toHaveLength(4);
    expect(tables['G0047303']?.[0]).toContain('0-1:24.2.1 subunit 1 [m³];raw');
    expect(rowsOf(tables['G0047303'])).toEqual([
      ['G0047303', '1', 'whole'],
      ['G0047303', '2', 'whole'],
    ]);
    expect(tables['G0047303']?.[1]).toMatch(/;10;$/);
  });

  test('go by their number, also where another one hangs on the channel or none can be told', () => {
    const tables = tablesOf(
      [record(1, dsmr(5, 10)), record(2, dsmr(6, 900, 'G0099999')), record(3, dsmr(7, 12, '47'))],
      ['0-1:24.2.1'],
    );
    expect(Object.keys(tables)).toEqual(['E0030123', 'G0047303', 'G0099999', 'E0030123-channel-1']);
  });

  test('of a gateway without a number of its own are that one', () => {
    const tables = tablesOf([record(1, '0-1:96.1.0(G0047303)\r\n0-1:24.2.1(101209110000W)(10*m3)\r\n')]);
    expect(Object.keys(tables)).toEqual(['G0047303']);
    expect(tables['G0047303']?.[1]).toContain(';10;RAW');
  });

  test('of another meter that answered are none of this one', () => {
    const other = record(1, dsmr(5, 10), { circumstances: { otherMeter: 'E0030123' } });
    expect(Object.keys(tablesOf([other]))).toEqual(['E0030123']);
  });
});

test('names, place and number are in every table, and the column of serial numbers holds the meter’s', () => {
  const meters = [{ meter: 7, name: 'Strom Büro', place: 'Keller', serialNumber: '00000005' }];
  const records = [amsRecord({ seq: 1, meter: 7, data: '1.8.0=15*kWh' })];
  const textOf = (format: ExportFormat) =>
    [...exportAll(format, records, { unit: 'OpenHHU', meters }).values()].join('');
  expect(textOf('valuereport')).toContain('\r\n00000005;Strom Büro;Keller;');
  expect(textOf('csv')).toMatch(/;00000005;Strom Büro;Keller;;;7;;;;whole\r\n$/);
  const words = { meterNumber: '00000005', meterName: 'Strom Büro', meterPlace: 'Keller' };
  expect(JSON.parse(textOf('json'))).toMatchObject([words]);
  expect(JSON.parse(textOf('jsonl'))).toMatchObject(words);
});

describe('where a meter was exchanged', () => {
  const meters = [{ meter: 7, name: 'House', serialNumber: '22223333' }];
  const textOf = (format: ExportFormat, data: string, change: Partial<AmsRecord> = {}) => {
    const record = amsRecord({ meter: 7, data, ...change });
    return [...exportAll(format, [record], { meters, decode: decodeRecord }).values()].join('');
  };

  test.each([
    ['47110815', '0.0.0(47110815)'],
    ['47110815', '1-0:0.0.0*255(47110815)'],
    ['47110815', '0.0(47110815)'],
    ['47110815', 'C.1.0(47110815)'],
    ['11111111', '0.0.0(11111111)'],
  ])('the number %s in the data goes before the present one of the list: %s', (number, line) => {
    const data = `${line}\r\n1.8.0(100.0*kWh)\r\n`;
    expect(textOf('valuereport', data)).toContain(`\r\n${number};House;`);
    expect(textOf('csv', data)).toContain(`;${number};House;;;;7;;;;whole\r\n`);
    expect(JSON.parse(textOf('json', data))).toMatchObject([{ meterNumber: number }]);
  });

  test('the reading of another meter says so, and its figures stand in no column to be summed', () => {
    const other = { circumstances: { otherMeter: '47110815', blockCheck: 'bad' } } as const;
    const data = '0.0.0(47110815)\r\n1.8.0(4901.0*kWh)\r\n';
    const records = [
      amsRecord({ seq: 1, meter: 7, data: '0.0.0(22223333)\r\n1.8.0(5.0*kWh)\r\n' }),
      amsRecord({ seq: 2, meter: 7, data: data.replace('1.8.0', '2.8.0'), ...other }),
    ];
    const [report = ''] = exportAll('valuereport', records, { meters, decode: decodeRecord }).values();
    expect(report.split('\r\n')[0]).toBe(`${HEAD}0.0.0;1.8.0 [kWh];raw`);
    expect(report).toContain('\r\n47110815;House;');
    expect(report).toContain(';2;0;another meter;;;;"0.0.0(47110815)');
    expect(textOf('csv', data, other)).toContain(';47110815;House;;47110815;;7;;;;another meter\r\n');
  });
});

test('in a German spreadsheet a value report keeps its values and its zeros', () => {
  const form = { separator: ';', decimalMark: ',', forSpreadsheet: true } as const;
  const data = 'C.1.0(00770041)\r\n1.8.0(25693.320*kWh)\r\n';
  const [text = ''] = exportAll('valuereport', [amsRecord({ data })], { decode: decodeRecord, form }).values();
  expect(text.startsWith('\uFEFFserial-number;')).toBe(true);
  expect(text).toContain('"=""00770041"""');
  expect(text).toContain(';"25693,320";');
});

test('what is cut off has no value, and what nothing vouches for says so', () => {
  const data = '1.8.0(000001*kWh)\r\n2.8.0(02614';
  const reportOf = (change: Partial<AmsRecord>) =>
    [...exportAll('valuereport', [amsRecord({ data, ...change })], { decode: decodeRecord }).values()].join('');
  expect(reportOf({})).toContain(';0;partial: 2.8.0;;1;');
  expect(reportOf({})).not.toMatch(/2\.8\.0 *\[|;2\.8\.0;/);
  expect(reportOf({ errorCode: 66_053 })).toContain(';66053;"unchecked: 1.8.0; partial: 2.8.0";;1;');
  const recordOf = (change: Partial<AmsRecord>) =>
    [...exportAll('csv', [amsRecord({ data, ...change })], { decode: decodeRecord }).values()].join('');
  expect(recordOf({})).toMatch(/;partial: 2\.8\.0\r\n$/);
  expect(recordOf({ data: '1.8.0(000001*kWh)', circumstances: { blockCheck: 'bad' } })).toMatch(/;unchecked\r\n$/);
  expect(reportOf({ data: '1.8.0(000001*kWh)', circumstances: { blockCheck: 'bad' } })).toContain(';0;unchecked;;1;');
});

test('value reports: meters whose names look the same get files of their own, hostile titles are text', () => {
  const files = exportAll('valuereport', [
    amsRecord({ seq: 1, identification: 'a/b', data: '=cmd=1*kWh' }),
    amsRecord({ seq: 2, identification: 'a:b', data: '' }),
  ]);
  expect([...files.keys()]).toEqual([
    'a-b-without-number_50-0663-0027_valuereport_20160606162614.csv',
    'a-b-without-number_50-0663-0027_valuereport_20160606162614-2.csv',
  ]);
  expect([...files.values()][0]).toContain(";'=cmd [kWh];raw");
});

test('records as CSV', () => {
  const [[name, text] = []] = [...exportAll('csv', [amsRecord({ data: '=1\r\n', port: 'IR head' }), WMBUS, SYSTART])];
  expect(name).toBe('50-0663-0027_records_20160606162614.csv');
  expect(text?.split(/(?<!1)\r\n/)).toEqual([
    'sequence_number;time_stamp;time_utc;record_type;protocol;index;error_code;device_identification;data;rssi;length;address;port;meter_number;meter_name;meter_place;other_meter;log;meter;slots;first_slot_utc;last_slot_utc;state',
    '1;1700000000;2023-11-14 22:13:20;AMS;IEC62056-21;1;0;OHU5.v10_001;"\'=1\r\n";;;;IR head;;;;;;;;;;',
    '4;1;1970-01-01 00:00:01;WMBUS;WMBUS;0;0;54001477;44A2057714005401;-68;8;;;54001477;;;;;;;;;',
    '3;0;1970-01-01 00:00:00;SYSTART;;;;;;;;;;;;;;;;;;;',
    '',
  ]);
});

test('numbers of records and meters are told with the log they mean something in, and with the slots they answer for', () => {
  const generation = '00000000-0000-4000-8000-00000000000a';
  const slots = { count: 3, first: Date.UTC(2023, 10, 14, 22, 0), last: Date.UTC(2023, 10, 14, 22, 2) };
  const textOf = (format: ExportFormat) =>
    [...exportAll(format, [amsRecord({ data: 'x', meter: 7, slots }), SYSTART], { generation }).values()].join('');
  const [, reading, start] = textOf('csv').split('\r\n');
  expect(reading).toMatch(new RegExp(`;${generation};7;3;2023-11-14 22:00:00;2023-11-14 22:02:00;$`));
  expect(start).toMatch(new RegExp(`SYSTART;.*;${generation};;;;;$`));
  expect(textOf('valuereport')).toContain(`;${generation};`);
  expect(JSON.parse(textOf('json'))).toMatchObject([{ seq: 1, meter: 7, slots, log: generation }, { log: generation }]);
});

test('JSON and JSON lines hold the records, the text listing is imported as it was', () => {
  fc.assert(
    fc.property(fc.array(anyRecord(), { maxLength: 5 }), (records) => {
      const textOf = (format: ExportFormat) => [...exportAll(format, records).values()].join('');
      // What was heard has its number beside it.
      const asKept = (record: LogRecord): LogRecord => {
        const { meterNumber: _, ...kept } = record as LogRecord & { readonly meterNumber?: string };
        return kept;
      };
      expect((JSON.parse(textOf('json')) as LogRecord[]).map(asKept)).toEqual(records);
      const lines = textOf('jsonl')
        .split('\n')
        .filter((line) => line !== '');
      expect(lines.map((line) => asKept(JSON.parse(line) as LogRecord))).toEqual(records);
      expect(importScdata(textOf('scdata')).records).toEqual(records.map(asListed));
    }),
  );
});

test('file names are never paths', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (identification, unit) => {
      for (const name of exportAll('valuereport', [amsRecord({ identification })], { unit }).keys()) {
        expect(name).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]*\.csv$/);
      }
    }),
  );
});
