import type { LogTransaction } from './database.ts';
import { lifeOf } from './log-state.ts';
import type { LogState } from './log-state.ts';
import {
  BLOCK_ENTRIES,
  TYPE_CODES,
  baseOf,
  createBlock,
  createRows,
  decodeBlock,
  enterRecord,
  listMatches,
  removeEntry,
} from './packed-index.ts';
import type { IndexBlock, Narrow } from './packed-index.ts';
import { readState } from './read-state.ts';
import { sizeOfRecord } from './record-size.ts';

/** The whole index in memory (17 bytes per sequence number), true for one revision of the log. */
export interface LogIndex {
  /** Ascending by base. */
  blocks: IndexBlock[];
  state: LogState;
}

type Reading = LogTransaction<IDBTransactionMode>;

/**
 * The index as of this transaction. A known index is brought up to date: rows that were appended since are read,
 * what was trimmed or deleted is dropped; where it is too far behind it is loaded anew.
 */
export async function syncIndex(tx: Reading, known: LogIndex | undefined): Promise<LogIndex> {
  const state = await readState(tx);
  if (known === undefined || !canFollow(known.state, state)) return loadIndex(tx, state);
  if (known.state.revision === state.revision) return known;
  if (known.state.holes.revision !== state.holes.revision) {
    for (const seq of state.holes.removed) {
      const block = known.blocks.find(({ base }) => base === baseOf(seq));
      if (block) removeEntry(block, seq);
    }
  }
  if (state.nextSeq > known.state.nextSeq) {
    await enterRows(tx, known.blocks, Math.max(known.state.nextSeq, state.firstSeq), Infinity);
  }
  known.state = state;
  known.blocks = known.blocks.filter((block) => block.base + BLOCK_ENTRIES > state.firstSeq);
  return known;
}

function canFollow(from: LogState, to: LogState): boolean {
  return (
    lifeOf(from) === lifeOf(to) &&
    [to.holes.revision, to.holes.follows].includes(from.holes.revision) &&
    from.revision <= to.revision &&
    from.nextSeq <= to.nextSeq &&
    to.nextSeq - from.nextSeq <= BLOCK_ENTRIES
  );
}

/** Sealed blocks as stored, the tail and any block that is missing or unreadable from the rows. */
async function loadIndex(tx: Reading, state: LogState): Promise<LogIndex> {
  const stored = await tx.objectStore('blocks').getAll(IDBKeyRange.lowerBound(baseOf(state.firstSeq)));
  const sealed = new Map<number, IndexBlock>();
  for (const encoded of stored) {
    const block = decodeBlock(encoded);
    if (block) sealed.set(block.base, block);
  }
  const blocks: IndexBlock[] = [];
  for (let base = baseOf(state.firstSeq); base < state.nextSeq; base += BLOCK_ENTRIES) {
    const block = sealed.get(base);
    if (block) blocks.push(block);
    else await enterRows(tx, blocks, base, base + BLOCK_ENTRIES);
  }
  return { blocks, state };
}

async function enterRows(tx: Reading, blocks: IndexBlock[], from: number, below: number): Promise<void> {
  const rows = await tx.objectStore('records').getAll(IDBKeyRange.bound(from, below, false, true));
  for (const row of rows) {
    let block = blocks.at(-1);
    if (block?.base !== baseOf(row.seq)) blocks.push((block = createBlock(baseOf(row.seq))));
    enterRecord(block, row, sizeOfRecord(row));
  }
}

export interface Selection {
  /** Exact number of all matches, not only of those on the page. */
  readonly total: number;
  /** Descending. */
  readonly seqs: readonly number[];
}

/** The newest `limit` matches below `before`, and the count of all matches. */
export function selectNewest(
  { blocks, state }: LogIndex,
  narrow: Narrow | undefined,
  before: number,
  limit: number,
): Selection {
  const rows = createRows();
  const seqs: number[] = [];
  let total = 0;
  for (const block of blocks.toReversed()) {
    const wanted = seqs.length < limit && block.base < before;
    // Without a filter the count is known, and nothing has to be looked at once the page is full.
    if (narrow === undefined && !wanted) continue;
    const matches = listMatches(block, state.firstSeq, narrow, rows);
    total += matches;
    if (!wanted) continue;
    for (let k = matches - 1; k >= 0 && seqs.length < limit; k--) {
      const seq = block.base + (rows[k] ?? 0);
      if (seq < before) seqs.push(seq);
    }
  }
  return { total: narrow === undefined ? state.count : total, seqs };
}

/** All matches, ascending. */
export function selectAll({ blocks, state }: LogIndex, narrow: Narrow | undefined): Float64Array {
  const rows = createRows();
  const seqs = new Float64Array(state.count);
  let length = 0;
  for (const block of blocks) {
    const matches = listMatches(block, state.firstSeq, narrow, rows);
    for (let k = 0; k < matches; k++) seqs[length++] = block.base + (rows[k] ?? 0);
  }
  return seqs.subarray(0, length);
}

export interface NewestOfMeter {
  readonly meter: number;
  /** Whatever became of it; absent where there is none. */
  readonly last?: Entry;
  /** Readings without an error, newest first. */
  readonly good: readonly Entry[];
}

/** What the index knows of one record. */
export interface Entry {
  readonly seq: number;
  readonly time: number;
  readonly bytes: number;
}

/** The newest record of each meter and its newest `good` readings, in one pass from the end that stops where all is found. */
export function selectNewestOf({ blocks, state }: LogIndex, meters: readonly number[], good: number): NewestOfMeter[] {
  const found = meters.map((meter) => ({ meter, last: undefined as Entry | undefined, good: [] as Entry[] }));
  const open = new Map(found.map((one) => [one.meter, one]));
  for (const block of blocks.toReversed()) {
    if (open.size === 0) break;
    const wanted = block.sources.map(({ meter }) => (meter === undefined ? undefined : open.get(meter)));
    if (!wanted.some((one) => one !== undefined)) continue;
    for (let i = BLOCK_ENTRIES - 1; i >= Math.max(0, state.firstSeq - block.base); i--) {
      if (block.type[i] !== TYPE_CODES.AMS) continue;
      const one = wanted[block.source[i] ?? 0];
      if (one === undefined) continue;
      const entry = { seq: block.base + i, time: block.time[i] ?? 0, bytes: block.bytes[i] ?? 0 };
      one.last ??= entry;
      if (block.errorCode[i] === 0 && one.good.length < good) one.good.push(entry);
      if (one.good.length < good) continue;
      open.delete(one.meter);
      for (const [source, { meter }] of block.sources.entries()) if (meter === one.meter) wanted[source] = undefined;
    }
  }
  return found.map(({ last, ...one }) => (last ? { ...one, last } : one));
}
