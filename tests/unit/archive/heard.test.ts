/** What was heard by radio passes through every part of the archive like what was asked for. */
import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ArchiveClient } from '../../../src/archive/client.ts';
import type { RecordDraft, RecordLog } from '../../../src/log/ring.ts';
import { openArchive } from './rig.ts';

let log: RecordLog;
let archive: ArchiveClient;
let close: () => void;

const TELEGRAM = '44A2057714005401377277140054A2050137E7000000';
const heard = (change: object = {}): RecordDraft => ({
  type: 'WMBUS',
  rssi: -68,
  length: TELEGRAM.length / 2,
  data: TELEGRAM,
  ...change,
});
const asked = (change: object = {}): RecordDraft => ({
  type: 'AMS',
  protocol: 'IEC62056-21',
  index: 2,
  errorCode: 0,
  identification: 'OHU5',
  data: '1.8.0(5*kWh)\r\n',
  ...change,
});

beforeEach(async () => {
  ({ log, archive, close } = await openArchive());
  await log.appendMany([
    asked({ meter: 7, time: 100 }),
    heard({ meter: 7, index: 2, time: 200, port: 'Radio' }),
    heard({ time: 250 }),
    asked({ meter: 7, time: 300, data: '1.8.0(6*kWh)\r\n' }),
    asked({ meter: 8, time: 300, errorCode: 65_541, data: '' }),
    heard({ meter: 7, index: 2, time: 400 }),
    { type: 'SYSTART' },
  ]);
});

afterEach(() => close());

test.each([
  ['METER==7', [6, 4, 2, 1]],
  ['PROTOCOL==WMBUS', [6, 3, 2]],
  ['PROTOCOL!=WMBUS', [5, 4, 1]],
  ['IDENT==54001477;METER==7', [6, 2]],
  ['ERROR_CODE==0', [6, 4, 3, 2, 1]],
  ['TABLE_ID==2;RECORD_TYPE==WMBUS', [6, 2]],
  ['RECORD_TYPE!=WMBUS', [7, 5, 4, 1]],
])('the filter finds it: %s', async (filter, seqs) => {
  const { records, total } = await archive.call('page', { filter, limit: 9 });
  expect(records.map(({ seq }) => seq)).toEqual(seqs);
  expect(total).toBe(seqs.length);
});

test('it is the newest reading of its meter, and no failed one in its series', async () => {
  const [recent] = await archive.call('recent', { meters: [7], points: 3 });
  expect(recent?.last).toMatchObject({ type: 'WMBUS', seq: 6, protocol: 'WMBUS', errorCode: 0 });
  expect(recent?.seqs.toSorted()).toEqual([2, 4, 6]);
  const series = await archive.call('series', { meter: 7, codes: ['1.8.0'], maxPoints: 9, thinning: 'even' });
  expect([...series.times]).toEqual([100, 300]);
  expect([...series.failed]).toEqual([0, 0]);
  expect(await archive.call('extent', { meter: 7 })).toEqual({ first: 100, last: 400 });
  const readings = await archive.call('readings', {
    protocol: 'WMBUS',
    stored: { identification: '', data: TELEGRAM },
  });
  expect(readings.map(({ label, value }) => [label, value])).toEqual([
    ['ID', { type: 'text', text: '54001477' }],
    ['STATUS', { type: 'text', text: 'OK' }],
  ]);
});

test('exports name its meter, protocol and outcome', async () => {
  const meters = [{ meter: 7, name: 'Cellar', place: 'Left' }];
  const textOf = async (format: 'csv' | 'jsonl' | 'scdata') => {
    const { files } = await archive.call('export', { format, filter: 'SEQ==2', meters });
    return (await files[0]?.content.text()) ?? '';
  };
  const [, row = ''] = (await textOf('csv')).split('\r\n');
  expect(row).toContain(
    `2;200;1970-01-01 00:03:20;WMBUS;WMBUS;2;0;54001477;${TELEGRAM};-68;22;;Radio;54001477;Cellar;Left;;`,
  );
  // Behind the number of the log that of the meter in the list.
  expect(row).toMatch(/;7;;;;whole$/);
  expect(JSON.parse(await textOf('jsonl'))).toMatchObject({
    type: 'WMBUS',
    meterNumber: '54001477',
    meterName: 'Cellar',
  });
  expect(await textOf('scdata')).toBe(`^SCDATA: "WMBUS",200,2,-68,22,"${TELEGRAM}"\r\n`);
});

test('a value report keeps a meter of the list in one table, however it was read, and others by their link header', async () => {
  const { files } = await archive.call('export', { format: 'valuereport', filter: 'METER==7', codes: ['1.8.0'] });
  expect(files).toHaveLength(1);
  const rows = ((await files[0]?.content.text()) ?? '').trimEnd().split(/\r\n(?!")/);
  expect(rows.map((row) => row.split(';')[6])).toEqual(['value-data-count', '1', '2', '4', '6']);
  const radio = await archive.call('export', { format: 'valuereport', filter: 'SEQ==3' });
  expect(radio.files.map(({ name }) => name)).toEqual(['54001477_OpenHHU_valuereport_20261120100000.csv']);
});
