import type { ArchiveClient } from '../../archive/client.ts';
import type { MeterLabel } from '../../log/export/meter-labels.ts';
import { dayFileName, firstDayRun, MOST_FILE_BYTES, progressIn, settlePending, withoutTitles } from './day-files.ts';
import type { FolderFormat, FolderProgress } from './day-files.ts';

export interface FolderWriterParts {
  readonly archive: ArchiveClient;
  readonly folder: FileSystemDirectoryHandle;
  readonly format: FolderFormat;
  /** What the meters of the list are called now. */
  meters(): readonly MeterLabel[];
  /** Keeps the progress; awaited before and after each piece. */
  save(progress: FolderProgress): Promise<void>;
}

/** Sequence numbers looked at in one go. */
const WINDOW = 500;

/**
 * Writes what the log has got since, piece by piece, until nothing is left or the signal aborts. Resolves with how far
 * it came; rejects when the folder or the log fails, and can be called again from the progress it saved last. Ended at
 * any moment, it leaves no record out and none twice.
 */
export async function writeNewRecords(
  parts: FolderWriterParts,
  begin: FolderProgress,
  signal: AbortSignal,
): Promise<FolderProgress> {
  const { archive, folder, format, save } = parts;
  let progress = settlePending(begin, await sizeOf(folder, begin.pending?.fileName));
  if (begin.pending) await save(progress);
  while (!signal.aborted) {
    const after = progress.lastSeq;
    const filter = `SEQ>${after};SEQ<=${after + WINDOW}`;
    const { records, state } = await archive.call('page', { filter, limit: WINDOW });
    progress = progressIn(state, progress);
    if (progress.lastSeq !== after) continue;
    const run = firstDayRun(records.toReversed());
    if (!run) {
      // Nothing here: the end, or a stretch that the ring or a person has deleted.
      const next = Math.max(state.firstSeq - 1, after + WINDOW);
      if (next >= state.nextSeq - 1) break;
      progress = { ...progress, lastSeq: next };
      continue;
    }
    const piece = await archive.call('export', {
      filter: `SEQ>${after};SEQ<=${run.lastSeq}`,
      format,
      meters: parts.meters(),
    });
    const text = (await piece.files[0]?.content.text()) ?? '';
    const { fileName, size } = await roomyFile(folder, run.day, format);
    const content = new Blob([size === 0 ? text : withoutTitles(text, format)]);
    await save({ ...progress, pending: { fileName, from: size, to: size + content.size, lastSeq: run.lastSeq } });
    await append(folder, fileName, size, content);
    progress = { ...progress, lastSeq: run.lastSeq };
    await save(progress);
  }
  return progress;
}

/** The newest part of a day's file, or the next one when that is full. */
async function roomyFile(folder: FileSystemDirectoryHandle, day: string, format: FolderFormat) {
  for (let part = 1; ; part++) {
    const fileName = dayFileName(day, part, format);
    const size = await sizeOf(folder, fileName);
    if (size < MOST_FILE_BYTES) return { fileName, size };
  }
}

/** 0 for a file that is not there. */
async function sizeOf(folder: FileSystemDirectoryHandle, fileName: string | undefined): Promise<number> {
  if (fileName === undefined) return 0;
  try {
    return (await (await folder.getFileHandle(fileName)).getFile()).size;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotFoundError') return 0;
    throw error;
  }
}

/** The file takes the place of the old one when it is closed, so it has the whole piece or nothing of it. */
async function append(folder: FileSystemDirectoryHandle, fileName: string, at: number, content: Blob): Promise<void> {
  const file = await folder.getFileHandle(fileName, { create: true });
  const writable = await file.createWritable({ keepExistingData: true });
  await writable.write({ type: 'write', position: at, data: content });
  await writable.close();
}
