import { strFromU8, unzipSync } from 'fflate/browser';
import { expect, test } from 'vitest';
import type { Pass } from '../../../src/archive/export-workbook.ts';
import { exportWorkbook } from '../../../src/archive/export-workbook.ts';
import { zip } from '../../../src/archive/zip.ts';
import type { ExportOptions } from '../../../src/log/export/exporter.ts';
import type { LogRecord } from '../../../src/log/record.ts';
import { decodeStored } from '../protocols/decode-stored.ts';
import { amsRecord } from '../log/records.ts';

const options: ExportOptions = {
  unit: 'OpenHHU',
  generation: 'this log',
  now: new Date('2026-11-29T10:00:00Z'),
};

const decode = (record: LogRecord) => (record.type === 'AMS' ? decodeStored(record.protocol, record) : []);

const over =
  (records: readonly LogRecord[], readingsOf = decode): Pass =>
  (visit) => {
    for (const record of records) visit(record, readingsOf(record));
    return Promise.resolve(records.length);
  };

async function unpacked(content: Blob): Promise<Record<string, string>> {
  const files = unzipSync(new Uint8Array(await content.arrayBuffer()));
  return Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, strFromU8(bytes)]));
}

/** Cells of a sheet by their place, texts looked up. */
function cellsOf(files: Record<string, string>, sheet: number): Map<string, string | number> {
  const texts = [...(files['xl/sharedStrings.xml'] ?? '').matchAll(/<si><t[^>]*>([^<]*)<\/t><\/si>/g)].map(
    ([, text]) => text,
  );
  const cells = [
    ...(files[`xl/worksheets/sheet${sheet}.xml`] ?? '').matchAll(/<c r="([A-Z]+\d+)"([^>]*)><v>([^<]*)<\/v>/g),
  ];
  return new Map(
    cells.map(([, place = '', attributes = '', value = '']) => [
      place,
      attributes.includes('t="s"') ? (texts[Number(value)] ?? '') : Number(value),
    ]),
  );
}

test('a workbook holds numbers as numbers, and whatever looks like one as the text it is', async () => {
  const meters = [{ meter: 7, name: 'Flat 3/4', place: 'Mar 5' }];
  const data =
    'C.1.0(00770041)\r\n1.8.0(25693.320*kWh)\r\n1.8.1(1234567890123456.7*kWh)\r\nF.F(=1+1)\r\n0.9.2(261129)\r\n';
  const { count, files } = await exportWorkbook(
    { ...options, meters },
    over([amsRecord({ seq: 4, meter: 7, time: 1_700_000_000, data })]),
  );
  expect(count).toBe(1);
  expect(files.map(({ name }) => name)).toEqual(['770041_OpenHHU_valuereport_20261129100000.xlsx']);
  const [file] = files;
  if (!file) throw new Error('no file');
  const parts = await unpacked(file.content);
  expect(parts['xl/workbook.xml']).toContain('name="Flat 3 4"');
  const cells = cellsOf(parts, 1);
  const head = 'ABCDEFGHIJKLMNOP'.split('').map((column) => cells.get(`${column}1`));
  expect(head.slice(0, 10)).toEqual([
    'serial-number',
    'name',
    'place',
    'device-identification',
    'address',
    'created',
    'value-data-count',
    'error-code',
    'state',
    'log',
  ]);
  expect(head.slice(10)).toEqual(['C.1.0', '1.8.0 [kWh]', '1.8.1 tariff 1 [kWh]', 'F.F', '0.9.2', 'raw']);
  const row = 'ABCDEFGHIJKLMNOP'.split('').map((column) => cells.get(`${column}2`));
  expect(row.slice(0, 3)).toEqual(['00770041', 'Flat 3/4', 'Mar 5']);
  // Days since the end of 1899, as workbooks count.
  expect(row[5]).toBeCloseTo(25_569 + 1_700_000_000 / 86_400, 6);
  expect(row.slice(6, 14)).toEqual([4, 0, 'whole', 'this log', '00770041', 25693.32, '1234567890123456.7', '=1+1']);
  expect(row[14]).toBe(46_355);
  expect(parts['xl/styles.xml']).toContain('0.000');
});

test('each meter has a sheet, whatever it is called', async () => {
  const names = ['History', 'a/b', 'a:b', 'A b', 'x'.repeat(40), '[]', "'"];
  const meters = names.map((name, meter) => ({ meter, name }));
  const records = names.map((_, meter) => amsRecord({ seq: meter + 1, meter, data: `1.8.0(${meter}*kWh)` }));
  const { files } = await exportWorkbook({ ...options, meters }, over(records));
  expect(files.map(({ name }) => name)).toEqual(['OpenHHU_valuereport_20261129100000.xlsx']);
  const parts = await unpacked(files[0]?.content ?? new Blob());
  const sheets = [...(parts['xl/workbook.xml'] ?? '').matchAll(/<sheet [^>]*name="([^"]*)"/g)].map(([, name]) => name);
  expect(sheets).toEqual(['History', 'a b', 'a b 2', 'A b 3', 'x'.repeat(31), 'Meter', 'Meter 2']);
});

test('what a workbook cannot hold is said before it is tried', async () => {
  const records = Array.from({ length: 70_000 }, (_, i) => amsRecord({ seq: i, meter: 1, data: '' }));
  const running = exportWorkbook(
    options,
    over(records, () => manyReadings),
  );
  await expect(running).rejects.toThrow(/Choose fewer records, or CSV/);
});

const manyReadings = decodeStored('IEC62056-21', {
  identification: '',
  data: Array.from({ length: 20 }, (_, i) => `${i + 1}.8.0(1)\r\n`).join(''),
});

test('no records are no file', async () => {
  expect(await exportWorkbook(options, over([]))).toEqual({ count: 0, files: [] });
});

test('the zip that needs no worker holds what it was given', () => {
  const files = { 'a.xml': new Uint8Array(300_000).fill(65), 'b/c.xml': Uint8Array.of(1, 2, 3) };
  let archive = new Uint8Array(0);
  zip(files, (error, made) => {
    expect(error).toBeNull();
    archive = made;
  });
  expect(unzipSync(archive)).toEqual(files);
});
