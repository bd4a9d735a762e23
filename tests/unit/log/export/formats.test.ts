import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Reading } from '../../../../src/protocols/common/reading.ts';
import type { ExportFormat, ExportOptions } from '../../../../src/log/export/exporter.ts';
import { createExporter } from '../../../../src/log/export/formats.ts';
import { importScdata } from '../../../../src/log/import.ts';
import type { LogRecord } from '../../../../src/log/record.ts';
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
function decode(record: LogRecord): Reading[] {
  if (record.type !== 'AMS') return [];
  return [...record.data.matchAll(/(\S+)=(\d+)\*(\S+)/g)].map((m) => register(m[1] ?? '', Number(m[2]), m[3] ?? ''));
}

function exportAll(
  format: ExportFormat,
  records: readonly LogRecord[],
  options: Partial<ExportOptions> = {},
): Map<string, string> {
  const exporter = createExporter(format, {
    unit: '50-0663-0027',
    now: new Date('2016-06-06T16:26:14.5Z'),
    decode,
    ...options,
  });
  const files = new Map<string, string>();
  if (exporter.survey) records.forEach(exporter.survey);
  for (const { fileName, text } of [
    ...exporter.open(),
    ...records.flatMap((record) => exporter.write(record)),
    ...exporter.close(),
  ]) {
    files.set(fileName, (files.get(fileName) ?? '') + text);
  }
  return files;
}

const SYSTART: LogRecord = { type: 'SYSTART', time: 0, seq: 3 };
const WMBUS: LogRecord = { type: 'WMBUS', time: 1, seq: 4, rssi: -68, length: 8, data: '44A2057714005401' };

test('value reports: a file for each meter, named as in seed 002, columns over all of its records', () => {
  const meter = { address: '*08031768@2400', time: 1_465_230_374 };
  const files = exportAll('valuereport', [
    amsRecord({ ...meter, seq: 1, data: '1.8.0=15*kWh' }),
    amsRecord({ seq: 2, address: '', identification: '../../etc/passwd', data: 'x' }),
    SYSTART,
    amsRecord({ ...meter, seq: 5, errorCode: 65_541, data: '1.8.0=16*kWh 2.8.0=7*kWh 2.8.0=8*kWh' }),
    WMBUS,
  ]);
  expect(Object.fromEntries(files)).toEqual({
    '8031768_50-0663-0027_valuereport_20160606162614.csv':
      'serial-number;device-identification;created;value-data-count;error-code;1.8.0 [kWh];2.8.0 [kWh];2.8.0 [kWh] #2;raw\r\n' +
      '50-0663-0027;8031768;2016-06-06 16:26:14;1;0;1.5;;;1.8.0=15*kWh\r\n' +
      '50-0663-0027;8031768;2016-06-06 16:26:14;5;65541;1.6;0.7;0.8;1.8.0=16*kWh 2.8.0=7*kWh 2.8.0=8*kWh\r\n',
    'etc-passwd_50-0663-0027_valuereport_20160606162614.csv':
      'serial-number;device-identification;created;value-data-count;error-code;raw\r\n50-0663-0027;etc-passwd;2023-11-14 22:13:20;2;0;x\r\n',
    '54001477_50-0663-0027_valuereport_20160606162614.csv':
      'serial-number;device-identification;created;value-data-count;error-code;raw\r\n50-0663-0027;54001477;1970-01-01 00:00:01;4;0;44A2057714005401\r\n',
  });
});

test('value reports: meters whose names look the same get files of their own, hostile titles are text', () => {
  const files = exportAll('valuereport', [
    amsRecord({ seq: 1, identification: 'a/b', data: '=cmd=1*kWh' }),
    amsRecord({ seq: 2, identification: 'a:b', data: '' }),
  ]);
  expect([...files.keys()]).toEqual([
    'a-b_50-0663-0027_valuereport_20160606162614.csv',
    'a-b_50-0663-0027_valuereport_20160606162614-2.csv',
  ]);
  expect([...files.values()][0]).toContain(";'=cmd [kWh];raw");
});

test('records as CSV', () => {
  const [[name, text] = []] = [...exportAll('csv', [amsRecord({ data: '=1\r\n', port: 'IR head' }), WMBUS, SYSTART])];
  expect(name).toBe('50-0663-0027_records_20160606162614.csv');
  expect(text?.split(/(?<!1)\r\n/)).toEqual([
    'sequence_number;time_stamp;time_utc;record_type;protocol;index;error_code;device_identification;data;rssi;length;address;port',
    '1;1700000000;2023-11-14 22:13:20;AMS;IEC62056-21;1;0;OHU5.v10_001;"\'=1\r\n";;;;IR head',
    '4;1;1970-01-01 00:00:01;WMBUS;;;;;44A2057714005401;-68;8;;',
    '3;0;1970-01-01 00:00:00;SYSTART;;;;;;;;;',
    '',
  ]);
});

test('JSON and JSON lines hold the records, the text listing is imported as it was', () => {
  fc.assert(
    fc.property(fc.array(anyRecord(), { maxLength: 5 }), (records) => {
      const textOf = (format: ExportFormat) => [...exportAll(format, records).values()].join('');
      expect(JSON.parse(textOf('json'))).toEqual(records);
      const lines = textOf('jsonl')
        .split('\n')
        .filter((line) => line !== '');
      expect(lines.map((line) => JSON.parse(line) as LogRecord)).toEqual(records);
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
