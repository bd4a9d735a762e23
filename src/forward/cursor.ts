import type { LogState } from '../log/log-state.ts';
import type { Page } from '../log/reader.ts';
import type { LogRecord } from '../log/record.ts';

/** How far somebody who follows the log has come. */
export interface Cursor {
  /** Every record up to this sequence number is where it belongs. */
  readonly lastSeq: number;
  /** Which log that number is of; absent in what was stored before logs had names. */
  readonly log?: LogName;
}

/** A log by its generation, and how often it had been rebuilt. */
export interface LogName {
  readonly generation: string;
  readonly rebuilt: number;
}

/** The newest records that match a filter text, at most `limit` of them. */
export type ReadPage = (filter: string, limit: number) => Promise<Pick<Page, 'records' | 'state'>>;

/** Sequence numbers looked at in one go. */
const WINDOW = 500;

/**
 * The records behind a cursor, oldest first, at most a window of them; none at the end of the log. The cursor stands
 * before them, in the log as it is now.
 */
export async function nextRecords(
  read: ReadPage,
  begin: Cursor,
  signal: AbortSignal,
): Promise<{ readonly cursor: Cursor; readonly records: readonly LogRecord[] }> {
  let cursor = begin;
  while (!signal.aborted) {
    const after = cursor.lastSeq;
    const { records, state } = await read(spanFilter(after, after + WINDOW), WINDOW);
    cursor = cursorIn(state, cursor);
    if (cursor.lastSeq !== after) continue;
    if (records.length > 0) return { cursor, records: records.toReversed() };
    // Nothing here: the end, or a stretch that the ring or a person has deleted.
    const next = Math.max(state.firstSeq - 1, after + WINDOW);
    if (next >= state.nextSeq - 1) break;
    cursor = { ...cursor, lastSeq: next };
  }
  return { cursor, records: [] };
}

/** Records from behind one number up to another, in the filter language. */
export function spanFilter(after: number, upTo: number): string {
  return `SEQ>${after};SEQ<=${upTo}`;
}

/**
 * A cursor in the log as it is. Another log is followed from its beginning; after rebuilding numbers may have been given
 * anew, and those come again.
 */
export function cursorIn(state: LogState, cursor: Cursor): Cursor {
  const { log } = cursor;
  const { generation, rebuilt } = state;
  const now = { log: { generation, rebuilt: rebuilt?.times ?? 0 } };
  if (log === undefined || log.generation === '') return { ...cursor, ...now };
  if (log.generation !== generation) return { lastSeq: 0, ...now };
  if (log.rebuilt === now.log.rebuilt || !rebuilt) return { ...cursor, ...now };
  return { ...cursor, lastSeq: Math.min(cursor.lastSeq, rebuilt.nextSeq - 1), ...now };
}
