import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { oneSlot } from '../../../../src/ams/due.ts';
import { openSlotStore, settleOutcome, settleRestored } from '../../../../src/ams/slot-store.ts';
import { createJournal } from '../../../../src/log/journal/journal.ts';
import type { Restored } from '../../../../src/log/journal/put-back.ts';
import { exportKept } from '../../../../src/archive/kept-copies.ts';
import { importScdata } from '../../../../src/log/import.ts';
import { listKept } from '../../../../src/log/journal/kept.ts';
import { connectDatabase } from '../../../../src/log/database.ts';
import { openReader } from '../../../../src/log/reader.ts';
import type { LogState } from '../../../../src/log/log-state.ts';
import type { LogRecord } from '../../../../src/log/record.ts';
import { openLog } from '../../../../src/log/ring.ts';
import type { RecordDraft, RecordLog } from '../../../../src/log/ring.ts';
import { anyDraft } from '../records.ts';
import { full, nearlyFull, withRefusingStore } from '../refusing-store.ts';
import { memoryFiles } from './memory-files.ts';
import type { MemoryFiles } from './memory-files.ts';
import { turns } from '../../engine/turns.ts';

let names = 0;
const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

interface TestLog {
  readonly log: RecordLog;
  readonly restored: Restored[];
}

async function start(name: string, files: MemoryFiles): Promise<TestLog> {
  const restored: Restored[] = [];
  files.unlock();
  const log = await openLog({
    clock: { now: () => 1_700_000_000_500 },
    name,
    createJournal: (turn) =>
      createJournal({
        openFiles: () => Promise.resolve(files),
        turn,
        settleRestored,
        onRestored: (what) => restored.push(what),
        onChange: () => undefined,
      }),
  });
  open.push(log);
  return { log, restored };
}

/** Waits until the copy is true for the log, or was given up. */
async function settled({ log }: TestLog): Promise<void> {
  for (let i = 0; i < 10_000 && log.journal?.state.state === 'copying'; i++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

function removeDatabase(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(new Error('not deleted'));
  });
}

async function allRecords(log: RecordLog): Promise<readonly LogRecord[]> {
  return await log.oldest(100_000);
}

const reading = (data: string, meter?: number, slot?: number): RecordDraft => ({
  type: 'AMS',
  protocol: 'IEC62056-21',
  index: 1,
  errorCode: 0,
  identification: 'OHU5.v10_001',
  data,
  ...(meter === undefined ? {} : { meter }),
  ...(slot === undefined ? {} : { slots: oneSlot(slot) }),
});

test('a database that is gone is put back: records, counters, settings, claims; and it is said', async () => {
  const name = `journal-${names++}`;
  const files = memoryFiles();
  const first = await start(name, files);
  const { log } = first;
  const db = await log.database.use((db) => Promise.resolve(db));
  await db.put('settings', { key: 'ams', value: { meters: ['a'] } });
  await log.append(reading('early'));
  await settled(first);
  await log.appendMany([reading('a', 1, 900_000), reading('b', 2), reading('c', 1)]);
  await db.put('settings', { key: 'ams', value: { meters: ['a', 'b'] } });
  log.database.noteSettings();
  await settled(first);
  await log.delete([3]);
  await log.append(reading('d'));
  const before = await allRecords(log);
  const { generation } = log;
  log.close();
  await removeDatabase(name);

  const again = await start(name, files);
  expect(again.restored).toEqual([{ why: 'empty', records: 4 }]);
  expect(await allRecords(again.log)).toEqual(before);
  expect([again.log.count, again.log.newestSeq, again.log.generation]).toEqual([4, 5, generation]);
  const rebuilt = await again.log.database.use((db) => Promise.resolve(db));
  expect(await rebuilt.get('settings', 'ams')).toEqual({ key: 'ams', value: { meters: ['a', 'b'] } });
  expect(await rebuilt.getAll('claims')).toMatchObject([
    { meterId: '1', slot: -1, lastSlot: 900_000, open: [] },
    { meterId: '1', slot: 900_000 },
  ]);
  expect((await again.log.append(reading('e'))).seq).toBe(6);
  await settled(again);
  again.log.close();
  await removeDatabase(name);
  expect((await allRecords((await start(name, files)).log)).map(({ seq }) => seq)).toEqual([1, 2, 4, 5, 6]);
});

test('a log from before there was a copy is copied, and what comes in meanwhile', async () => {
  const name = `journal-${names++}`;
  const old = await openLog({ clock: { now: () => 0 }, name });
  await old.appendMany(Array.from({ length: 1800 }, (_, i) => reading(`${i}`)));
  old.close();
  const files = memoryFiles();
  const first = await start(name, files);
  await Promise.all([
    first.log.append(reading('new')),
    first.log.delete([2, 1700]),
    first.log.append(reading('newer')),
  ]);
  await settled(first);
  expect(first.log.journal?.state).toEqual({ state: 'written' });
  const before = await allRecords(first.log);
  first.log.close();
  await removeDatabase(name);
  expect(await allRecords((await start(name, files)).log)).toEqual(before);
});

test('where what puts it back cannot be loaded, no log begins in its place, and the next start puts it back', async () => {
  const part = '../../../../src/log/journal/put-back.ts';
  const name = `journal-${names++}`;
  const files = memoryFiles();
  const first = await start(name, files);
  await first.log.append(reading('a'));
  await settled(first);
  first.log.close();
  await removeDatabase(name);

  vi.doMock(part, () => {
    throw new Error('Failed to fetch dynamically imported module');
  });
  try {
    const without = await start(name, files);
    await expect(without.log.append(reading('b'))).rejects.toThrow();
    expect(without.log.health.notRecording?.fault).toBe('failed');
    without.log.close();
  } finally {
    vi.doUnmock(part);
  }
  const again = await start(name, files);
  expect(again.restored).toEqual([{ why: 'empty', records: 1 }]);
  expect(await allRecords(again.log)).toMatchObject([{ data: 'a' }]);
});

test('after a passing failure of the files, the copy of the log before is kept and the new log gets one', async () => {
  const name = `journal-${names++}`;
  const files = memoryFiles();
  const first = await start(name, files);
  for (const data of 'abc') await first.log.append(reading(data));
  await settled(first);
  first.log.close();
  await removeDatabase(name);
  const { names: list } = files;
  files.names = () => Promise.reject(new DOMException('', 'UnknownError'));
  const failed = await start(name, files);
  await failed.log.append(reading('new'));
  expect(failed.log.journal?.state.state).toBe('none');
  failed.log.close();
  files.names = list;
  const before = new Map(files.contents);

  const again = await start(name, files);
  await settled(again);
  expect(again.log.journal?.state).toEqual({ state: 'written', kept: 1 });
  for (const [file, bytes] of before) expect(files.contents.get(file)).toEqual(bytes);
  again.log.close();
  await removeDatabase(name);
  const { log, restored } = await start(name, files);
  expect(restored).toEqual([{ why: 'empty', records: 1 }]);
  expect(await allRecords(log)).toMatchObject([{ data: 'new' }]);
});

test('what another context writes is copied too', async () => {
  const name = `journal-${names++}`;
  const files = memoryFiles();
  const first = await start(name, files);
  await first.log.append(reading('own'));
  const other = await openLog({ clock: { now: () => 0 }, name });
  await other.appendMany([reading('x'), reading('y')]);
  await other.delete([1]);
  other.close();
  await first.log.append(reading('own again'));
  await settled(first);
  await turns();
  await settled(first);
  first.log.close();
  await removeDatabase(name);
  expect((await allRecords((await start(name, files)).log)).map(({ seq }) => seq)).toEqual([2, 3, 4]);
});

test('a copy that another window has open is gone on from in a file of its own, and what that window adds counts', async () => {
  const name = `journal-${names++}`;
  const files = memoryFiles();
  const frozen = await start(name, files);
  await frozen.log.append(reading('a'));
  await settled(frozen);
  const { unlock } = files;
  files.unlock = () => undefined;
  const next = await start(name, files);
  await next.log.append(reading('b'));
  await settled(next);
  expect(next.log.journal?.state).toEqual({ state: 'written' });
  await frozen.log.append(reading('c'));
  await settled(frozen);
  await next.log.append(reading('d'));
  await settled(next);
  files.unlock = unlock;
  frozen.log.close();
  next.log.close();
  await removeDatabase(name);
  const { log } = await start(name, files);
  expect((await allRecords(log)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
});

test('the copy never stops the log: no files, no room, a full disk', async () => {
  const name = `journal-${names++}`;
  const files = memoryFiles();
  files.limit = 1000;
  const first = await start(name, files);
  for (const data of 'abcde') await first.log.append(reading(data));
  await settled(first);
  expect(first.log.journal?.state).toEqual({ state: 'none', why: 'There is no room for it on this device.' });
  expect(first.log.count).toBe(5);
  files.limit = Infinity;
  first.log.journal?.tryAgain();
  await turns();
  await settled(first);
  expect(first.log.journal?.state).toEqual({ state: 'written' });
});

test('a full store takes room from the copy, and the copy goes on with what is new', async () => {
  const name = `journal-${names++}`;
  const files = memoryFiles();
  const first = await start(name, files);
  await first.log.append(reading('a'));
  await settled(first);
  const large = 'x'.repeat(100_000);
  for (let i = 0; i < 25; i++) await first.log.append(reading(large));
  const segments = () => [...files.contents.keys()].filter((file) => file.endsWith('.journal')).length;
  expect(segments()).toBe(3);
  let refusals = 1;
  await withRefusingStore(
    () => (refusals-- > 0 ? full() : undefined),
    () => first.log.append(reading('b')),
  );
  expect(segments()).toBe(2);
  first.log.close();
  await removeDatabase(name);
  const again = await start(name, files);
  expect((await allRecords(again.log)).at(-1)).toMatchObject({ seq: 27, data: 'b' });
});

test('the journal stays within about twice the log, whatever is deleted and changed', async () => {
  const name = `journal-${names++}`;
  const files = memoryFiles();
  const first = await start(name, files);
  const { log } = first;
  await log.setCapacity(1024 * 1024);
  const db = await log.database.use((db) => Promise.resolve(db));
  for (let round = 0; round < 60; round++) {
    await log.append(reading('x'.repeat(60_000)));
    await log.append(reading('y'.repeat(60_000)));
    await log.delete([log.newestSeq]);
    await db.put('settings', { key: 'list', value: `${round}`.repeat(40_000) });
    log.database.noteSettings();
    await settled(first);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  const bytes = [...files.contents.values()].reduce((sum, { length }) => sum + length, 0);
  expect(bytes).toBeLessThan(8 * 1024 * 1024);
  const before = await allRecords(log);
  log.close();
  await removeDatabase(name);
  expect(await allRecords((await start(name, files)).log)).toEqual(before);
}, 30_000);

test('nor does it grow with a list that is changed over and over while no record goes', async () => {
  const name = `journal-${names++}`;
  const files = memoryFiles();
  const first = await start(name, files);
  const db = await first.log.database.use((db) => Promise.resolve(db));
  const turns = async (count: number) => {
    for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
  };
  await first.log.append(reading('the first'));
  let most = 0;
  for (let round = 1; round <= 200; round++) {
    await db.put('settings', { key: 'list', value: [round, 'x'.repeat(100_000)] });
    first.log.database.noteSettings();
    await settled(first);
    await turns(round === 200 ? 50 : 1);
    const bytes = [...files.contents.values()].reduce((sum, { length }) => sum + length, 0);
    most = Math.max(most, bytes);
  }
  expect(most).toBeLessThan(8 * 1024 * 1024);
  first.log.close();
  await removeDatabase(name);
  const { log } = await start(name, files);
  const list = await (await log.database.use((db) => Promise.resolve(db))).get('settings', 'list');
  expect([log.count, (list?.value as unknown[])[0]]).toEqual([1, 200]);
}, 30_000);

test.each(['empty', 'damaged'])('a last file that is %s takes nothing from what is in the others', async (fault) => {
  const name = `journal-${names++}`;
  const files = memoryFiles();
  const first = await start(name, files);
  const db = await first.log.database.use((db) => Promise.resolve(db));
  await db.put('settings', { key: 'ams', value: ['kept'] });
  for (let i = 0; i < 25; i++) await first.log.append(reading('x'.repeat(100_000)));
  await settled(first);
  first.log.close();
  await removeDatabase(name);
  const segments = () => [...files.contents.keys()].filter((file) => file.endsWith('.journal')).sort();
  if (fault === 'empty') files.contents.set('000001-000009-0000000026.journal', new Uint8Array());
  else files.contents.get(segments().at(-1) ?? '')?.fill(0x20, 0, 40);

  const again = await start(name, files);
  expect(again.restored).toEqual([{ why: 'empty', records: 25 }]);
  expect((await (await again.log.database.use((db) => Promise.resolve(db))).get('settings', 'ams'))?.value).toEqual([
    'kept',
  ]);
  await again.log.append(reading('next'));
  await settled(again);
  expect(again.log.journal?.state).toEqual({ state: 'written' });
  again.log.close();
  await removeDatabase(name);
  expect(await allRecords((await start(name, files)).log)).toHaveLength(26);
});

test('a copy that cannot be read is kept, and another begun beside it', async () => {
  const name = `journal-${names++}`;
  const files = memoryFiles();
  const first = await start(name, files);
  await first.log.append(reading('a'));
  await settled(first);
  first.log.close();
  await removeDatabase(name);
  const [segment = ''] = files.contents.keys();
  const unreadable = new Uint8Array(500).fill(0x20);
  files.contents.set(segment, unreadable);
  const again = await start(name, files);
  await again.log.append(reading('b'));
  await settled(again);
  expect(again.log.journal?.state).toEqual({ state: 'written', kept: 1 });
  expect(files.contents.get(segment)).toEqual(unreadable);
  expect(await listKept(files)).toEqual([{ series: 1, bytes: 500, records: 0 }]);
  again.log.close();
  await removeDatabase(name);
  const { log } = await start(name, files);
  expect(await allRecords(log)).toMatchObject([{ data: 'b' }]);
  expect(log.journal?.state.kept).toBe(1);
});

test('a copy that was set aside is listed, saved as files that can be imported, and removed, and the other stays', async () => {
  const name = `journal-${names++}`;
  const files = memoryFiles();
  const first = await start(name, files);
  await (
    await first.log.database.use((db) => Promise.resolve(db))
  ).put('settings', { key: 'ams', value: ['list of before'] });
  for (let i = 0; i < 25; i++) await first.log.append(reading(`${i} ${'x'.repeat(100_000)}`));
  await settled(first);
  await first.log.delete([24]);
  await first.log.deleteOldest(1);
  const before = await allRecords(first.log);
  first.log.close();
  await removeDatabase(name);
  // Another log begins while the copy is out of reach.
  const other = await openLog({ clock: { now: () => 0 }, name });
  await other.append(reading('another'));
  other.close();

  const again = await start(name, files);
  await settled(again);
  const time = 1_700_000_000;
  const [copy] = await listKept(files);
  expect(copy).toMatchObject({ series: 1, records: 23, first: time, last: time });
  expect(copy?.bytes).toBeGreaterThan(2_300_000);
  const exported = await exportKept(files, 1, new Date(0));
  expect(exported.map((file) => file.name)).toEqual(['copy-1_19700101000000.txt', 'copy-1_19700101000000.json']);
  const [listing = '', whole = ''] = await Promise.all(exported.map(({ content }) => content.text()));
  expect(importScdata(listing).records.map(({ seq }) => seq)).toEqual(before.map(({ seq }) => seq));
  expect(JSON.parse(whole)).toEqual({ settings: { ams: ['list of before'] }, records: before });

  await files.open([...files.contents.keys()].sort()[0] ?? '');
  await expect(again.log.journal?.forgetKept(1)).rejects.toThrow();
  files.unlock();
  expect(again.log.journal?.state).toEqual({ state: 'written', kept: 1 });
  await again.log.journal?.forgetKept(1);
  expect(again.log.journal?.state).toEqual({ state: 'written' });
  expect(await listKept(files)).toEqual([]);
  again.log.close();
  await removeDatabase(name);
  expect(await allRecords((await start(name, files)).log)).toMatchObject([{ data: 'another' }]);
});

/** All a database holds, to be set back to. */
async function snapshotOf(log: RecordLog): Promise<() => Promise<void>> {
  const db = await log.database.use((db) => Promise.resolve(db));
  const stores = [...db.objectStoreNames];
  const rows = await Promise.all(
    stores.map(async (store) => ({ store, keys: await db.getAllKeys(store), values: await db.getAll(store) })),
  );
  const { name } = db;
  return async () => {
    const database = connectDatabase(name);
    const back = await database.use((db) => Promise.resolve(db));
    for (const { store, keys, values } of rows) {
      await back.clear(store);
      for (const [i, value] of values.entries()) {
        await (store === 'meta'
          ? back.put('meta', value as LogState, keys[i] as 'log')
          : back.put(store, value as never));
      }
    }
    database.close();
  };
}

test('a database that was set back owes no slot that the copy has an outcome of, and loses none', async () => {
  const T = Date.UTC(2023, 10, 14);
  const name = `journal-${names++}`;
  const files = memoryFiles();
  const first = await start(name, files);
  const { log } = first;
  const store = openSlotStore(log.database);
  const outcome = (slot: number) => ({ meterId: '1', slots: oneSlot(slot) });
  const read = (slot: number) => log.append(reading(`${slot}`, 1, slot), (tx) => settleOutcome(tx, outcome(slot)));
  await store.claim('1', T + 60_000);
  await read(T + 60_000);
  await store.claim('1', T + 120_000);
  await settled(first);
  const setBack = await snapshotOf(log);
  await read(T + 120_000);
  await store.claim('1', T + 180_000);
  await read(T + 180_000);
  // Read by hand, much later: answers for no slot.
  await log.append({ ...reading('by hand', 1), time: 900 });
  await settled(first);
  log.close();
  await setBack();

  const again = await start(name, files);
  expect(again.restored).toEqual([{ why: 'older', records: 3 }]);
  const claims = openSlotStore(again.log.database);
  expect(await claims.lastSlot('1')).toBe(T + 180_000);
  expect(await claims.owed()).toEqual([]);
  // Claimed before the database was set back, and being read when it was.
  expect(await claims.isOwed(outcome(T + 180_000))).toBe(false);
  expect(await claims.isOwed(outcome(T + 240_000))).toBe(true);
  await again.log.append(reading('x', 1, T + 240_000), (tx) => settleOutcome(tx, outcome(T + 240_000)));
  expect(await claims.lastSlot('1')).toBe(T + 240_000);
  expect(await claims.isOwed(outcome(T + 240_000))).toBe(false);
  // The clock is set back by a little more than a minute: what has a record is not read again.
  await claims.rewind('1', T + 185_000, T + 179_999);
  expect(await claims.claim('1', T + 180_000)).toBe(false);
  expect(await claims.claim('1', T + 240_000)).toBe(true);
});

test('a database that was set back by a change of settings only takes these from the copy', async () => {
  const name = `journal-${names++}`;
  const files = memoryFiles();
  const first = await start(name, files);
  const db = await first.log.database.use((db) => Promise.resolve(db));
  const change = async (value: unknown) => {
    await db.put('settings', { key: 'ams', value });
    first.log.database.noteSettings();
    await turns();
  };
  await first.log.append(reading('a'));
  await settled(first);
  await change(['old']);
  const setBack = await snapshotOf(first.log);
  await change(['new']);
  first.log.close();
  await setBack();

  const again = await start(name, files);
  expect(again.restored).toEqual([{ why: 'older', records: 0 }]);
  expect((await (await again.log.database.use((db) => Promise.resolve(db))).get('settings', 'ams'))?.value).toEqual([
    'new',
  ]);
  await settled(again);
  again.log.close();
  // It is as new as the copy now, also when both are told of it again.
  const third = await start(name, files);
  expect(third.restored).toEqual([]);
});

test('a log whose full store could not note a deletion opens there again, and goes on as the copy knows it', async () => {
  const name = `journal-${names++}`;
  const files = memoryFiles();
  const first = await start(name, files);
  await first.log.appendMany(Array.from({ length: 20 }, (_, i) => reading(`${i}`)));
  await settled(first);
  const { generation } = first.log;
  await withRefusingStore(full, async () => {
    await first.log.deleteOldest(5);
    first.log.close();
    const again = await start(name, files);
    expect([again.log.count, again.log.generation, again.log.newestSeq]).toEqual([15, generation, 20]);
    expect(again.log.health).toEqual({});
    expect(await again.log.deleteOldest(5)).toBe(5);
    again.log.close();
  });
  const last = await start(name, files);
  expect((await last.log.append(reading('new'))).seq).toBe(21);
  expect((await allRecords(last.log)).map(({ seq }) => seq)).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21]);
  expect(last.log.generation).toBe(generation);
});

test('a database that was set back opens in a full store: nothing is read twice, and it can be made less', async () => {
  const T = Date.UTC(2023, 10, 14);
  const name = `journal-${names++}`;
  const files = memoryFiles();
  const first = await start(name, files);
  const { log } = first;
  const store = openSlotStore(log.database);
  const outcome = (slot: number) => ({ meterId: '1', slots: oneSlot(slot) });
  const large = 'x'.repeat(2000);
  const read = async (slot: number) => {
    await store.claim('1', slot);
    await log.append(reading(large, 1, slot), (tx) => settleOutcome(tx, outcome(slot)));
  };
  await log.append(reading('deleted later'));
  for (let i = 1; i <= 5; i++) await read(T + i * 60_000);
  await settled(first);
  const { generation } = log;
  const setBack = await snapshotOf(log);
  await read(T + 360_000);
  await read(T + 420_000);
  await (await log.database.use((db) => Promise.resolve(db))).put('settings', { key: 'ams', value: ['new'] });
  log.database.noteSettings();
  await log.delete([1]); // has its turn when the copy has had its own
  await settled(first);
  log.close();
  await setBack();

  await withRefusingStore(nearlyFull(1500), async () => {
    const again = await start(name, files);
    expect(again.restored).toEqual([{ why: 'older', records: 0, waiting: 2 }]);
    expect([again.log.health, again.log.generation, again.log.newestSeq]).toEqual([{}, generation, 8]);
    expect((await allRecords(again.log)).map(({ seq }) => seq)).toEqual([2, 3, 4, 5, 6]);
    expect((await (await again.log.database.use((db) => Promise.resolve(db))).get('settings', 'ams'))?.value).toEqual([
      'new',
    ]);
    const claims = openSlotStore(again.log.database);
    expect([await claims.lastSlot('1'), await claims.owed()]).toEqual([T + 420_000, []]);
    expect(await again.log.deleteOldest(2)).toBe(2);
    expect((await again.log.append(reading('small'))).seq).toBe(9);
    again.log.close();
  });
  const last = await start(name, files);
  expect(last.restored).toEqual([{ why: 'damaged', records: 2 }]);
  expect((await allRecords(last.log)).map(({ seq }) => seq)).toEqual([4, 5, 6, 7, 8, 9]);
  expect(last.log.count).toBe(6);
  expect(await openSlotStore(last.log.database).owed()).toEqual([]);
});

test('where a full store takes nothing at all, a part of the copy that the older database has makes room', async () => {
  const name = `journal-${names++}`;
  const files = memoryFiles();
  const first = await start(name, files);
  for (let i = 0; i < 25; i++) await first.log.append(reading(`${i} ${'x'.repeat(100_000)}`));
  await settled(first);
  const setBack = await snapshotOf(first.log);
  await first.log.append(reading('y'.repeat(100_000)));
  await settled(first);
  first.log.close();
  await setBack();
  const segments = () => [...files.contents.keys()].filter((file) => file.endsWith('.journal')).length;
  const before = segments();

  await withRefusingStore(
    (value) => (segments() < before ? nearlyFull(1500)(value) : full()),
    async () => {
      const again = await start(name, files);
      expect(again.restored).toEqual([{ why: 'older', records: 0, waiting: 1 }]);
      expect([again.log.health, segments()]).toEqual([{}, before - 1]);
      expect(await again.log.deleteOldest(2)).toBe(2);
      again.log.close();
    },
  );
  const last = await start(name, files);
  expect((await allRecords(last.log)).map(({ seq }) => seq)).toEqual(Array.from({ length: 24 }, (_, i) => i + 3));
});

test('a database that was set back, in a store that takes nothing, is shown as it was then, and put right once there is room', async () => {
  const name = `journal-${names++}`;
  const files = memoryFiles();
  const first = await start(name, files);
  await first.log.appendMany([reading('a'), reading('b')]);
  await settled(first);
  const setBack = await snapshotOf(first.log);
  await first.log.append(reading('c'));
  await first.log.delete([1]);
  await settled(first);
  first.log.close();
  await setBack();

  const seqs = async ({ log }: TestLog) => (await allRecords(log)).map(({ seq }) => seq);
  const again = await withRefusingStore(full, async () => {
    const opened = await start(name, files);
    expect(opened.restored).toEqual([{ why: 'older', records: 0, waiting: 1, readOnly: true }]);
    expect(opened.log.journal?.state).toMatchObject({
      state: 'none',
      why: expect.stringContaining('looked at') as string,
    });
    expect([opened.log.count, await seqs(opened)]).toEqual([2, [1, 2]]);
    // Not even a deletion, which the store would take: it would be one of another log than the copy's.
    for (const write of [() => opened.log.append(reading('x')), () => opened.log.deleteOldest(1)]) {
      await expect(write()).rejects.toMatchObject({ name: 'QuotaExceededError' });
      expect(await seqs(opened)).toEqual([1, 2]);
    }
    await expect(opened.log.database.use((db) => db.put('settings', { key: 'x', value: 1 }))).rejects.toThrow(
      'looked at',
    );
    expect(opened.log.health.notRecording?.fault).toBe('full');
    return opened;
  });
  expect(await seqs(again)).toEqual([2, 3]);
  expect(again.restored.at(-1)).toEqual({ why: 'older', records: 1 });
  expect((await again.log.append(reading('d'))).seq).toBe(4);
  expect(again.log.health).toEqual({});
  await settled(again);
  again.log.close();
  await removeDatabase(name);
  expect(await seqs(await start(name, files))).toEqual([2, 3, 4]);
});

test('a log that was emptied in a full store opens there again as the same', async () => {
  const name = `journal-${names++}`;
  const files = memoryFiles();
  const first = await start(name, files);
  await first.log.append(reading('a'));
  await settled(first);
  const { generation } = first.log;
  await withRefusingStore(full, async () => {
    await first.log.deleteAll();
    first.log.close();
    const { log } = await start(name, files);
    expect([log.count, log.generation, log.newestSeq, log.health]).toEqual([0, generation, 1, {}]);
    log.close();
  });
  expect((await (await start(name, files)).log.append(reading('b'))).seq).toBe(2);
});

test.each(['deleteAll', 'deleteOldest'] as const)(
  '%s that neither store nor copy could note stays done',
  async (how) => {
    const name = `journal-${names++}`;
    const files = memoryFiles();
    const first = await start(name, files);
    for (const data of 'abc') await first.log.append(reading(data));
    await settled(first);
    files.limit = 10;
    await withRefusingStore<unknown>(full, () =>
      how === 'deleteAll' ? first.log.deleteAll() : first.log.deleteOldest(2),
    );
    first.log.close();
    files.limit = Infinity;
    const again = await start(name, files);
    expect(again.restored).toEqual([]);
    expect((await allRecords(again.log)).map(({ seq }) => seq)).toEqual(how === 'deleteAll' ? [] : [3]);
  },
);

test('what the copy lacks too is told as lost', async () => {
  const name = `journal-${names++}`;
  const files = memoryFiles();
  const first = await start(name, files);
  for (let i = 0; i < 25; i++) await first.log.append(reading('x'.repeat(100_000)));
  await settled(first);
  first.log.close();
  await removeDatabase(name);
  const [oldest = ''] = [...files.contents.keys()].sort();
  files.contents.delete(oldest);
  const { log, restored } = await start(name, files);
  expect(log.count).toBeGreaterThan(10);
  expect(restored).toEqual([{ why: 'empty', records: log.count, lost: 25 - log.count }]);
});

test('a database that was set back and gone on from while the copy was out of reach is not taken for the same', async () => {
  const name = `journal-${names++}`;
  const files = memoryFiles();
  const first = await start(name, files);
  await first.log.append(reading('a'));
  await settled(first);
  const setBack = await snapshotOf(first.log);
  await first.log.append(reading('lost'));
  await settled(first);
  first.log.close();
  await setBack();
  const alone = await openLog({ clock: { now: () => 0 }, name });
  for (const data of 'xyz') await alone.append(reading(data));
  alone.close();
  const before = new Map(files.contents);

  const again = await start(name, files);
  await settled(again);
  expect(again.log.journal?.state).toEqual({ state: 'written', kept: 1 });
  for (const [file, bytes] of before) expect(files.contents.get(file)).toEqual(bytes);
  again.log.close();
  await removeDatabase(name);
  expect(await allRecords((await start(name, files)).log)).toMatchObject([...'axyz'].map((data) => ({ data })));
});

test('an old file that a frozen window has open stays, and the copy goes on', async () => {
  const name = `journal-${names++}`;
  const files = memoryFiles();
  const first = await start(name, files);
  for (let i = 0; i < 25; i++) await first.log.append(reading('x'.repeat(100_000)));
  await settled(first);
  const [oldest = ''] = [...files.contents.keys()].sort();
  await files.open(oldest);
  await first.log.deleteOldest(20);
  await settled(first);
  expect(first.log.journal?.state).toEqual({ state: 'written' });
  expect(files.contents.has(oldest)).toBe(true);
  first.log.close();
  await removeDatabase(name);
  expect(await allRecords((await start(name, files)).log)).toHaveLength(5);
});

type Step =
  | { readonly kind: 'append'; readonly drafts: readonly RecordDraft[] }
  | { readonly kind: 'delete'; readonly picks: readonly number[] }
  | { readonly kind: 'deleteOldest'; readonly count: number }
  | { readonly kind: 'setCapacity'; readonly bytes: number }
  | { readonly kind: 'deleteAll' | 'restart' | 'lose the database' | 'lose rows' }
  | { readonly kind: 'tear'; readonly bytes: number };

const plain = <K extends Step['kind']>(kind: K) => fc.constant({ kind } as Step & { kind: K });
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      drafts: fc.array(anyDraft, { minLength: 1, maxLength: 9 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('delete' as const), picks: fc.array(fc.nat(60), { maxLength: 5 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('deleteOldest' as const), count: fc.nat(8) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('setCapacity' as const), bytes: fc.integer({ min: 1500, max: 9000 }) }),
  },
  { weight: 1, arbitrary: plain('deleteAll') },
  { weight: 2, arbitrary: plain('restart') },
  { weight: 2, arbitrary: plain('lose the database') },
  { weight: 1, arbitrary: plain('lose rows') },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('tear' as const), bytes: fc.integer({ min: 1, max: 60 }) }) },
);

test('whatever becomes of the database, nothing that was confirmed is lost, and nothing deleted comes back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 25 }), async (steps) => {
      const name = `journal-${names++}`;
      const files = memoryFiles();
      let current = await start(name, files);
      const reader = openReader({ name });
      const reopen = async (between: () => Promise<void> | void) => {
        current.log.close();
        await between();
        current = await start(name, files);
      };
      try {
        let expected: readonly LogRecord[] = [];
        for (const step of steps) {
          const { log } = current;
          if (step.kind === 'append') await log.appendMany(step.drafts);
          else if (step.kind === 'delete') await log.delete(step.picks);
          else if (step.kind === 'deleteOldest') await log.deleteOldest(step.count);
          else if (step.kind === 'setCapacity') await log.setCapacity(step.bytes);
          else if (step.kind === 'deleteAll') await log.deleteAll();
          else {
            await settled(current);
            if (step.kind === 'restart') await reopen(() => undefined);
            else if (step.kind === 'lose the database') await reopen(() => removeDatabase(name));
            else if (step.kind === 'lose rows') {
              await (
                await log.database.use((db) => Promise.resolve(db))
              ).delete('records', IDBKeyRange.lowerBound(log.newestSeq - 4));
              await reopen(() => undefined);
            } else {
              // Half an entry, as a kill leaves it.
              await reopen(() => {
                const last = [...files.contents.keys()]
                  .filter((file) => file.endsWith('.journal'))
                  .sort()
                  .at(-1);
                if (last === undefined) return;
                const tail = new Uint8Array(step.kind === 'tear' ? step.bytes : 0).fill(0x4f);
                files.contents.set(last, Uint8Array.from([...(files.contents.get(last) ?? []), ...tail]));
              });
            }
            expect(await allRecords(current.log)).toEqual(expected);
            expect(await reader.count()).toBe(expected.length);
            expect(current.log.count).toBe(expected.length);
          }
          expected = await allRecords(current.log);
        }
      } finally {
        current.log.close();
        reader.close();
      }
    }),
    { numRuns: 60 },
  );
}, 120_000);
