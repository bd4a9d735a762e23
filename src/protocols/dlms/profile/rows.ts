import type { Data } from '../axdr/data.ts';
import { dataBytes } from '../axdr/write-data.ts';
import { localMs } from '../cosem/date-time.ts';
import { clockColumn, rowsIn, type Column, type Row } from '../cosem/profile.ts';
import { dlmsError } from '../errors.ts';
import { MOST_DATA } from '../record-data.ts';
import { stampBytes } from './selection.ts';

/** Times in milliseconds, as if the meter's local time were UTC. */
export type Span = readonly [from: number, to: number];

/**
 * The rows of a profile from one answer after another: what lies outside of what is wanted is cut, and what an answer
 * before had already is dropped. Rows stay as received but for one whose row before is left out: it gets what it took over.
 */
export interface RowBook {
  /** Rows that are new, and whether each of them has a time. Throws a MeterError 'form' for what is no buffer. */
  add(buffer: Data): { readonly rows: number; readonly isTimed: boolean };
  readonly rows: number;
  /** Latest time of all rows. */
  readonly last: number | undefined;
  readonly first: number | undefined;
  /** No more of them has room in a record. */
  readonly isFull: boolean;
  /** A buffer of all rows. */
  readonly value: Data;
}

/** Bytes of rows: beside them a record has what the columns are. */
const MOST_BYTES = (MOST_DATA * 7) / 16;

export function rowBook(columns: readonly Column[], stepSeconds: number, [from, to]: Span): RowBook {
  const clock = clockColumn(columns);
  const items: Data[] = [];
  const known = new Set<string>();
  let size = 0;
  let isFull = false;
  let first: number | undefined;
  let last: number | undefined;
  return {
    add(buffer) {
      const rows = rowsIn(buffer, columns, stepSeconds);
      if (!rows || !('items' in buffer))
        throw dlmsError('form', 'What the meter gives for the profile is no list of rows.');
      const own: string[] = [];
      const had = items.length;
      let isTimed = true;
      let before = -1;
      for (const [at, row] of rows.entries()) {
        const ms = row.time && localMs(row.time);
        isTimed &&= ms !== undefined;
        // The hour that comes twice is told by its season, or by the order within one answer.
        const key = ms === undefined ? undefined : `${ms} ${row.time?.season ?? ''}`;
        if (ms !== undefined && (ms < from || ms > to)) continue;
        if (key !== undefined && known.has(key)) continue;
        if (key !== undefined) own.push(key);
        const item = buffer.items[at];
        const kept = item && (before === at - 1 ? item : byItself(item, row, clock, ms));
        size += kept ? dataBytes(kept).length : 0;
        isFull = size > MOST_BYTES;
        if (isFull) break;
        if (kept) items.push(kept);
        before = at;
        if (ms === undefined) continue;
        first = Math.min(first ?? ms, ms);
        last = Math.max(last ?? ms, ms);
      }
      for (const key of own) known.add(key);
      return { rows: items.length - had, isTimed };
    },
    get rows() {
      return items.length;
    },
    get isFull() {
      return isFull;
    },
    get last() {
      return last;
    },
    get first() {
      return first;
    },
    get value() {
      return { type: 'array', items } as const;
    },
  };
}

/** A row that takes over nothing from one before it. */
function byItself(item: Data, { cells }: Row, clock: number, ms: number | undefined): Data {
  if (item.type !== 'structure' && item.type !== 'array') return cells[0] ?? item;
  return {
    type: item.type,
    items: cells.map((cell, at): Data => {
      if (at !== clock || cell.type !== 'null' || ms === undefined) return cell;
      return { type: 'octet-string', bytes: stampBytes(ms) };
    }),
  };
}
