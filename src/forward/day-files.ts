import type { LogRecord } from '../log/record.ts';
import type { Cursor } from './cursor.ts';

/** The automatic export as data: which records go into which file next, and what is known to be written. Pure. */
export type FolderFormat = 'jsonl' | 'csv';

export interface FolderProgress extends Cursor {
  /** A piece that was about to be written when this was stored; whether it was is told by the size of the file. */
  readonly pending?: Pending;
}

export interface Pending {
  readonly fileName: string;
  /** Size of the file before, and with the piece; bytes. */
  readonly from: number;
  readonly to: number;
  /** The sequence number that is reached with it. */
  readonly lastSeq: number;
}

/** Records that follow each other on one day, so that they go into one file. */
export interface DayRun {
  /** "2026-11-20", in UTC like the times in the file. */
  readonly day: string;
  readonly lastSeq: number;
  readonly count: number;
}

/** A file is copied with every piece that is added to it; a larger one would make that slow. Bytes. */
export const MOST_FILE_BYTES = 8 * 1024 * 1024;

/** @param records in ascending order; undefined when there are none */
export function firstDayRun(records: readonly LogRecord[]): DayRun | undefined {
  const [first] = records;
  if (!first) return undefined;
  const day = dayOf(first);
  const end = records.findIndex((record) => dayOf(record) !== day);
  const count = end < 0 ? records.length : end;
  return { day, count, lastSeq: records[count - 1]?.seq ?? first.seq };
}

/** "OpenHHU_records_2026-11-20.csv"; a further part of the same day has its number. */
export function dayFileName(day: string, part: number, format: FolderFormat): string {
  return `OpenHHU_records_${day}${part > 1 ? `_${part}` : ''}.${format}`;
}

/** What is known once the size of the pending piece's file is. A piece is written as a whole or not at all. */
export function settlePending(progress: FolderProgress, size: number): FolderProgress {
  const { pending, ...rest } = progress;
  if (!pending) return progress;
  return { ...rest, lastSeq: size >= pending.to ? pending.lastSeq : rest.lastSeq };
}

/** A piece to be added to a file that has some content already: its own row of titles goes. */
export function withoutTitles(text: string, format: FolderFormat): string {
  return format === 'csv' ? text.slice(text.indexOf('\r\n') + 2) : text;
}

export function isFolderProgress(value: unknown): value is FolderProgress {
  return typeof value === 'object' && value !== null && 'lastSeq' in value && Number.isSafeInteger(value.lastSeq);
}

function dayOf({ time }: LogRecord): string {
  return new Date(time * 1000).toISOString().slice(0, 10);
}
