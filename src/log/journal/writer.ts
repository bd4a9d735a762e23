import { isFull } from '../database.ts';
import type { JournalFile, JournalFiles } from './files.ts';
import { encodeFrame } from './frames.ts';
import type { JournalEntry } from './frames.ts';
import { keptName, listSegments, segmentName, wholeName } from './segments.ts';
import type { Segment, Series } from './segments.ts';

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
  let file: JournalFile | undefined;
  /** The last is the one that is open; of the others the size is known. */
  let segments: (Segment & { bytes: number })[] = [];
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

  function close(): void {
    file?.close();
    file = undefined;
    segments = [];
  }

  async function openSegment(segment: Segment): Promise<void> {
    const opened = await (await files()).open(segmentName(segment));
    opened.truncate(0);
    const last = segments.at(-1);
    if (file && last) last.bytes = file.size;
    file?.close();
    file = opened;
    segments.push({ ...segment, bytes: 0 });
    file.append(encodeFrame(head));
  }

  /** Another window has taken over while this one was frozen: what is there now is not ours. */
  async function checkOwn(last: Segment): Promise<void> {
    const names = await (await files()).names();
    const isOurs = names.includes(segmentName(last));
    const { newest } = await listSegments(await files());
    if (!isOurs || newest > last.series) throw new DOMException('', 'NoModificationAllowedError');
  }

  const writer: JournalWriter = {
    files,
    get fromSeq() {
      return segments[0]?.fromSeq ?? Infinity;
    },
    isBloated(usedBytes) {
      const bytes = segments.reduce((sum, segment) => sum + segment.bytes, file?.size ?? 0);
      return isWhole && bytes > 2 * Math.max(usedBytes, MIB) + 4 * MIB;
    },
    async resume({ segments: listed }, end, bytes) {
      close();
      const last = listed.at(-1);
      if (!last) return;
      const all = await files();
      const sizes = await Promise.all(listed.map((segment) => all.size(segmentName(segment))));
      const opened = await all.open(segmentName(last)).catch(() => undefined);
      segments = listed.map((segment, i) => ({ ...segment, bytes: segment === last ? 0 : (sizes[i] ?? 0) }));
      isWhole = true;
      segmentBytes = bytes;
      // A window that was frozen still has it open.
      if (!opened) return await openSegment({ ...last, number: last.number + 1, fromSeq: headSeq });
      if (end < opened.size) opened.truncate(end);
      file = opened;
    },
    async setAside({ series }) {
      (await (await files()).open(keptName(series))).close();
    },
    async begin(fromSeq, bytes) {
      const { newest } = await listSegments(await files());
      close();
      isWhole = false;
      segmentBytes = bytes;
      await openSegment({ series: newest + 1, number: 1, fromSeq });
    },
    headWith(next, fromSeq) {
      head = next;
      headSeq = fromSeq;
    },
    async write(entry) {
      const last = segments.at(-1);
      if (!file || !last) return;
      const frame = encodeFrame(entry);
      if (file.size > 0 && file.size + frame.length > segmentBytes) {
        await checkOwn(last);
        await openSegment({ ...last, number: last.number + 1, fromSeq: headSeq });
      }
      try {
        file.append(frame);
      } catch (error) {
        // The newest of the copy is worth more than its oldest.
        if (!isFull(error) || !(await writer.dropOldest())) throw error;
        file.append(frame);
      }
    },
    async finish() {
      const last = segments.at(-1);
      if (isWhole || !last) return;
      const all = await files();
      (await all.open(wholeName(last.series))).close();
      isWhole = true;
      const { leftOver } = await listSegments(all);
      for (const name of leftOver) await removeUnlessOpen(all, name);
    },
    async dropBefore(seq) {
      while (segments.length > 1 && (segments[1]?.fromSeq ?? Infinity) <= seq) {
        if (!(await writer.dropOldest())) return;
      }
    },
    async dropOldest() {
      const [oldest, next] = segments;
      if (!oldest || !next) return false;
      if (!(await removeUnlessOpen(await files(), segmentName(oldest)))) return false;
      segments.shift();
      return true;
    },
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
  return writer;
}

/** A frozen window may have it open; then it goes another time, and this is false. */
async function removeUnlessOpen(files: JournalFiles, name: string): Promise<boolean> {
  try {
    await files.remove(name);
    return true;
  } catch (error) {
    const { name: fault } = error instanceof DOMException ? error : { name: '' };
    if (fault === 'NotFoundError') return true;
    if (fault === 'NoModificationAllowedError') return false;
    throw error;
  }
}
