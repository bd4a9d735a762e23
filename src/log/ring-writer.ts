import { DATABASE_NAME, connectDatabase, inLogTransaction, isFull } from './database.ts';
import type { Database, LogTransaction, OpenHhuDatabase } from './database.ts';
import type { Journal } from './journal/journal.ts';
import { EMPTY_LOG, openLogChannel } from './log-state.ts';
import type { Holes, LogState } from './log-state.ts';
import { readState } from './read-state.ts';
import type { LogOptions, SettingRows } from './record-log.ts';
import { readTail } from './ring-changes.ts';
import type { Change, Tail } from './ring-changes.ts';
import { createHealthRecord } from './storage-health.ts';
import type { HealthRecord } from './storage-health.ts';

/** How a change is to go about a store that took none of it at the first try. */
interface Straits {
  /** What is added has to take the place of what goes. */
  readonly pressed: boolean;
  /** Nothing may be written, only deleted. */
  readonly roomless: boolean;
}

type Edit<Result> = (
  tx: LogTransaction<'readwrite'>,
  before: LogState,
  tail: Tail,
  straits: Straits,
) => Promise<Change<Result>>;

/** The state of the log, and the one way to change it. */
export interface RingWriter {
  readonly database: Database;
  readonly journal: Journal | undefined;
  readonly health: HealthRecord;
  readonly state: LogState;
  /**
   * In one transaction that also moves the counters; one change after the other. A full store refuses these too, but no
   * deletion: what `onlyDeletes` leaves them to the rows then.
   */
  change<Result>(edit: Edit<Result>, onlyDeletes?: boolean): Promise<Result>;
  /** Stored with the first change of a log that begins. */
  beginWith(settings: () => SettingRows): void;
  subscribe(listener: (state: LogState) => void): () => void;
  close(): void;
}

export function createRingWriter(options: LogOptions): RingWriter {
  const { clock, name = DATABASE_NAME, onNotice, onHealth = () => {} } = options;
  const listeners = new Set<(state: LogState) => void>();
  const health = createHealthRecord(clock, onHealth);
  let state = EMPTY_LOG;
  let tail: Tail | undefined;
  /** What a full store could not take when records were deleted; the rows alone tell it then. */
  let owed: LogState | undefined;
  let firstSettings: () => SettingRows = () => [];
  let lastChange: Promise<unknown> = Promise.resolve();

  const database = connectDatabase(name, {
    onNotice: (notice) => {
      tail = undefined;
      owed = undefined;
      onNotice?.(notice);
    },
    async prepare(db) {
      await readAnew(db, await journal?.prepare(db));
    },
    makeRoom: async () => await journal?.makeRoom(),
    onSettings: () => journal?.catchUp(),
  });
  const channel = openLogChannel(name, (news) => {
    if (news.generation === state.generation && news.revision <= state.revision) return;
    announce(news);
    journal?.catchUp();
  });
  const journal = options.createJournal?.((work) => inTurn(() => database.use(work)));

  /** What another connection left, or the rebuilding. */
  async function readAnew(db: OpenHhuDatabase, untold: LogState | undefined): Promise<void> {
    await inLogTransaction(db, 'readonly', async (tx) => {
      const stored = await readState(tx);
      // Only rows without a state can be what the store had no room for.
      owed = stored.revision === 0 ? untold : undefined;
      state = owed ?? stored;
      tail = await readTail(tx, state);
    });
    for (const listener of listeners) listener(state);
  }

  /** One after the other. A failure belongs to the caller of that work; the next one goes on. */
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const run = lastChange.then(work);
    lastChange = run.catch(() => {});
    return run;
  }

  function announce(news: LogState): void {
    state = news;
    for (const listener of listeners) listener(news);
  }

  async function commit<Result>(edit: Edit<Result>, onlyDeletes: boolean): Promise<Result> {
    const attempt = (db: OpenHhuDatabase, straits: Straits) =>
      inLogTransaction(db, 'readwrite', async (tx) => {
        // Dropped until the change is on disk: after a failure the tail is read from the rows again.
        const working = tail;
        tail = undefined;
        const stored = await readState(tx);
        const before = stored.revision === 0 && owed ? owed : stored;
        const usable = !straits.pressed && working?.revision === before.revision;
        const current = usable ? working : await readTail(tx, before);
        const edited = await edit(tx, before, current, straits);
        const { state: next, result, added = [], removed = [] } = edited;
        const revision = before.revision + 1;
        const generation = before.generation || crypto.randomUUID();
        const after = { ...next, generation, revision, holes: holesAfter(before, revision, removed) };
        if (before.generation === '' && !straits.roomless) await putMissing(tx, firstSettings());
        if (straits.roomless) await tx.objectStore('meta').delete('log');
        else await tx.objectStore('meta').put(after, 'log');
        return { db, before, after, added, removed, result, block: current.block, ...straits };
      });
    const done = await database.use((db, pressed) =>
      attempt(db, { pressed, roomless: false }).catch(async (error: unknown) => {
        if (!onlyDeletes || !isFull(error)) throw error;
        // A refusal may be of the moment, and without the counters the capacity is lost too.
        return await attempt(db, { pressed, roomless: false }).catch((again: unknown) => {
          if (!isFull(again)) throw again;
          return attempt(db, { pressed, roomless: true });
        });
      }),
    );
    tail = { block: done.block, revision: done.after.revision };
    owed = done.roomless ? done.after : undefined;
    await journal?.follow(done.db, done);
    if (done.roomless) await journal?.forgetUntold();
    channel.post(done.after);
    announce(done.after);
    if (!done.roomless) health.succeeded(done.pressed);
    return done.result;
  }

  return {
    database,
    journal,
    health,
    get state() {
      return state;
    },
    change: (edit, onlyDeletes = false) =>
      inTurn(async () => {
        try {
          return await commit(edit, onlyDeletes);
        } catch (error) {
          health.failed(error);
          throw error;
        }
      }),
    beginWith(settings) {
      firstSettings = settings;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      listeners.clear();
      journal?.close();
      channel.close();
      database.close();
    },
  };
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
