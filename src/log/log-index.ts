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

/** The index in memory (17 bytes per sequence number), true for one revision of the log. */
export interface LogIndex {
  /** Ascending by base. */
  blocks: IndexBlock[];
  state: LogState;
  /** Blocks below this base have not been loaded yet. */
  loadedFrom: number;
}

type Reading = LogTransaction<IDBTransactionMode>;

/** Blocks of one step of loading: about a megabyte, so that a reading that is saved meanwhile does not wait. */
const STEP_BLOCKS = 16;

export function isComplete({ state, loadedFrom }: LogIndex): boolean {
  return loadedFrom <= baseOf(state.firstSeq);
}

/** The whole index as of this transaction. */
export async function syncIndex(tx: Reading, known: LogIndex | undefined): Promise<LogIndex> {
  let index = await followLog(tx, known);
  while (!isComplete(index)) index = await loadOlder(tx, index);
  return index;
}

/** One step of loading: what is known is brought up to date, and the next older blocks are added to it. */
export async function advanceIndex(tx: Reading, known: LogIndex | undefined): Promise<LogIndex> {
  return loadOlder(tx, await followLog(tx, known));
}

/**
 * Brings a known index up to date: rows that were appended since are read, what was trimmed or deleted is dropped.
 * Where it is too far behind, loading begins anew with the unsealed end.
 */
async function followLog(tx: Reading, known: LogIndex | undefined): Promise<LogIndex> {
  const state = await readState(tx);
  if (known === undefined || !canFollow(known.state, state)) {
    const fresh: LogIndex = { blocks: [], state, loadedFrom: baseOf(state.nextSeq) };
    await enterRows(tx, fresh.blocks, Math.max(fresh.loadedFrom, state.firstSeq), Infinity);
    return fresh;
  }
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
    // A state that a full store did not take is counted from the rows: it does not tell what was deleted.
    to.revision > 0 &&
    lifeOf(from) === lifeOf(to) &&
    [to.holes.revision, to.holes.follows].includes(from.holes.revision) &&
    from.revision <= to.revision &&
    from.nextSeq <= to.nextSeq &&
    to.nextSeq - from.nextSeq <= BLOCK_ENTRIES
  );
}

/** Adds the next older blocks as they are stored; one that is missing or unreadable is made of its rows, one a step. */
async function loadOlder(tx: Reading, index: LogIndex): Promise<LogIndex> {
  const first = baseOf(index.state.firstSeq);
  const low = Math.max(first, index.loadedFrom - STEP_BLOCKS * BLOCK_ENTRIES);
  if (low >= index.loadedFrom) return index;
  const stored = await tx.objectStore('blocks').getAll(IDBKeyRange.bound(low, index.loadedFrom, false, true));
  const sealed = new Map(stored.map((encoded) => [encoded.base, encoded]));
  const older: IndexBlock[] = [];
  let base = index.loadedFrom;
  for (let isRebuilt = false; base > low && !isRebuilt;) {
    base -= BLOCK_ENTRIES;
    const encoded = sealed.get(base);
    const block = encoded && decodeBlock(encoded);
    if (block) {
      older.unshift(block);
    } else {
      const rebuilt: IndexBlock[] = [];
      await enterRows(tx, rebuilt, base, base + BLOCK_ENTRIES);
      older.unshift(...rebuilt);
      isRebuilt = true;
    }
  }
  return { ...index, blocks: [...older, ...index.blocks], loadedFrom: base };
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

/** Bytes of the records with these numbers, ascending. */
export function sizesOf({ blocks }: LogIndex, seqs: Float64Array): Uint32Array {
  let at = 0;
  return Uint32Array.from(seqs, (seq) => {
    while ((blocks[at]?.base ?? Infinity) < baseOf(seq)) at++;
    return blocks[at]?.bytes[seq - baseOf(seq)] ?? 0;
  });
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
      if (block.type[i] === 0 || block.type[i] === TYPE_CODES.SYSTART) continue;
      const one = wanted[block.source[i] ?? 0];
      if (one === undefined) continue;
      const entry = { seq: block.base + i, bytes: block.bytes[i] ?? 0 };
      one.last ??= entry;
      if (block.errorCode[i] === 0 && one.good.length < good) one.good.push(entry);
      if (one.good.length < good) continue;
      open.delete(one.meter);
      for (const [source, { meter }] of block.sources.entries()) if (meter === one.meter) wanted[source] = undefined;
    }
  }
  return found.map(({ last, ...one }) => (last ? { ...one, last } : one));
}
