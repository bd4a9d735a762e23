import { SETTINGS_REVISION_KEY, inLogTransaction } from '../database.ts';
import type { OpenHhuDatabase } from '../database.ts';
import type { LogState } from '../log-state.ts';
import { readState } from '../read-state.ts';
import type { JournalState } from './frames.ts';
import type { JournalSum } from './image.ts';
import { settingsRevisionOf } from './settings.ts';

/** How a database compares with its second copy. */
export type Comparison =
  /** All is there; the copy may be behind. */
  | 'sound'
  | 'empty'
  | 'older'
  /** Rows are missing that the counters tell of. */
  | 'damaged'
  /** Both hold a log, and not the same: neither may go for the other. */
  | 'another log';

export type CopyEnd = Pick<JournalSum, 'settingsRevision' | 'newest'> & { readonly log: JournalState };

export async function compare(db: OpenHhuDatabase, end: CopyEnd): Promise<Comparison> {
  const { log: copy, newest } = end;
  const { state, rows, same, settingsRevision } = await inLogTransaction(db, 'readonly', async (tx) => ({
    state: await readState(tx),
    rows: await tx.objectStore('records').count(),
    same: newest && (await tx.objectStore('records').get(newest.seq)),
    settingsRevision: settingsRevisionOf(await tx.objectStore('settings').get(SETTINGS_REVISION_KEY)),
  }));
  // Rows without a state are what a deletion from a full store leaves; the copy knows of it.
  if (state.generation === '') return rows === 0 ? 'empty' : 'damaged';
  if (state.generation !== copy.generation) return 'another log';
  // Set back, and gone on from there while nobody had the copy: the same number stands for something else.
  if (same && JSON.stringify(same) !== JSON.stringify(newest)) return 'another log';
  const times = state.rebuilt?.times ?? 0;
  if (times < copy.rebuilt || (times === copy.rebuilt && state.revision < copy.revision)) return 'older';
  if (settingsRevision < end.settingsRevision) return 'older';
  return rows < state.count ? 'damaged' : 'sound';
}

/** The part of a state that a journal keeps. */
export function journalState(state: LogState): JournalState {
  const { generation, rebuilt, revision, firstSeq, nextSeq, count, capacityBytes, holes } = state;
  const times = rebuilt?.times ?? 0;
  return { generation, rebuilt: times, revision, firstSeq, nextSeq, count, capacityBytes, holes: holes.revision };
}
