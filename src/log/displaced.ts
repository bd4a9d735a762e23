import type { LogTransaction } from './database.ts';
import type { LogState } from './log-state.ts';
import { sizeOfRecord } from './record-size.ts';
import type { LogRecord } from './record.ts';

/** What has to go for records that come in. */
export interface Displaced {
  /** Records that this device read itself. */
  readonly own: number;
  readonly imported: number;
  /** Of the records that come in: their oldest, which have no room beside their newest. */
  readonly unfit: number;
}

/** An import would push out what this device has read itself, and nobody has agreed to that. */
export class WouldPushOut extends Error {
  override readonly name = 'WouldPushOut';
  readonly displaced: Displaced;
  constructor(displaced: Displaced) {
    super(`The log is full: ${displaced.own} of this device’s own records would have to go. Nothing more was added.`);
    this.displaced = displaced;
  }
}

const ROWS_AT_ONCE = 256;

/** What appending `records`, oldest first, lets go. Costs in proportion to that. */
export async function displacedBy(
  tx: LogTransaction<IDBTransactionMode>,
  state: LogState,
  records: readonly LogRecord[],
): Promise<Displaced> {
  const { capacityBytes, usedBytes } = state;
  let unfit = records.length;
  let bytes = 0;
  for (; unfit > 0; unfit--) {
    const record = records[unfit - 1];
    const size = record ? sizeOfRecord(record) : 0;
    if (bytes + size > capacityBytes) break;
    bytes += size;
  }
  // Those without room would still have pushed out whatever is older than they.
  let needed = unfit > 0 ? Infinity : usedBytes + bytes - capacityBytes;
  let own = 0;
  let imported = 0;
  for (let from = state.firstSeq; needed > 0;) {
    const rows = await tx.objectStore('records').getAll(IDBKeyRange.lowerBound(from), ROWS_AT_ONCE);
    for (const row of rows) {
      if (needed <= 0) break;
      needed -= sizeOfRecord(row);
      from = row.seq + 1;
      if (row.importedSeq === undefined) own++;
      else imported++;
    }
    if (rows.length === 0) break;
  }
  return { own, imported, unfit };
}
