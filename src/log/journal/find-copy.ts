import type { OpenHhuDatabase } from '../database.ts';
import { compare, type Comparison, type CopyEnd } from './comparison.ts';
import type { JournalFiles } from './files.ts';
import { readEnd } from './image.ts';
import type { Series } from './segments.ts';

/** A copy of this log: where it ends, and how the log compares with it. */
export interface FoundCopy {
  readonly end: Awaited<ReturnType<typeof readEnd>> & CopyEnd;
  readonly comparison: Exclude<Comparison, 'another log'>;
}

/** Undefined where the series is of another log, or cannot be read: nothing of it may go, whoever needs it has no other. */
export async function findCopy(
  db: OpenHhuDatabase,
  files: JournalFiles,
  whole: Series,
): Promise<FoundCopy | undefined> {
  const read = await readEnd(files, whole);
  if (!read.log) return undefined;
  const end = { ...read, log: read.log };
  const comparison = await compare(db, end);
  return comparison === 'another log' ? undefined : { end, comparison };
}
