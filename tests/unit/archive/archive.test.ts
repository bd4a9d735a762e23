import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Progress } from '../../../src/archive/api.ts';
import type { ArchiveClient } from '../../../src/archive/client.ts';
import type { LogState } from '../../../src/log/log-state.ts';
import type { RecordDraft, RecordLog } from '../../../src/log/ring.ts';
import { openArchive } from './rig.ts';

let log: RecordLog;
let archive: ArchiveClient;
let close: () => void;

beforeEach(async () => {
  ({ log, archive, close } = await openArchive());
});

afterEach(() => close());

const reading = (i: number): RecordDraft => ({
  type: 'AMS',
  protocol: 'IEC62056-21',
  index: i % 3,
  errorCode: i % 5 === 0 ? 65_541 : 0,
  identification: `OHU5.v10_00${i % 3}`,
  data: `1.8.0(${i}*kWh)\r\n`,
});
const readings = (count: number) => Array.from({ length: count }, (_, i) => reading(i));

test('a page has the newest matches, their exact count and the state of the log', async () => {
  await log.appendMany(readings(30));
  const page = await archive.call('page', { filter: 'error_code!=0', limit: 2 });
  expect(page.records.map(({ seq }) => seq)).toEqual([26, 21]);
  expect(page.total).toBe(6);
  expect(page.state.count).toBe(30);
  expect((await archive.call('page', { filter: 'error_code!=0', before: 21, limit: 99 })).records).toHaveLength(4);
  expect(await archive.call('count', { filter: 'IDENT==*_001;TABLE_ID==1' })).toBe(10);
  expect(await archive.call('count', {})).toBe(30);
  expect(await archive.call('get', { seq: 3 })).toMatchObject({ data: '1.8.0(2*kWh)\r\n' });
  expect(await archive.call('get', { seq: 31 })).toBeUndefined();
});

test('what was confirmed a moment ago is on the page, what was deleted is not', async () => {
  await archive.call('load', undefined);
  await log.append(reading(1));
  expect((await archive.call('page', { limit: 9 })).total).toBe(1);
  await log.appendMany(readings(3));
  await log.delete([2]);
  expect((await archive.call('page', { limit: 9 })).records.map(({ seq }) => seq)).toEqual([4, 3, 1]);
  await log.deleteAll();
  expect(await archive.call('page', { limit: 9 })).toMatchObject({ records: [], total: 0 });
});

test('a filter with a mistake rejects and says which', async () => {
  await expect(archive.call('page', { filter: 'FOO==1', limit: 9 })).rejects.toThrow(/"FOO" is not a parameter/);
});

test('watching tells the state now and after every change, until it is stopped', async () => {
  const states: LogState[] = [];
  const controller = new AbortController();
  let told: () => void = () => {};
  const nextState = () => new Promise<void>((resolve) => (told = resolve));
  const first = nextState();
  const watching = archive.call('watch', undefined, {
    signal: controller.signal,
    onEvent: (state) => {
      states.push(state);
      told();
    },
  });
  await first;
  const second = nextState();
  await log.append(reading(1));
  await second;
  controller.abort();
  await watching;
  expect(states.map(({ count }) => count)).toEqual([0, 1]);
});

test('value reports are decoded, one file a meter, with progress over both passes', async () => {
  await log.appendMany([...readings(4), { type: 'SYSTART' }]);
  const progress: Progress[] = [];
  const { count, files } = await archive.call(
    'export',
    { format: 'valuereport', unit: '50-1', filter: 'TABLE_ID<=1' },
    { onEvent: (event) => progress.push(event) },
  );
  expect(count).toBe(3);
  expect(progress).toEqual([
    { done: 3, total: 6 },
    { done: 6, total: 6 },
  ]);
  expect(files.map(({ name }) => name)).toEqual([
    'OHU5.v10-000-without-number_50-1_valuereport_20261120100000.csv',
    'OHU5.v10-001-without-number_50-1_valuereport_20261120100000.csv',
  ]);
  const text = (await files[0]?.content.text()) ?? '';
  expect(text.replaceAll(log.generation, 'LOG')).toBe(
    'serial-number;name;place;device-identification;address;created;value-data-count;error-code;state;log;1.8.0 [kWh];raw\r\n' +
      ';;;OHU5.v10_000;;2026-11-20 10:00:00;1;65541;unchecked;LOG;0;"1.8.0(0*kWh)\r\n"\r\n' +
      ';;;OHU5.v10_000;;2026-11-20 10:00:00;4;0;whole;LOG;3;"1.8.0(3*kWh)\r\n"\r\n',
  );
  expect(files[0]?.content.type).toBe('text/csv;charset=utf-8');
});

test('an export can be cancelled', async () => {
  await log.appendMany(readings(2500));
  const controller = new AbortController();
  const seen: Progress[] = [];
  const exporting = archive.call(
    'export',
    { format: 'jsonl' },
    {
      signal: controller.signal,
      onEvent: (event) => {
        seen.push(event);
        controller.abort();
      },
    },
  );
  await expect(exporting).rejects.toMatchObject({ name: 'AbortError' });
  expect(seen.length).toBeLessThan(3);
});

test('a listing is looked at, stored once, and not again', async () => {
  await log.appendMany(readings(3));
  const { files } = await archive.call('export', { format: 'scdata' });
  const own = (await files[0]?.content.text()) ?? '';
  const text = `${own}^SCDATA: "AMS",1412698863,472,"IEC62056-21",1,0,"OHU5","1.8.0(1*kWh)"\r\n^SCDATA: "SYSTART",5,6\r\nOK\r\nwhat?\r\n`;

  const look = await archive.call('import', { text, store: false });
  expect(look).toMatchObject({ found: 5, stored: 0, problems: [{ message: 'Not a record, left out: "what?"' }] });
  expect(look.preview.map(({ seq }) => seq)).toEqual([1, 2, 3, 472, 6]);
  expect(log.count).toBe(3);

  expect((await archive.call('import', { text, store: true })).stored).toBe(2);
  expect((await archive.call('page', { limit: 2 })).records).toMatchObject([
    { seq: 5, importedSeq: 6, time: 5 },
    { seq: 4, importedSeq: 472, time: 1_412_698_863 },
  ]);
  expect((await archive.call('import', { text, store: true })).stored).toBe(0);
});

test('a value report of many meters is kept in few blobs: each costs memory beside its content', async () => {
  await log.setCapacity(2 ** 26);
  const meters = 40;
  for (let i = 0; i < 100; i++) {
    await log.appendMany(
      Array.from({ length: 100 }, (_, k) => ({
        ...reading(i),
        data: '1.8.0(1*kWh)',
        address: `${(100 * i + k) % meters}`,
        meter: 1 + (k % meters),
      })),
    );
  }
  let blobs = 0;
  const { Blob } = globalThis;
  globalThis.Blob = class extends Blob {
    constructor(...parts: ConstructorParameters<typeof Blob>) {
      super(...parts);
      blobs++;
    }
  };
  try {
    const { files, count } = await archive.call('export', { format: 'valuereport' });
    expect(count).toBe(10_000);
    const size = files.reduce((sum, { content }) => sum + content.size, 0);
    expect(blobs).toBeLessThanOrEqual(files.length + size / (64 * 1024));
    const rows = (await Promise.all(files.map(({ content }) => content.text()))).map(
      (text) => text.split('\r\n').length - 2,
    );
    expect(rows.reduce((a, b) => a + b, 0)).toBe(10_000);
  } finally {
    globalThis.Blob = Blob;
  }
});

test('a meter list file is read here, so that a bad one holds up no reading', async () => {
  const rows = ['2;iec62056-21;947834;1h;Flat 1', '2;MBUS;bad;1H;', '2;1;1@99;1H;', '1;2;*12345678;1D;'];
  const text = `port;protocol;address;interval;name\r\n${rows.join('\r\n')}\r\n`;
  const { meters, problems, furtherProblems } = await archive.call('readMeterList', { text });
  expect(meters).toEqual([
    { port: 2, protocol: 'IEC62056-21', address: '947834', interval: '1H', enabled: true, name: 'Flat 1' },
    { port: 1, protocol: 'MBUS', address: '*12345678', interval: '1D', enabled: true },
  ]);
  expect(problems.map(({ row }) => row)).toEqual([3, 4]);
  expect(furtherProblems).toBe(0);
});
