import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { oneSlot } from '../../../src/ams/due.ts';
import { openSlotStore, settleOutcome, settleRestored, type SlotStore } from '../../../src/ams/slot-store.ts';
import { connectDatabase, type Database, type LogTransaction } from '../../../src/log/database.ts';
import type { SlotSpan } from '../../../src/log/record.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const BEGAN = Date.UTC(2026, 10, 20);
const slot = (minute: number) => BEGAN + minute * MINUTE;
const span = (first: number, last: number): SlotSpan => ({
  count: last - first + 1,
  first: slot(first),
  last: slot(last),
});

let names = 0;
let database: Database;
let store: SlotStore;

beforeEach(() => {
  database = connectDatabase(`slots-${names++}`);
  store = openSlotStore(database);
});
afterEach(() => database.close());

async function change(work: (tx: LogTransaction<'readwrite'>) => Promise<void>): Promise<void> {
  const db = await database.use((db) => Promise.resolve(db));
  const tx = db.transaction(['records', 'blocks', 'meta', 'claims', 'settings'], 'readwrite');
  await work(tx);
  await tx.done;
}
const settle = (meterId: string, slots: SlotSpan) => change((tx) => settleOutcome(tx, { meterId, slots }));

test('a slot is taken once, by one of all who ask, and is the last of its meter then', async () => {
  expect(await store.lastSlot('1')).toBeUndefined();
  const other = openSlotStore(database);
  expect(await Promise.all([store.claim('1', slot(0)), other.claim('1', slot(0))])).toEqual([true, false]);
  expect(await store.claim('2', slot(0))).toBe(true);
  expect(await store.claim('1', slot(5))).toBe(true);
  expect(await store.claim('1', slot(0))).toBe(false);
  expect([await store.lastSlot('1'), await store.lastSlot('2')]).toEqual([slot(0), slot(0)]);
});

test('what is taken is owed, with what was missed before it, until an outcome answers for it', async () => {
  await store.claim('1', slot(5), span(1, 4));
  await store.claim('1', slot(5), span(1, 4));
  await store.claim('10', slot(5));
  const owed = (meterId: string, slots: SlotSpan) => ({ meterId, slots });
  expect(await store.owed()).toEqual([owed('1', span(1, 4)), owed('1', span(5, 5)), owed('10', span(5, 5))]);
  expect(await store.isOwed(owed('1', span(1, 4)))).toBe(true);
  await settle('1', span(1, 4));
  expect(await store.isOwed(owed('1', span(1, 4)))).toBe(false);
  expect(await store.isOwed(owed('1', span(5, 5)))).toBe(true);
  await settle('10', span(0, 9));
  expect(await store.owed()).toEqual([owed('1', span(5, 5))]);
  expect(await store.lastSlot('1')).toBe(slot(5));
});

test('of a meter that nothing is known of anything may be owed, and settling it leaves nothing behind', async () => {
  expect(await store.isOwed({ meterId: '7', slots: oneSlot(slot(0)) })).toBe(true);
  await settle('7', oneSlot(slot(0)));
  expect(await store.lastSlot('7')).toBeUndefined();
});

test('claims of two days ago are forgotten, younger ones and those of other meters are not', async () => {
  await store.claim('1', BEGAN);
  await store.claim('1', BEGAN + MINUTE);
  await store.claim('2', BEGAN);
  await store.claim('1', BEGAN + MINUTE + 48 * HOUR);
  const db = await database.use((db) => Promise.resolve(db));
  expect((await db.getAllKeys('claims')).filter(([, at]) => at >= 0)).toEqual([
    ['1', BEGAN + MINUTE],
    ['1', BEGAN + MINUTE + 48 * HOUR],
    ['2', BEGAN],
  ]);
});

test('after the clock was set back what is ahead of it can be taken again, and nothing else', async () => {
  for (const minute of [0, 1, 2, 3]) await store.claim('1', slot(minute));
  await store.claim('2', slot(3));
  await store.rewind('1', slot(1), slot(1) - 1);
  await store.rewind('9', slot(1), slot(1) - 1);
  expect([await store.lastSlot('1'), await store.lastSlot('9')]).toEqual([slot(1) - 1, undefined]);
  expect(await store.claim('1', slot(1))).toBe(false);
  expect(await store.claim('1', slot(2))).toBe(true);
  expect(await store.claim('2', slot(3))).toBe(false);
});

test('records that were put back settle what they answer for, and bring back the claims that were lost', async () => {
  await store.claim('1', slot(1));
  const answered = new Map([
    [1, [span(1, 1), span(2, 4), span(5, 5)]],
    [2, [oneSlot(slot(5) - 49 * HOUR), span(5, 5)]],
  ]);
  await store.claim('3', slot(0));
  await change((tx) => settleRestored(tx, answered));
  expect(await store.owed()).toEqual([{ meterId: '3', slots: span(0, 0) }]);
  expect([await store.lastSlot('1'), await store.lastSlot('2'), await store.lastSlot('3')]).toEqual([
    slot(5),
    slot(5),
    slot(0),
  ]);
  // What came after them was lost, with what is owed of it.
  expect(await store.isOwed({ meterId: '1', slots: span(6, 6) })).toBe(true);
  expect(await store.isOwed({ meterId: '1', slots: span(5, 5) })).toBe(false);
  await settle('1', span(6, 6));
  expect(await store.isOwed({ meterId: '1', slots: span(6, 6) })).toBe(false);
  expect(await store.lastSlot('1')).toBe(slot(6));
  // Each is read once; missed ones had no claim, and those of long ago need none.
  await store.rewind('1', slot(9), slot(0));
  expect(await Promise.all([1, 5].map((minute) => store.claim('1', slot(minute))))).toEqual([false, false]);
  expect(await store.claim('1', slot(3))).toBe(true);
  expect(await store.claim('2', slot(5) - 49 * HOUR)).toBe(true);
  // From the next claim on all is known again.
  expect(await store.isOwed({ meterId: '1', slots: span(9, 9) })).toBe(false);
});

test('rows of the first version tell what is owed', async () => {
  const db = await database.use((db) => Promise.resolve(db));
  await db.put('claims', {
    meterId: '1',
    slot: -1,
    lastSlot: slot(5),
    open: [{ slot: slot(5), missed: span(1, 4) }, { slot: slot(6) }],
  });
  expect((await store.owed()).map(({ slots }) => slots)).toEqual([span(1, 4), span(5, 5), span(6, 6)]);
});

test('a connection that died without a word costs the schedule nothing, and gives no slot away twice', async () => {
  const dies = async () => (await database.use((db) => Promise.resolve(db))).close();
  await dies();
  expect(await store.claim('1', slot(5), span(1, 4))).toBe(true);
  await dies();
  expect(await store.claim('1', slot(5))).toBe(false);
  await dies();
  expect(await store.lastSlot('1')).toBe(slot(5));
  await dies();
  expect((await store.owed()).map(({ slots }) => slots)).toEqual([span(1, 4), span(5, 5)]);
  await dies();
  expect(await store.isOwed({ meterId: '1', slots: span(1, 4) })).toBe(true);
  await dies();
  await store.rewind('1', slot(2), slot(1));
  expect(await store.lastSlot('1')).toBe(slot(1));
  expect(await store.claim('1', slot(5))).toBe(true);
});
