import { isFull } from './database.ts';
import type { LogTransaction } from './database.ts';
import type { Holes, LogState } from './log-state.ts';
import type { SettingRows } from './record-log.ts';
import type { Change, Tail } from './ring-changes.ts';

/** How a change is to go about a store that took none of it at the first try. */
export interface Straits {
  /** What is added has to take the place of what goes. */
  readonly pressed: boolean;
  /** Nothing may be written, only deleted. */
  readonly roomless: boolean;
}

export type Edit<Result> = (
  tx: LogTransaction<'readwrite'>,
  before: LogState,
  tail: Tail,
  straits: Straits,
) => Promise<Change<Result>>;

/** Makes a change, with the state that it leads to, within a transaction; `firstSettings` go with that of a log that begins. */
export async function makeChange<Result>(
  edit: Edit<Result>,
  tx: LogTransaction<'readwrite'>,
  before: LogState,
  tail: Tail,
  straits: Straits,
  firstSettings: () => SettingRows,
) {
  const { state, result, added = [], removed = [] } = await edit(tx, before, tail, straits);
  const revision = before.revision + 1;
  const generation = before.generation || crypto.randomUUID();
  const after: LogState = { ...state, generation, revision, holes: holesAfter(before, revision, removed) };
  if (before.generation === '' && !straits.roomless) await putMissing(tx, firstSettings());
  if (straits.roomless) await tx.objectStore('meta').delete('log');
  else await tx.objectStore('meta').put(after, 'log');
  return { before, after, added, removed, result, block: tail.block, ...straits };
}

/** A deletion that a full store refuses is tried without writing anything. Rejects with what the last try did. */
export async function evenWithoutRoom<Result>(attempt: (roomless: boolean) => Promise<Result>): Promise<Result> {
  // A refusal may be of the moment, and without the counters the capacity is lost too.
  for (let tries = 1; tries <= 2; tries++) {
    try {
      return await attempt(false);
    } catch (error) {
      if (!isFull(error)) throw error;
    }
  }
  return await attempt(true);
}

async function putMissing(tx: LogTransaction<'readwrite'>, rows: SettingRows): Promise<void> {
  const settings = tx.objectStore('settings');
  const known = new Set(await settings.getAllKeys());
  await Promise.all(rows.filter(({ key }) => !known.has(key)).map((row) => settings.put(row)));
}

/** More than these are not handed on: the state travels with every change. */
const MAX_REMOVED_TOLD = 1000;

function holesAfter(before: LogState, revision: number, removed: readonly number[]): Holes {
  if (removed.length === 0) return before.holes;
  if (removed.length > MAX_REMOVED_TOLD) return { revision, follows: -1, removed: [] };
  return { revision, follows: before.holes.revision, removed };
}
