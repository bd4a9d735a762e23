import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ArchiveClient } from '../../../src/archive/client.ts';
import { bulkDecoder } from '../../../src/archive/decode.ts';
import type { RecordDraft, RecordLog } from '../../../src/log/ring.ts';
import { openArchive } from './rig.ts';

let log: RecordLog;
let archive: ArchiveClient;
let close: () => void;

beforeEach(async () => {
  ({ log, archive, close } = await openArchive());
});

afterEach(() => close());

const reading = (data: string, change: object = {}): RecordDraft => ({
  type: 'AMS',
  protocol: 'IEC62056-21',
  index: 1,
  meter: 1,
  errorCode: 0,
  identification: 'OHU5',
  data,
  ...change,
});

test('arriving data is decoded as far as it goes, that of a protocol nobody knows not at all', async () => {
  const stored = { identification: '', data: '1.8.0(5*kWh)\r\n2.8', circumstances: { partial: true } };
  const readings = await archive.call('readings', { protocol: 'IEC62056-21', stored });
  expect(readings.map(({ label }) => label)).toContain('1.8.0');
  expect(await archive.call('readings', { protocol: 'none', stored })).toEqual([]);
});

/** As long as a load profile of a few days; a chunk of the log holds a few of them. */
const profile = (register: number) => `1.8.0(${register}*kWh)\r\n`.repeat(3000);
const arriving = { protocol: 'IEC62056-21', stored: { identification: '', data: '1.8.0(5*kWh)\r\n' } } as const;

test.each([
  ['an export', (client: ArchiveClient) => client.call('export', { format: 'jsonl' })],
  [
    'a series',
    (client: ArchiveClient) => client.call('series', { meter: 1, codes: [], maxPoints: 9, thinning: 'even' }),
  ],
  ['the newest readings', (client: ArchiveClient) => client.call('recent', { meters: [1], points: 20 })],
  ['a pasted text', (client: ArchiveClient) => client.call('exportDecoded', { text: `${profile(1)}!\r\n`.repeat(20) })],
] as const)('%s that runs lets a reading that arrives through, one after another', async (_, begin) => {
  await log.appendMany(Array.from({ length: 20 }, (_, i) => reading(profile(i))));
  let isRunning = true;
  const job = begin(archive).finally(() => (isRunning = false));
  let answered = 0;
  for (let i = 0; i < 10; i++) {
    await archive.call('readings', arriving);
    if (isRunning) answered++;
  }
  expect(answered).toBe(10);
  await job;
});

test('a job that decodes much gives way between two records, one of small ones does not each time', async () => {
  const decode = bulkDecoder();
  let turns = 0;
  let isOver = false;
  const count = () => {
    turns++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  for (let i = 0; i < 1000; i++) await decode('IEC62056-21', { identification: '', data: '' });
  expect(turns).toBe(0);
  for (let i = 0; i < 3; i++) await decode('IEC62056-21', { identification: '', data: 'x'.repeat(64 * 1024) });
  isOver = true;
  expect(turns).toBeGreaterThan(0);
});

test('the number of a meter is that of its good record; another one’s, and that of a failed read, is none', async () => {
  const data = '0.0.0(31004711)\r\n1.8.0(5*kWh)';
  await log.appendMany([
    reading(data),
    reading(data, { errorCode: 65_541 }),
    reading(data, { circumstances: { otherMeter: '31004711' } }),
    reading('1.8.0(5*kWh)'),
    { type: 'SYSTART' },
  ]);
  const numbers = [];
  for (let seq = 1; seq <= 6; seq++) numbers.push(await archive.call('meterNumber', { seq }));
  expect(numbers).toEqual(['31004711', undefined, undefined, undefined, undefined, undefined]);
});
