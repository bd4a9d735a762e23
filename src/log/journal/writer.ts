import { isFull } from '../database.ts';
import type { JournalFiles } from './files.ts';
import { encodeFrame } from './frames.ts';
import type { JournalEntry } from './frames.ts';
import { createOpenSeries, removeUnlessOpen } from './open-series.ts';
import { keptName, listSegments, segmentName, wholeName } from './segments.ts';
import type { Series } from './segments.ts';

/** Appends to the files of a journal, begins new ones, and lets old ones go. */
export interface JournalWriter {
  files(): Promise<JournalFiles>;
  /** No record before this one is in the copy; Infinity while nothing is written. */
  readonly fromSeq: number;
  /** Much of it is about records that are gone: it had better be written anew. */
  isBloated(usedBytes: number): boolean;
  /** Goes on with a series, behind the last whole entry of its last segment. */
  resume(series: Series, end: number, segmentBytes: number): Promise<void>;
  /** Begins a series beside the one that is there. */
  begin(fromSeq: number, segmentBytes: number): Promise<void>;
  /** What the next segment begins with, and the sequence number that no record before it reaches. */
  headWith(head: JournalEntry, fromSeq: number): void;
  write(entry: JournalEntry): Promise<void>;
  /** A series is of another log, or cannot be read: it stays as it is for good, and no copy goes on with it. */
  setAside(series: Series): Promise<void>;
  /** The series that was begun is whole: the others go, but for those that were set aside. */
  finish(): Promise<void>;
  /** Segments go whose records are all gone. */
  dropBefore(seq: number): Promise<void>;
  /** False where there is only one segment left, or a frozen window has the oldest open. */
  dropOldest(): Promise<boolean>;
  /** All that would be put back goes, but for what was set aside; needs no room. */
  removeAll(): Promise<void>;
  close(): void;
}

const MIB = 1024 * 1024;

export function createWriter(openFiles: () => Promise<JournalFiles>): JournalWriter {
  let opening: Promise<JournalFiles> | undefined;
  let isWhole = false;
  let head: JournalEntry = {};
  let headSeq = 0;
  let segmentBytes = MIB;

  const files = () => {
    // Asked anew after a failure: a directory that was cleared away has to be made again.
    opening ??= openFiles().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
  const series = createOpenSeries(files);
  const { close, dropBefore, dropOldest } = series;

  return {
    files,
    get fromSeq() {
      return series.fromSeq;
    },
    isBloated: (usedBytes) => isWhole && series.bytes > 2 * Math.max(usedBytes, MIB) + 4 * MIB,
    async resume({ segments }, end, bytes) {
      const isOpen = await series.resume(segments, end);
      const last = segments.at(-1);
      if (!last) return;
      isWhole = true;
      segmentBytes = bytes;
      if (!isOpen) await series.begin({ ...last, number: last.number + 1, fromSeq: headSeq }, encodeFrame(head));
    },
    async setAside({ series }) {
      (await (await files()).open(keptName(series))).close();
    },
    async begin(fromSeq, bytes) {
      const { newest } = await listSegments(await files());
      close();
      isWhole = false;
      segmentBytes = bytes;
      await series.begin({ series: newest + 1, number: 1, fromSeq }, encodeFrame(head));
    },
    headWith(next, fromSeq) {
      head = next;
      headSeq = fromSeq;
    },
    async write(entry) {
      const { last, lastBytes } = series;
      if (!last) return;
      const frame = encodeFrame(entry);
      if (lastBytes > 0 && lastBytes + frame.length > segmentBytes) {
        await series.checkOwn();
        await series.begin({ ...last, number: last.number + 1, fromSeq: headSeq }, encodeFrame(head));
      }
      try {
        series.append(frame);
      } catch (error) {
        // The newest of the copy is worth more than its oldest.
        if (!isFull(error) || !(await dropOldest())) throw error;
        series.append(frame);
      }
    },
    async finish() {
      const { last } = series;
      if (isWhole || !last) return;
      const all = await files();
      (await all.open(wholeName(last.series))).close();
      isWhole = true;
      const { leftOver } = await listSegments(all);
      for (const name of leftOver) await removeUnlessOpen(all, name);
    },
    dropBefore,
    dropOldest,
    async removeAll() {
      close();
      const all = await files();
      const { whole } = await listSegments(all);
      if (!whole) return;
      // At first what makes it a copy: half of one must not be taken for all.
      for (const name of [wholeName(whole.series), ...whole.segments.map(segmentName)]) {
        await removeUnlessOpen(all, name);
      }
    },
    close,
  };
}
