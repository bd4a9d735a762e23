import { nextRecords, spanFilter, type ReadPage } from './cursor.ts';
import { dayFileName, firstDayRun, MOST_FILE_BYTES, settlePending, withoutTitles } from './day-files.ts';
import type { FolderFormat, FolderProgress } from './day-files.ts';

export interface FolderWriterParts {
  readonly folder: FileSystemDirectoryHandle;
  readonly format: FolderFormat;
  readonly page: ReadPage;
  /** The records that match a filter text as a file of the format, titles included. */
  piece(filter: string): Promise<Blob>;
  /** Keeps the progress; awaited before and after each piece. */
  save(progress: FolderProgress): Promise<void>;
}

/**
 * Writes what the log has got since, piece by piece, until nothing is left or the signal aborts. Rejects when the folder
 * or the log fails, and can be called again from the progress it saved last. Ended at any moment, it leaves no record
 * out and none twice.
 */
export async function writeNewRecords(
  { folder, format, page, piece, save }: FolderWriterParts,
  begin: FolderProgress,
  signal: AbortSignal,
): Promise<void> {
  let progress = settlePending(begin, await sizeOf(folder, begin.pending?.fileName));
  if (begin.pending) await save(progress);
  while (!signal.aborted) {
    const { cursor, records } = await nextRecords(page, progress, signal);
    const run = firstDayRun(records);
    if (!run) break;
    const whole = await piece(spanFilter(cursor.lastSeq, run.lastSeq));
    const { fileName, size } = await roomyFile(folder, run.day, format);
    const content = size === 0 ? whole : new Blob([withoutTitles(await whole.text(), format)]);
    await save({ ...cursor, pending: { fileName, from: size, to: size + content.size, lastSeq: run.lastSeq } });
    await append(folder, fileName, size, content);
    progress = { ...cursor, lastSeq: run.lastSeq };
    await save(progress);
  }
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
