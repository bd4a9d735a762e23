import type { LogTransaction } from './database.ts';
import { syncIndex } from './log-index.ts';
import { highestMeterOf } from './packed-index.ts';

/** The highest number of a meter that a record in the log, or one that was there not long ago, carries; 0 without. */
export async function highestMeter(tx: LogTransaction<IDBTransactionMode>): Promise<number> {
  const { blocks } = await syncIndex(tx, undefined);
  return blocks.reduce((highest, block) => Math.max(highest, highestMeterOf(block)), 0);
}
