import type { JournalFile, JournalFiles } from './files.ts';
import { listSegments, segmentName } from './segments.ts';
import type { Segment } from './segments.ts';

/** The series that is being written: its files, of which the last is open. */
export interface OpenSeries {
  /** The segment that is open; undefined while nothing is written. */
  readonly last: Segment | undefined;
  /** Of all of it, and of the segment that is open. */
  readonly bytes: number;
  readonly lastBytes: number;
  /** No record before this one is in it; Infinity while nothing is written. */
  readonly fromSeq: number;
  /** Goes on with these, behind `end` of the last one. False where a frozen window has that open: the next has to begin. */
  resume(listed: readonly Segment[], end: number): Promise<boolean>;
  /** A segment comes behind the others, with what stands at its head. */
  begin(segment: Segment, head: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Throws where not all of it could be written; what was is written over by the next. */
  append(frame: Uint8Array<ArrayBuffer>): void;
  /** Rejects where another window has taken over while this one was frozen: what is there now is not ours. */
  checkOwn(): Promise<void>;
  /** False where there is only one segment left, or a frozen window has the oldest open. */
  dropOldest(): Promise<boolean>;
  /** Segments go in which there is nothing but records before this one; the last stays. */
  dropBefore(seq: number): Promise<void>;
  close(): void;
}

export function createOpenSeries(files: () => Promise<JournalFiles>): OpenSeries {
  let file: JournalFile | undefined;
  /** The last is the one that is open; of the others the size is known. */
  let segments: (Segment & { bytes: number })[] = [];

  function close(): void {
    file?.close();
    file = undefined;
    segments = [];
  }

  async function dropOldest(): Promise<boolean> {
    const [oldest, next] = segments;
    if (!oldest || !next) return false;
    if (!(await removeUnlessOpen(await files(), segmentName(oldest)))) return false;
    segments.shift();
    return true;
  }

  return {
    get last() {
      return file && segments.at(-1);
    },
    get bytes() {
      return segments.reduce((sum, segment) => sum + segment.bytes, file?.size ?? 0);
    },
    get lastBytes() {
      return file?.size ?? 0;
    },
    get fromSeq() {
      return segments[0]?.fromSeq ?? Infinity;
    },
    async resume(listed, end) {
      close();
      const last = listed.at(-1);
      if (!last) return false;
      const all = await files();
      const sizes = await Promise.all(listed.map((segment) => all.size(segmentName(segment))));
      const opened = await all.open(segmentName(last)).catch(() => undefined);
      segments = listed.map((segment, i) => ({ ...segment, bytes: segment === last ? 0 : (sizes[i] ?? 0) }));
      if (!opened) return false;
      if (end < opened.size) opened.truncate(end);
      file = opened;
      return true;
    },
    async begin(segment, head) {
      const opened = await (await files()).open(segmentName(segment));
      opened.truncate(0);
      const last = segments.at(-1);
      if (file && last) last.bytes = file.size;
      file?.close();
      file = opened;
      segments.push({ ...segment, bytes: 0 });
      file.append(head);
    },
    append(frame) {
      if (!file) throw new DOMException('It was closed meanwhile.', 'InvalidStateError');
      file.append(frame);
    },
    async checkOwn() {
      const last = segments.at(-1);
      if (!last) return;
      const names = await (await files()).names();
      const isOurs = names.includes(segmentName(last));
      const { newest } = await listSegments(await files());
      if (!isOurs || newest > last.series) throw new DOMException('', 'NoModificationAllowedError');
    },
    dropOldest,
    async dropBefore(seq) {
      while ((segments[1]?.fromSeq ?? Infinity) <= seq && (await dropOldest()));
    },
    close,
  };
}

/** A frozen window may have it open; then it goes another time, and this is false. */
export async function removeUnlessOpen(files: JournalFiles, name: string): Promise<boolean> {
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
