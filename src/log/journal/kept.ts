import type { LogRecord } from '../record.ts';
import type { JournalFiles } from './files.ts';
import { decodeFrames } from './frames.ts';
import type { JournalEntry } from './frames.ts';
import { sumUp } from './image.ts';
import { keptName, listSegments, segmentName, wholeName } from './segments.ts';

/** A copy that was set aside, because it is of another log or cannot be read: what can still be read of it. */
export interface KeptCopy {
  readonly series: number;
  readonly bytes: number;
  readonly records: number;
  /** Unix seconds; absent without records. */
  readonly first?: number;
  readonly last?: number;
}

export async function listKept(files: JournalFiles): Promise<readonly KeptCopy[]> {
  const { keptSeries } = await listSegments(files);
  return await Promise.all(
    keptSeries.map(async ({ series, segments }) => {
      const sizes = await Promise.all(segments.map((segment) => files.size(segmentName(segment))));
      let first = Infinity;
      let last = -Infinity;
      const { records } = await readKept(files, series, ({ time }) => {
        first = Math.min(first, time);
        last = Math.max(last, time);
      });
      const bytes = sizes.reduce((sum, size) => sum + size, 0);
      return { series, bytes, records, ...(records > 0 ? { first, last } : {}) };
    }),
  );
}

/** Every record that its log had at last, once; also where the other files of the copy are lost. */
export async function readKept(
  files: JournalFiles,
  series: number,
  visit: (record: LogRecord) => void,
): Promise<{ readonly records: number; readonly settings: ReadonlyMap<string, unknown> }> {
  const { keptSeries } = await listSegments(files);
  const segments = keptSeries.find((each) => each.series === series)?.segments ?? [];
  // File by file, twice: the end tells what was deleted, and all of it may be too much at once.
  const batches: JournalEntry[] = [];
  const eachFile = async (work: (entries: readonly JournalEntry[]) => void) => {
    for (const segment of segments) work(decodeFrames(await files.read(segmentName(segment))).entries);
  };
  await eachFile((entries) => {
    for (const { records: _, ...rest } of entries) batches.push(rest);
  });
  const { log, removed, settings } = sumUp([batches]);
  const seen = new Set<number>();
  await eachFile((entries) => {
    for (const record of entries.flatMap(({ records = [] }) => records)) {
      if (record.seq < (log?.firstSeq ?? 0) || removed.has(record.seq) || seen.has(record.seq)) continue;
      seen.add(record.seq);
      visit(record);
    }
  });
  return { records: seen.size, settings };
}

/** For good. Rejects where another window has a file of it open; then it can be tried again. */
export async function removeKept(files: JournalFiles, series: number): Promise<void> {
  const { keptSeries } = await listSegments(files);
  const segments = keptSeries.find((each) => each.series === series)?.segments ?? [];
  const names = new Set(await files.names());
  // Last what keeps it from counting as a copy of this log.
  for (const name of [...segments.map(segmentName), wholeName(series), keptName(series)]) {
    if (names.has(name)) await files.remove(name);
  }
}
