/**
 * What the filter language asks about, packed: one block of typed arrays for every 4096 sequence numbers. A cursor
 * over a million rows takes seconds, a pass over their columns takes milliseconds.
 *
 * All columns of a block are views of one buffer, which is also its stored form, so encoding and decoding cost
 * nothing. The byte order is the machine's; every browser platform is little-endian.
 */
import { meterRecord } from './meter-record.ts';
import type { MeterRecord } from './meter-record.ts';
import type { LogRecord, RecordType } from './record.ts';

/** Entries of a block; entry `i` is the record with sequence number `base + i`. */
export const BLOCK_ENTRIES = 4096;

/** Codes of the column `type`; 0 means that there is no such record (deleted, trimmed, or not yet written). */
export const TYPE_CODES = { AMS: 1, WMBUS: 2, SYSTART: 3 } as const satisfies Record<RecordType, number>;

/** Where the record of a meter is from; stands once per block. Few meters write most records, so the list stays short. */
export interface Source {
  readonly protocol: string;
  readonly identification: string;
  readonly meter?: number;
}

export interface IndexBlock {
  /** A multiple of {@link BLOCK_ENTRIES}. */
  readonly base: number;
  readonly buffer: ArrayBuffer;
  /** Unix seconds. */
  readonly time: Uint32Array;
  readonly errorCode: Uint32Array;
  /** Size in the measure of `sizeOfRecord`. */
  readonly bytes: Uint32Array;
  readonly tableId: Uint16Array;
  /** Place in `sources`. */
  readonly source: Uint16Array;
  readonly type: Uint8Array;
  readonly sources: Source[];
  /** What {@link boundsOf} found; gone with the next entry. */
  bounds?: Bounds | undefined;
}

/** Between which values the entries of a block lie. An entry that was taken out since may have been the extreme one. */
export interface Bounds {
  readonly time: Extremes;
  readonly errorCode: Extremes;
  readonly tableId: Extremes;
  /** Codes of the column `type`. */
  readonly types: ReadonlySet<number>;
}

export interface Extremes {
  readonly least: number;
  readonly greatest: number;
}

/** A block as it is stored. */
export interface EncodedBlock {
  readonly base: number;
  readonly columns: ArrayBuffer;
  readonly sources: readonly Source[];
}

const BLOCK_BYTES = BLOCK_ENTRIES * (4 + 4 + 4 + 2 + 2 + 1);

/** Base of the block a sequence number belongs to. */
export function baseOf(seq: number): number {
  return seq - (seq % BLOCK_ENTRIES);
}

export function createBlock(base: number): IndexBlock {
  return viewBlock(base, new ArrayBuffer(BLOCK_BYTES), []);
}

function viewBlock(base: number, buffer: ArrayBuffer, sources: Source[]): IndexBlock {
  let offset = 0;
  const next = (bytes: number) => (offset += bytes * BLOCK_ENTRIES) - bytes * BLOCK_ENTRIES;
  return {
    base,
    buffer,
    time: new Uint32Array(buffer, next(4), BLOCK_ENTRIES),
    errorCode: new Uint32Array(buffer, next(4), BLOCK_ENTRIES),
    bytes: new Uint32Array(buffer, next(4), BLOCK_ENTRIES),
    tableId: new Uint16Array(buffer, next(2), BLOCK_ENTRIES),
    source: new Uint16Array(buffer, next(2), BLOCK_ENTRIES),
    type: new Uint8Array(buffer, next(1), BLOCK_ENTRIES),
    sources,
  };
}

export function encodeBlock({ base, buffer, sources }: IndexBlock): EncodedBlock {
  return { base, columns: buffer, sources };
}

/** Undefined when the stored form is not one of this version; the block is then rebuilt from the records. */
export function decodeBlock({ base, columns, sources }: EncodedBlock): IndexBlock | undefined {
  if (columns.byteLength !== BLOCK_BYTES) return undefined;
  const block = viewBlock(base, columns, [...sources]);
  // Earlier versions kept no source of what was heard.
  const isEarlier = block.type.includes(TYPE_CODES.WMBUS) && !sources.some(({ protocol }) => protocol === 'WMBUS');
  return isEarlier ? undefined : block;
}

/** Enters a record of this block. `bytes` is its size. */
export function enterRecord(block: IndexBlock, record: LogRecord, bytes: number): void {
  const i = record.seq - block.base;
  block.bounds = undefined;
  block.type[i] = TYPE_CODES[record.type];
  block.time[i] = record.time;
  block.bytes[i] = bytes;
  const meter = meterRecord(record);
  if (!meter) return;
  block.errorCode[i] = meter.errorCode;
  block.tableId[i] = meter.index;
  block.source[i] = sourceOf(block, meter);
}

function sourceOf({ sources }: IndexBlock, { protocol, identification, meter }: MeterRecord): number {
  const known = sources.findIndex(
    (source) => source.identification === identification && source.protocol === protocol && source.meter === meter,
  );
  if (known >= 0) return known;
  return sources.push({ protocol, identification, ...(meter === undefined ? {} : { meter }) }) - 1;
}

/** The highest number of a meter that an entry has, or had when it was there; 0 without. */
export function highestMeterOf({ sources }: IndexBlock): number {
  return sources.reduce((highest, { meter = 0 }) => Math.max(highest, meter), 0);
}

/** Takes an entry out; false when there was none. */
export function removeEntry(block: IndexBlock, seq: number): boolean {
  const i = seq - block.base;
  if (!block.type[i]) return false;
  block.type[i] = 0;
  return true;
}

/** Count and bytes of the entries from `firstSeq` on. */
export function sumBlock(block: IndexBlock, firstSeq: number): { count: number; bytes: number } {
  let count = 0;
  let bytes = 0;
  for (let i = Math.max(0, firstSeq - block.base); i < BLOCK_ENTRIES; i++) {
    if (block.type[i] === 0) continue;
    count++;
    bytes += block.bytes[i] ?? 0;
  }
  return { count, bytes };
}

/** Found once for a block, since most blocks are sealed: what no entry or every entry meets needs no look at each. */
export function boundsOf(block: IndexBlock): Bounds {
  if (block.bounds) return block.bounds;
  const types = new Set<number>();
  for (const code of block.type) if (code !== 0) types.add(code);
  const extremes = (column: Uint32Array | Uint16Array): Extremes => {
    let least = Infinity;
    let greatest = -Infinity;
    for (let i = 0; i < BLOCK_ENTRIES; i++) {
      if (block.type[i] === 0) continue;
      const value = column[i] as number;
      if (value < least) least = value;
      if (value > greatest) greatest = value;
    }
    return { least, greatest };
  };
  return (block.bounds = {
    time: extremes(block.time),
    errorCode: extremes(block.errorCode),
    tableId: extremes(block.tableId),
    types,
  });
}

/** Places in a block, ascending; `rows` is larger than the list, which the count tells the length of. */
export type Rows = Uint16Array;

export function createRows(): Rows {
  return new Uint16Array(BLOCK_ENTRIES);
}

/**
 * A predicate over the rows of a block: moves those of the first `count` that match to the front, in their order, and
 * returns how many they are.
 */
export type Narrow = (block: IndexBlock, rows: Rows, count: number) => number;

/** Lists the entries from `firstSeq` on that exist and match; returns how many they are. */
export function listMatches(block: IndexBlock, firstSeq: number, narrow: Narrow | undefined, rows: Rows): number {
  const { type } = block;
  let count = 0;
  for (let i = Math.max(0, firstSeq - block.base); i < BLOCK_ENTRIES; i++) if (type[i] !== 0) rows[count++] = i;
  return narrow && count > 0 ? narrow(block, rows, count) : count;
}
