import type { LogRecord } from '../record.ts';
import type { JournalFile, JournalFiles } from './files.ts';
import { decodeFrames } from './frames.ts';
import type { JournalEntry, JournalState } from './frames.ts';
import { segmentName } from './segments.ts';
import type { Series } from './segments.ts';

/** What entries add up to. */
export interface JournalSum {
  /** Absent where not even one entry tells of the log. */
  readonly log?: JournalState;
  readonly removed: ReadonlySet<number>;
  readonly settings: ReadonlyMap<string, unknown>;
  readonly settingsRevision: number;
  /** The record with the highest sequence number. */
  readonly newest?: LogRecord;
}

/**
 * The order of entries matters for settings only. A sequence number stands for one record for ever, so records and what
 * was removed may come in any order: also from a window that was frozen and wrote on when another had taken over.
 */
export function sumUp(batches: Iterable<readonly JournalEntry[]>): JournalSum {
  let log: JournalState | undefined;
  const removed = new Set<number>();
  const settings = new Map<string, unknown>();
  let settingsRevision = 0;
  let newest: LogRecord | undefined;
  for (const entries of batches) {
    for (const entry of entries) {
      if (entry.log && (!log || isNewer(entry.log, log))) log = entry.log;
      settingsRevision = Math.max(settingsRevision, entry.settingsRevision ?? 0);
      for (const seq of entry.removed ?? []) removed.add(seq);
      for (const record of entry.records ?? []) if (record.seq > (newest?.seq ?? 0)) newest = record;
      for (const { key, value } of entry.settings ?? []) {
        if (value === undefined) settings.delete(key);
        else settings.set(key, value);
      }
    }
  }
  return { ...(log ? { log } : {}), removed, settings, settingsRevision, ...(newest ? { newest } : {}) };
}

function isNewer(a: JournalState, b: JournalState): boolean {
  return a.rebuilt > b.rebuilt || (a.rebuilt === b.rebuilt && a.revision > b.revision);
}

/**
 * Where a journal ends. Its newest segment alone tells it, since each begins with all that is not a record; where that
 * beginning was never written or is damaged, so much of what is before it is read that one is found.
 */
export async function readEnd(
  files: JournalFiles,
  { segments }: Series,
): Promise<JournalSum & { readonly end: number }> {
  const batches: (readonly JournalEntry[])[] = [];
  let end: number | undefined;
  for (const segment of segments.toReversed()) {
    const frames = decodeFrames(await files.read(segmentName(segment)));
    end ??= frames.end;
    batches.unshift(frames.entries);
    if (frames.entries.some(({ log, settings }) => log && settings)) break;
  }
  return { ...sumUp(batches), end: end ?? 0 };
}

/** A whole journal, which is read one segment at a time and without waiting, as a transaction of IndexedDB needs it. */
export interface JournalImage extends JournalSum {
  /** Every record that is to be there, some more than once. */
  records(): Iterable<readonly LogRecord[]>;
  close(): void;
}

export async function openImage(files: JournalFiles, { segments }: Series): Promise<JournalImage> {
  const opened: JournalFile[] = [];
  const sources: (() => Uint8Array)[] = [];
  const close = () => {
    for (const file of opened) file.close();
  };
  try {
    for (const segment of segments) {
      const name = segmentName(segment);
      const file = await files.open(name).catch(() => undefined);
      if (file) {
        opened.push(file);
        sources.push(() => file.read());
      } else {
        // A frozen window still has it open.
        const bytes = await files.read(name);
        sources.push(() => bytes);
      }
    }
    const entries = function* () {
      for (const source of sources) yield decodeFrames(source()).entries;
    };
    const sum = sumUp(entries());
    const { log, removed, newest } = sum;
    const firstSeq = log?.firstSeq ?? (newest?.seq ?? 0) + 1;
    const isThere = ({ seq }: LogRecord) => seq >= firstSeq && !removed.has(seq);
    return {
      ...sum,
      *records() {
        for (const each of entries()) yield each.flatMap(({ records = [] }) => records.filter(isThere));
      },
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}
