import { unwrap } from 'idb';
import { inLogTransaction, isFull } from '../database.ts';
import type { OpenHhuDatabase } from '../database.ts';
import type { LogState } from '../log-state.ts';
import { readState } from '../read-state.ts';
import type { JournalFiles } from './files.ts';
import type { JournalState } from './frames.ts';
import { openImage } from './image.ts';
import { journalState, type Comparison } from './comparison.ts';
import { RebuildFailed } from './rebuild-failed.ts';
import { rebuild, rebuildSmall, standIn } from './rebuild.ts';
import type { RebuildImage, SettleRestored } from './rebuild.ts';
import { segmentName } from './segments.ts';
import type { Series } from './segments.ts';
import { changesOf, readSettings } from './settings.ts';

/** What was put back, and why. */
export interface Restored {
  readonly why: Exclude<Comparison, 'sound' | 'another log'>;
  readonly records: number;
  /** Records that could not be put back, since the copy lacks them too; absent: none. */
  readonly lost?: number;
  /** Records that the copy has and the store has no room for: they are put back at a start that finds some. */
  readonly waiting?: number;
  /** Nothing at all could be put back: the log is shown as it was then, and takes nothing until there is room. */
  readonly readOnly?: true;
}

export interface PuttingBack {
  readonly db: OpenHhuDatabase;
  readonly files: JournalFiles;
  readonly series: Series;
  /** How the copy ends. */
  readonly end: JournalState;
  readonly why: Restored['why'];
  readonly settleRestored: SettleRestored;
  readonly onRestored: (restored: Restored) => void;
}

/** Resolves with what the copy is true for then; and how the log stands, where a full store could not take that. */
export async function putBack(task: PuttingBack): Promise<{ readonly log: JournalState; readonly owed?: LogState }> {
  const { db, files, series, why, settleRestored, onRestored } = task;
  const opened = await openImage(files, series);
  const image: RebuildImage = { ...opened, log: opened.log ?? task.end };
  const { log } = image;
  try {
    const { state, restored, lost } = await rebuild(db, image, settleRestored, why !== 'damaged');
    if (why !== 'damaged' || restored > 0 || lost > 0) {
      onRestored({ why, records: restored, ...(lost > 0 ? { lost } : {}) });
    }
    // A database that was empty has nothing that the copy has not; of another that is not known.
    return { log: why === 'empty' ? journalState(state) : log };
  } catch (error) {
    const owed = isFull(error) ? await makeDo(task, image) : undefined;
    if (owed) return { log, owed };
    if (!(error instanceof DOMException)) throw error;
    const spare = why === 'older' ? await heldFiles(db, series) : [];
    if (why === 'older' && spare.length === 0 && isFull(error)) await onlyShow(task, image);
    // The log must not begin anew beside a copy that could not be put back only now.
    throw new RebuildFailed(error, spare);
  } finally {
    opened.close();
  }
}

/** How the log stands in a store that has no room for all of it; undefined where it must not be used so. */
async function makeDo(
  { db, why, settleRestored, onRestored }: PuttingBack,
  image: RebuildImage,
): Promise<LogState | undefined> {
  if (why === 'older' && !(await isTaken(rebuildSmall(db, image, settleRestored)))) return undefined;
  const owed = await standIn(db, image);
  // What is there can be used, and made less; and nothing is missing where the copy has no more than that.
  const isAll = async () => owed.count === 0 && changesOf(image.settings, await readSettings(db)).length === 0;
  if (why === 'empty' && !(await isAll())) return undefined;
  if (why === 'older') onRestored({ why, records: 0, waiting: owed.count - (await db.count('records')) });
  return owed;
}

/**
 * The older log can be looked at where the store takes nothing of the newer one and nothing can be spared. What was written
 * on top of it would be of another log than the copy's: so nothing is. Always rejects, which leaves the copy as it is.
 */
async function onlyShow({ db, why, onRestored }: PuttingBack, image: RebuildImage): Promise<never> {
  const waiting = (await standIn(db, image)).count - (await db.count('records'));
  refuseWrites(unwrap(db));
  onRestored({ why, records: 0, waiting, readOnly: true });
  throw new Error(NO_ROOM);
}

/** Whoever tries has the database opened anew for the next one, who finds it put back where there is room by then. */
function refuseWrites(connection: IDBDatabase): void {
  const transaction = connection.transaction.bind(connection);
  connection.transaction = (stores, mode, options) => {
    if (mode !== 'readwrite') return transaction(stores, mode, options);
    connection.close();
    throw new DOMException(NO_ROOM, 'QuotaExceededError');
  };
}

const NO_ROOM = 'There is no room to bring the log up to date: until there is, it can only be looked at.';

/** False where a full store refuses it. */
async function isTaken(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (!isFull(error)) throw error;
    return false;
  }
}

/** The oldest files of the copy, as far as a database that has all its rows has their records too. */
function heldFiles(db: OpenHhuDatabase, { segments }: Series): Promise<readonly string[]> {
  return inLogTransaction(db, 'readonly', async (tx) => {
    const { count, nextSeq } = await readState(tx);
    if ((await tx.objectStore('records').count()) < count) return [];
    return segments.filter((_, i) => (segments[i + 1]?.fromSeq ?? Infinity) <= nextSeq).map(segmentName);
  });
}
