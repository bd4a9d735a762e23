import type { LogTransaction } from './database.ts';
import type { LogState } from './log-state.ts';
import { BLOCK_ENTRIES, baseOf, decodeBlock, sumBlock } from './packed-index.ts';
import { sizeOfRecord } from './record-size.ts';

/** How much has to go: so many records, or the fewest records that free so many bytes. */
export type TrimGoal = { readonly records: number } | { readonly bytes: number };

const ROWS_AT_ONCE = 256;

/**
 * Deletes the oldest records until the goal is reached or the log is empty, never more than the goal asks for.
 * Sealed blocks that go as a whole are dropped by their sums, without a look at the rows.
 */
export async function trimOldest(tx: LogTransaction<'readwrite'>, state: LogState, goal: TrimGoal): Promise<LogState> {
  const wanted = 'records' in goal ? goal.records : goal.bytes;
  let { firstSeq, count, usedBytes } = state;
  let freed = 0;

  const drop = (next: number, records: number, bytes: number) => {
    firstSeq = next;
    count -= records;
    usedBytes -= bytes;
    freed += 'records' in goal ? records : bytes;
  };

  while (freed < wanted && count > 0) {
    const perRecord = 'records' in goal ? 1 : usedBytes / count;
    const recordsToGo = Math.ceil((wanted - freed) / perRecord);
    if (recordsToGo >= BLOCK_ENTRIES) {
      const stored = await tx.objectStore('blocks').get(baseOf(firstSeq));
      const block = stored && decodeBlock(stored);
      const sum = block && sumBlock(block, firstSeq);
      if (block && sum && ('records' in goal ? sum.count : sum.bytes) <= wanted - freed) {
        drop(block.base + BLOCK_ENTRIES, sum.count, sum.bytes);
        continue;
      }
    }
    const rows = await tx
      .objectStore('records')
      .getAll(IDBKeyRange.lowerBound(firstSeq), Math.min(recordsToGo, ROWS_AT_ONCE));
    // The counters told of records that are not there: from here on they are right again.
    if (rows.length === 0) {
      count = usedBytes = 0;
      break;
    }
    for (const row of rows) {
      if (freed >= wanted) break;
      drop(row.seq + 1, 1, sizeOfRecord(row));
    }
  }
  if (count === 0) firstSeq = state.nextSeq;
  if (firstSeq > state.firstSeq) {
    await Promise.all([
      tx.objectStore('records').delete(IDBKeyRange.upperBound(firstSeq, true)),
      tx.objectStore('blocks').delete(IDBKeyRange.upperBound(firstSeq - BLOCK_ENTRIES)),
    ]);
  }
  return { ...state, firstSeq, count, usedBytes };
}
