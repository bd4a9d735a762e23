import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectDatabase, type Database } from '../../../src/log/database.ts';
import { EMPTY_LOG, type LogState } from '../../../src/log/log-state.ts';
import { BLOCK_ENTRIES, createBlock, encodeBlock, enterRecord } from '../../../src/log/packed-index.ts';
import { sizeOfRecord } from '../../../src/log/record-size.ts';
import type { LogRecord } from '../../../src/log/record.ts';
import { deleteRecords, readTail } from '../../../src/log/ring-changes.ts';
import { trimOldest, type TrimGoal } from '../../../src/log/trim.ts';

let names = 0;
let database: Database;
beforeEach(() => {
  database = connectDatabase(`trim-${names++}`);
});
afterEach(() => database.close());

const record = (seq: number): LogRecord => ({ type: 'SYSTART', seq, time: 1_800_000_000 });

/** A log with these rows, and with sealed blocks whose records have these sizes by the index. */
async function trim(
  state: Partial<LogState>,
  goal: TrimGoal,
  { rows = [], blocks = [] }: { readonly rows?: readonly number[]; readonly blocks?: readonly number[] },
) {
  const db = await database.use((db) => Promise.resolve(db));
  const tx = db.transaction(['records', 'blocks', 'meta', 'claims', 'settings'], 'readwrite');
  for (const seq of rows) void tx.objectStore('records').put(record(seq));
  for (const [index, bytes] of blocks.entries()) {
    const block = createBlock(index * BLOCK_ENTRIES);
    for (let i = 0; i < BLOCK_ENTRIES; i++) enterRecord(block, record(block.base + i), bytes);
    void tx.objectStore('blocks').put(encodeBlock(block));
  }
  const after = await trimOldest(tx, { ...EMPTY_LOG, ...state }, goal);
  await tx.done;
  return { after, rows: await db.getAllKeys('records'), blocks: await db.getAllKeys('blocks') };
}

test('no more goes than was asked for, though a whole block would be quicker', async () => {
  const rows = Array.from({ length: 400 }, (_, i) => BLOCK_ENTRIES + i);
  const size = sizeOfRecord(record(BLOCK_ENTRIES));
  const state = { firstSeq: 0, nextSeq: 100_000, count: 100_000, usedBytes: 200_000 };
  // The first block is small, the second larger than what is wanted after it.
  const { after, blocks, rows: left } = await trim(state, { bytes: 20_000 }, { rows, blocks: [1, 4] });
  const gone = Math.ceil((20_000 - BLOCK_ENTRIES) / size);
  expect(after.firstSeq).toBe(BLOCK_ENTRIES + gone);
  expect(after.count).toBe(100_000 - BLOCK_ENTRIES - gone);
  expect(after.usedBytes).toBe(200_000 - BLOCK_ENTRIES - gone * size);
  expect(blocks).toEqual([BLOCK_ENTRIES]);
  expect(left).toEqual(rows.slice(gone));
});

test('counters that told of records that are not there are right again', async () => {
  const state = { firstSeq: 3, nextSeq: 9, count: 5, usedBytes: 500 };
  const { after } = await trim(state, { records: 2 }, {});
  expect(after).toMatchObject({ firstSeq: 9, nextSeq: 9, count: 0, usedBytes: 0 });
});

test('by number, and all of it where more is asked for than there is', async () => {
  const size = sizeOfRecord(record(3));
  const state = { firstSeq: 3, nextSeq: 7, count: 4, usedBytes: 4 * size };
  const two = await trim(state, { records: 2 }, { rows: [3, 4, 5, 6] });
  expect(two.after).toMatchObject({ firstSeq: 5, count: 2, usedBytes: 2 * size });
  expect(two.rows).toEqual([5, 6]);
  const all = await trim(two.after, { bytes: 10_000 }, {});
  expect(all.after).toMatchObject({ firstSeq: 7, count: 0, usedBytes: 0 });
  expect(all.rows).toEqual([]);
});

test('a log of which the last record was taken out is empty, as one that was trimmed', async () => {
  const size = sizeOfRecord(record(3));
  const state = { ...EMPTY_LOG, firstSeq: 3, nextSeq: 5, count: 2, usedBytes: 2 * size };
  await trim(state, { records: 0 }, { rows: [3, 4] });
  const db = await database.use((db) => Promise.resolve(db));
  const take = async (before: LogState, seqs: readonly number[]) => {
    const tx = db.transaction(['records', 'blocks', 'meta', 'claims', 'settings'], 'readwrite');
    const { state: after } = await deleteRecords(tx, before, await readTail(tx, before), seqs, false);
    await tx.done;
    return after;
  };
  const one = await take(state, [3, 3, 9]);
  expect(one).toMatchObject({ firstSeq: 3, count: 1, usedBytes: size });
  expect(await take(one, [4])).toMatchObject({ firstSeq: 5, nextSeq: 5, count: 0, usedBytes: 0 });
});
