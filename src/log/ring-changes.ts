/** The changes of the log, each inside the transaction of whoever calls; see ring.ts. */
import type { Milliseconds } from '../common/kinds.ts';
import type { LogTransaction } from './database.ts';
import type { LogState } from './log-state.ts';
import { meterRecord } from './meter-record.ts';
import {
  BLOCK_ENTRIES,
  baseOf,
  createBlock,
  decodeBlock,
  encodeBlock,
  enterRecord,
  removeEntry,
} from './packed-index.ts';
import type { IndexBlock } from './packed-index.ts';
import { sizeOfRecord } from './record-size.ts';
import type { LogRecord } from './record.ts';
import { trimOldest } from './trim.ts';

/** The unsealed end of the index, valid for one revision of the log. Its base is that of the next record. */
export interface Tail {
  block: IndexBlock;
  revision: number;
}

/** What a change makes of the log. */
export interface Change<Result> {
  readonly state: LogState;
  readonly result: Result;
  readonly added?: readonly LogRecord[];
  readonly removed?: readonly number[];
}

/** The log can not take this record, however often it is asked: it is larger than the whole log, or a number is out of range. */
export class UnfitRecord extends RangeError {
  override readonly name = 'UnfitRecord';
}

/** Rebuilds the unsealed end of the index from the rows, at opening and after somebody else has changed the log. */
export async function readTail(tx: LogTransaction<IDBTransactionMode>, state: LogState): Promise<Tail> {
  const block = createBlock(baseOf(state.nextSeq));
  const rows = await tx.objectStore('records').getAll(IDBKeyRange.lowerBound(block.base));
  for (const row of rows) enterRecord(block, row, sizeOfRecord(row));
  return { block, revision: state.revision };
}

/** Stores records, trims what has to make room for them, and seals the blocks that they fill. */
export async function writeRecords(
  tx: LogTransaction<'readwrite'>,
  before: LogState,
  tail: Tail,
  records: readonly LogRecord[],
): Promise<LogState> {
  const { capacityBytes, nextSeq } = before;
  const sizes = records.map(sizeOfRecord);
  const largest = sizes.reduce((a, b) => Math.max(a, b), 0);
  if (largest > capacityBytes) {
    throw new UnfitRecord(`a record of ${largest} bytes does not fit into a log of ${capacityBytes} bytes`);
  }
  // What its own successors would push out at once is never written.
  let first = records.length;
  let bytes = 0;
  for (; first > 0; first--) {
    const size = sizes[first - 1] ?? 0;
    if (bytes + size > capacityBytes) break;
    bytes += size;
  }
  let state = before;
  if (first > 0) {
    // Those that are never written would have pushed out whatever is older than they.
    state = { ...before, firstSeq: nextSeq + first, count: 0, usedBytes: 0 };
    await Promise.all([tx.objectStore('records').clear(), tx.objectStore('blocks').clear()]);
    tail.block = createBlock(baseOf(state.firstSeq));
  } else {
    state = await trimOldest(tx, before, { bytes: before.usedBytes + bytes - capacityBytes });
  }
  const requests: Promise<unknown>[] = [];
  const sealIfFull = (next: number) => {
    if (next < tail.block.base + BLOCK_ENTRIES) return;
    requests.push(tx.objectStore('blocks').put(encodeBlock(tail.block)));
    tail.block = createBlock(next);
  };
  for (const [i, record] of records.entries()) {
    if (i < first) continue;
    requests.push(tx.objectStore('records').add(record));
    enterRecord(tail.block, record, sizes[i] ?? 0);
    sealIfFull(record.seq + 1);
  }
  await Promise.all(requests);
  return {
    ...state,
    nextSeq: nextSeq + records.length,
    count: state.count + records.length - first,
    usedBytes: state.usedBytes + bytes,
  };
}

/** Lets as much go as `records` need, as if the log were full. */
export function trimFor(
  tx: LogTransaction<'readwrite'>,
  state: LogState,
  records: readonly LogRecord[],
): Promise<LogState> {
  return trimOldest(tx, state, { bytes: records.reduce((sum, record) => sum + sizeOfRecord(record), 0) });
}

/** Takes records out of the middle. `roomless`: writes nothing, and leaves index blocks to be built from the rows. */
export async function deleteRecords(
  tx: LogTransaction<'readwrite'>,
  before: LogState,
  tail: Tail,
  seqs: readonly number[],
  roomless: boolean,
): Promise<Change<number>> {
  const found = await Promise.all([...new Set(seqs)].map((seq) => tx.objectStore('records').get(seq)));
  const rows = found.filter((row) => row !== undefined);
  const blocks = new Map<number, IndexBlock | undefined>([[tail.block.base, tail.block]]);
  const blockAt = async (base: number) => {
    if (!blocks.has(base)) {
      const stored = await tx.objectStore('blocks').get(base);
      blocks.set(base, stored && decodeBlock(stored));
    }
    return blocks.get(base);
  };
  let bytes = 0;
  for (const row of rows) {
    const block = await blockAt(baseOf(row.seq));
    if (block) removeEntry(block, row.seq);
    bytes += sizeOfRecord(row);
  }
  const count = before.count - rows.length;
  blocks.delete(tail.block.base);
  const sealed = [...blocks.values()].filter((block) => block !== undefined);
  await Promise.all([
    ...rows.map((row) => tx.objectStore('records').delete(row.seq)),
    ...sealed.map((block) =>
      roomless ? tx.objectStore('blocks').delete(block.base) : tx.objectStore('blocks').put(encodeBlock(block)),
    ),
  ]);
  return {
    state: {
      ...before,
      firstSeq: count === 0 ? before.nextSeq : before.firstSeq,
      count,
      usedBytes: before.usedBytes - bytes,
    },
    result: rows.length,
    removed: rows.map((row) => row.seq),
  };
}

const MAX_U32 = 0xffff_ffff;
const MAX_U16 = 0xffff;

/** The time stamp of a record that is written now; `now` in milliseconds. Beyond 1970 to 2106 it says what the clock said. */
export function stampOf(now: Milliseconds): { readonly time: number; readonly clock?: number } {
  const time = Math.floor(now / 1000);
  const held = Math.min(Math.max(0, time), MAX_U32);
  return held === time ? { time } : { time: held, clock: now };
}

/** The index has room for what the SmartCOM prints; anything else would be found under a wrong number: refused. */
export function checked(record: LogRecord): LogRecord {
  const inRange = (value: number, max: number) => Number.isInteger(value) && value >= 0 && value <= max;
  if (!inRange(record.time, MAX_U32)) throw new UnfitRecord(`${record.time} is not a 32-bit Unix time stamp`);
  const meter = meterRecord(record);
  if (meter) {
    if (!inRange(meter.errorCode, MAX_U32)) throw new UnfitRecord(`${meter.errorCode} is not a 32-bit error code`);
    if (!inRange(meter.index, MAX_U16)) throw new UnfitRecord(`${meter.index} is not a device index`);
  }
  return record;
}
