import type { LogTransaction } from './database.ts';
import { EMPTY_LOG } from './log-state.ts';
import type { LogState } from './log-state.ts';
import { sizeOfRecord } from './record-size.ts';

const ROWS_AT_ONCE = 1000;

/** The state of the log as of this transaction. */
export async function readState(tx: LogTransaction<IDBTransactionMode>): Promise<LogState> {
  const stored: Omit<LogState, 'generation'> | undefined = await tx.objectStore('meta').get('log');
  // Logs of the first versions have no generation until their next change.
  return stored ? { generation: '', ...stored } : countRows(tx);
}

/**
 * Nothing yet; or a log whose state could not be written when records were deleted from a full store. How large it was
 * to be is lost then: it gets room for as much again, or the next records would push out what nobody deleted.
 */
async function countRows(tx: LogTransaction<IDBTransactionMode>): Promise<LogState> {
  let state = EMPTY_LOG;
  for (;;) {
    const rows = await tx.objectStore('records').getAll(IDBKeyRange.lowerBound(state.nextSeq), ROWS_AT_ONCE);
    if (rows.length === 0) return { ...state, capacityBytes: Math.max(state.capacityBytes, 2 * state.usedBytes) };
    for (const row of rows) {
      const firstSeq = state.count === 0 ? row.seq : state.firstSeq;
      const usedBytes = state.usedBytes + sizeOfRecord(row);
      state = { ...state, firstSeq, nextSeq: row.seq + 1, count: state.count + 1, usedBytes };
    }
  }
}
