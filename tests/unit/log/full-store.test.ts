import { afterEach, expect, test } from 'vitest';
import { openReader } from '../../../src/log/reader.ts';
import type { LogRecord } from '../../../src/log/record.ts';
import { openLog } from '../../../src/log/ring.ts';
import type { LogOptions, RecordDraft, RecordLog } from '../../../src/log/ring.ts';
import { full, withRefusingStore } from './refusing-store.ts';

let names = 0;
let now = 1_700_000_000_500;
const open: { close(): void }[] = [];

async function openTestLog(name = `full-${names++}`, options: Partial<LogOptions> = {}): Promise<RecordLog> {
  const log = await openLog({ clock: { now: () => now }, name, ...options });
  open.push(log);
  return log;
}

afterEach(() => {
  now = 1_700_000_000_500;
  for (const one of open.splice(0)) one.close();
});

const reading = (data: string): RecordDraft => ({
  type: 'AMS',
  protocol: 'IEC62056-21',
  index: 1,
  errorCode: 0,
  identification: 'OHU5.v10_001',
  data,
});
const seqs = (records: readonly LogRecord[]) => records.map(({ seq }) => seq);

test('a failed write is told from then on, until one succeeds', async () => {
  const told: unknown[] = [];
  const log = await openTestLog(undefined, { onHealth: () => told.push(log.health) });
  await log.append(reading('a'));
  await withRefusingStore(full, async () => {
    await expect(log.append(reading('b'))).rejects.toMatchObject({ name: 'QuotaExceededError' });
    now += 60_000;
    await expect(log.append(reading('c'))).rejects.toMatchObject({ name: 'QuotaExceededError' });
    await log.probe();
    expect(log.health).toEqual({
      notRecording: { since: 1_700_000_000_500, fault: 'full', message: expect.any(String) as string },
    });
  });
  expect(told).toHaveLength(1);
  await log.probe();
  expect(log.health).toEqual({});
  expect((await log.append(reading('d'))).seq).toBe(2);
});

test('where the store says full, the oldest go for the newest, and no more than these need', async () => {
  const log = await openTestLog();
  await log.appendMany(['a', 'b', 'c', 'd'].map(reading));
  let refusals = 1;
  await withRefusingStore(
    () => (refusals-- > 0 ? full() : undefined),
    () => log.append(reading('e')),
  );
  expect(seqs(await log.oldest(9))).toEqual([2, 3, 4, 5]);
  expect(log.health).toEqual({ fullSince: now });
  await log.append(reading('f'));
  expect(seqs(await log.oldest(9))).toEqual([2, 3, 4, 5, 6]);
  expect(log.health).toEqual({});
});

test('what does not go in pushes nothing out', async () => {
  const log = await openTestLog();
  await log.appendMany(['a', 'b', 'c'].map(reading));
  await withRefusingStore(full, async () => {
    for (let i = 0; i < 5; i++) await expect(log.append(reading('x'))).rejects.toThrow();
  });
  expect(seqs(await log.oldest(9))).toEqual([1, 2, 3]);
});

test('deleting works in a store that takes nothing, and the log goes on as if it had taken the counters', async () => {
  const name = `full-${names++}`;
  const log = await openTestLog(name);
  await log.appendMany(Array.from({ length: 5000 }, (_, i) => reading(`${i}`)));
  const { generation } = log;
  const reader = openReader({ name });
  open.push(reader);
  await withRefusingStore(full, async () => {
    expect(await log.deleteOldest(2)).toBe(2);
    expect(await log.delete([4, 7])).toBe(2);
    expect(log.count).toBe(4996);
    expect((await reader.page({ limit: 9 })).total).toBe(4996);
  });
  expect(seqs(await log.oldest(4))).toEqual([3, 5, 6, 8]);
  expect((await log.append(reading('new'))).seq).toBe(5001);
  expect([log.generation, log.count, await reader.count()]).toEqual([generation, 4997, 4997]);

  await withRefusingStore(full, () => log.deleteAll());
  expect([log.count, log.usedBytes]).toEqual([0, 0]);
  expect((await log.append(reading('after'))).seq).toBe(5002);
});

test('a start depends on no write', async () => {
  const name = `full-${names++}`;
  const log = await openTestLog(name);
  await log.append(reading('a'));
  log.close();
  await withRefusingStore(full, async () => {
    const again = await openTestLog(name);
    expect([again.count, seqs(await again.oldest(9))]).toEqual([1, [1]]);
  });
});

test('a storage that cannot be opened is told, and opened once it can be', async () => {
  const { open: openDatabase } = indexedDB;
  indexedDB.open = () => {
    throw new DOMException('Site data is blocked.', 'SecurityError');
  };
  const log = await openTestLog();
  expect(log.health.notRecording).toMatchObject({ fault: 'denied', message: 'Site data is blocked.' });
  indexedDB.open = openDatabase;
  expect((await log.append(reading('a'))).seq).toBe(1);
  expect(log.health).toEqual({});
});

test('a connection that died without a word is opened again', async () => {
  const log = await openTestLog();
  await log.append(reading('a'));
  (await log.database.use((db) => Promise.resolve(db))).close();
  expect((await log.append(reading('b'))).seq).toBe(2);
  (await log.database.use((db) => Promise.resolve(db))).close();
  expect(seqs(await log.oldest(9))).toEqual([1, 2]);
  expect(log.health).toEqual({});
});

test('a clock beyond what a time stamp holds records all the same, and says what it showed', async () => {
  const log = await openTestLog();
  now = Date.UTC(2107, 0, 1);
  expect(await log.append(reading('a'))).toMatchObject({ time: 0xffff_ffff, clock: now });
  now = Date.UTC(1969, 6, 20);
  expect(await log.append(reading('b'))).toMatchObject({ time: 0, clock: now });
  now = Date.UTC(2026, 0, 1);
  expect(await log.append(reading('c'))).toEqual({ ...reading('c'), seq: 3, time: now / 1000 });
});

test('a large log whose size a full store could not keep loses nothing to the next reading', async () => {
  const name = `full-${names++}`;
  const log = await openTestLog(name, { capacityBytes: 40 * 1024 * 1024 });
  // 20 MiB: more than a log holds that nobody made larger.
  const megabyte = 'x'.repeat(1024 * 1024);
  for (let i = 0; i < 21; i++) await log.append(reading(megabyte));
  await withRefusingStore(full, () => log.deleteOldest(1));
  log.close();

  const again = await openTestLog(name);
  expect(again.count).toBe(20);
  await again.append(reading('small'));
  expect(seqs(await again.oldest(30))).toEqual(Array.from({ length: 21 }, (_, i) => i + 2));
});
