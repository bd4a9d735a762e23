import { DATABASE_NAME, connectDatabase, inLogTransaction } from './database.ts';
import type { Database, OpenHhuDatabase } from './database.ts';
import type { Journal } from './journal/journal.ts';
import { EMPTY_LOG, openLogChannel } from './log-state.ts';
import type { LogState } from './log-state.ts';
import { evenWithoutRoom, makeChange } from './one-change.ts';
import type { Edit, Straits } from './one-change.ts';
import { readState } from './read-state.ts';
import type { LogOptions, SettingRows } from './record-log.ts';
import { readTail } from './ring-changes.ts';
import type { Tail } from './ring-changes.ts';
import { createHealthRecord } from './storage-health.ts';
import type { HealthRecord } from './storage-health.ts';

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
        return { db, ...(await makeChange(edit, tx, before, current, straits, firstSettings)) };
      });
    const done = await database.use((db, pressed) =>
      onlyDeletes
        ? evenWithoutRoom((roomless) => attempt(db, { pressed, roomless }))
        : attempt(db, { pressed, roomless: false }),
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
