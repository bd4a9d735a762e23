import type { Clock } from '../common/clock.ts';
import { DATABASE_NAME, connectDatabase, inLogTransaction, isFull } from './database.ts';
import type { Database, DatabaseNotice, LogTransaction, OpenHhuDatabase } from './database.ts';
import type { Journal } from './journal/journal.ts';
import { EMPTY_LOG, openLogChannel } from './log-state.ts';
import type { Holes, LogState } from './log-state.ts';
import type { LogRecord, NewRecord } from './record.ts';
import { baseOf, highestMeterOf } from './packed-index.ts';
import { displacedBy, WouldPushOut } from './displaced.ts';
import type { Displaced } from './displaced.ts';
import { readState } from './read-state.ts';
import { checked, deleteRecords, readTail, stampOf, trimFor, writeRecords } from './ring-changes.ts';
import type { Change, Tail } from './ring-changes.ts';
import { createHealthRecord } from './storage-health.ts';
import type { StorageHealth } from './storage-health.ts';
import { trimOldest } from './trim.ts';

/** A record to be written. `time` is for imports; otherwise the log's clock gives it. */
export type RecordDraft = NewRecord & { readonly time?: number; readonly importedSeq?: number };

/** Rows of the store `settings`. */
export type SettingRows = readonly { readonly key: string; readonly value: unknown }[];

/**
 * The circular record log: full means that the oldest records go. Every promise of a change resolves after the change
 * is on disk. Several contexts may have the log open; the counters live in the transactions, not in this object.
 */
export interface RecordLog {
  /** The database of the log, for what else is kept in it. */
  readonly database: Database;
  /** Resolves once the log was opened for the first time; what it holds is not known before. Never rejects. */
  readonly opened: Promise<void>;
  /** How writing goes. */
  readonly health: StorageHealth;
  /** The second copy, where this context has it. */
  readonly journal: Journal | undefined;
  readonly generation: string;
  /** Looks whether the storage takes anything, where the last write failed. Never rejects. */
  probe(): Promise<void>;
  /** `alongside` may change the claims in the transaction that stores the record; it awaits nothing but requests of it. */
  append(draft: RecordDraft, alongside?: (tx: LogTransaction<'readwrite'>) => Promise<void>): Promise<LogRecord>;
  /** All or none. Where a batch is larger than the capacity its own oldest go at once, as if appended one by one. */
  appendMany(drafts: readonly RecordDraft[]): Promise<readonly LogRecord[]>;
  /** The same for records from elsewhere. Without `mayPushOut` rejects with {@link WouldPushOut} rather than let own ones go. */
  importMany(drafts: readonly RecordDraft[], mayPushOut: boolean): Promise<readonly LogRecord[]>;
  /** What appending these would let go. */
  displacedBy(drafts: readonly RecordDraft[]): Promise<Displaced>;
  /**
   * What every log is to hold besides records: where another one begins under a program that runs on, since everything
   * was lost, these settings are stored with its first change.
   */
  beginWith(settings: () => SettingRows): void;
  /** Resolves with how many went. */
  deleteOldest(count: number): Promise<number>;
  deleteAll(): Promise<void>;
  /** Resolves with how many went; sequence numbers that are not there are passed over. */
  delete(seqs: readonly number[]): Promise<number>;
  /** Bytes; trims at once where less is wanted than is used. Kept in the database. */
  setCapacity(bytes: number): Promise<void>;
  /** `MESS_CNT`. */
  readonly count: number;
  readonly usedBytes: number;
  /** `GET_SPACE`. */
  readonly freeBytes: number;
  readonly capacityBytes: number;
  /** The sequence number given last; 0 before the first record. */
  readonly newestSeq: number;
  /** Ascending, from the first whose sequence number is greater than `after`. */
  oldest(count: number, after?: number): Promise<readonly LogRecord[]>;
  get(seq: number): Promise<LogRecord | undefined>;
  /** The highest number of a meter that a record carries; 0 without. */
  highestMeter(): Promise<number>;
  /** Newest first, below `before`. */
  page(request: { readonly before?: number; readonly limit: number }): Promise<readonly LogRecord[]>;
  /** Called after every change, also of other contexts; returns the way to stop. */
  subscribe(listener: (state: LogState) => void): () => void;
  close(): void;
}

export interface LogOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** Left out: what the database has, at first 16 MiB. */
  readonly capacityBytes?: number;
  /** Name of the database. */
  readonly name?: string;
  readonly onNotice?: (notice: DatabaseNotice) => void;
  /** The health of the storage has changed. */
  readonly onHealth?: () => void;
  /**
   * Makes the second copy; for the one context that has it. `turn` runs work between two changes.
   */
  readonly createJournal?: (turn: Turn) => Journal;
}

export type Turn = (work: (db: OpenHhuDatabase) => Promise<void>) => Promise<void>;

/** Opens the log. Where the storage cannot be opened the log is there all the same: every use tries again. */
export async function openLog(options: LogOptions): Promise<RecordLog> {
  const log = createLog(options);
  await log.opened;
  return log;
}

export function createLog(options: LogOptions): RecordLog {
  const { clock, capacityBytes, name = DATABASE_NAME, onNotice, onHealth = () => {} } = options;
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

  /**
   * In one transaction that also moves the counters. A full store refuses these too, but no deletion: what `onlyDeletes`
   * leaves them to the rows then.
   */
  async function commit<Result>(edit: Edit<Result>, onlyDeletes: boolean): Promise<Result> {
    const attempt = (db: OpenHhuDatabase, pressed: boolean, roomless: boolean) =>
      inLogTransaction(db, 'readwrite', async (tx) => {
        // Dropped until the change is on disk: after a failure the tail is read from the rows again.
        const working = tail;
        tail = undefined;
        const stored = await readState(tx);
        const before = stored.revision === 0 && owed ? owed : stored;
        const usable = !pressed && working?.revision === before.revision;
        const current = usable ? working : await readTail(tx, before);
        const edited = await edit(tx, before, current, { pressed, roomless });
        const { state: next, result, added = [], removed = [] } = edited;
        const revision = before.revision + 1;
        const generation = before.generation || crypto.randomUUID();
        const after = { ...next, generation, revision, holes: holesAfter(before, revision, removed) };
        if (before.generation === '' && !roomless) await putMissing(tx, firstSettings());
        if (roomless) await tx.objectStore('meta').delete('log');
        else await tx.objectStore('meta').put(after, 'log');
        return { db, before, after, added, removed, result, block: current.block, pressed, roomless };
      });
    const done = await database.use((db, pressed) =>
      attempt(db, pressed, false).catch(async (error: unknown) => {
        if (!onlyDeletes || !isFull(error)) throw error;
        // A refusal may be of the moment, and without the counters the capacity is lost too.
        return await attempt(db, pressed, false).catch((again: unknown) => {
          if (!isFull(again)) throw again;
          return attempt(db, pressed, true);
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

  function change<Result>(edit: Edit<Result>, onlyDeletes = false): Promise<Result> {
    return inTurn(async () => {
      try {
        return await commit(edit, onlyDeletes);
      } catch (error) {
        health.failed(error);
        throw error;
      }
    });
  }

  function numbered(drafts: readonly RecordDraft[], nextSeq: number): readonly LogRecord[] {
    const stamp = stampOf(clock.now());
    return drafts.map((draft, i) => checked({ ...stamp, ...draft, seq: nextSeq + i }));
  }

  function appendAll(
    drafts: readonly RecordDraft[],
    alongside?: (tx: LogTransaction<'readwrite'>, records: readonly LogRecord[], room: LogState) => Promise<void>,
  ): Promise<readonly LogRecord[]> {
    if (drafts.length === 0) return Promise.resolve([]);
    return change(async (tx, before, tail, { pressed }) => {
      const records = numbered(drafts, before.nextSeq);
      // A store without room: what there is, is all that fits.
      await alongside?.(tx, records, pressed ? { ...before, capacityBytes: before.usedBytes } : before);
      // A store without room is a ring that is full: what comes in takes the place of as much that goes.
      const room = pressed ? await trimFor(tx, before, records) : before;
      const next = await writeRecords(tx, room, tail, records);
      return { state: next, result: records, added: records.filter(({ seq }) => seq >= next.firstSeq) };
    });
  }

  async function open(): Promise<void> {
    try {
      await database.use(() => Promise.resolve()); // `prepare` reads the state
      if (capacityBytes !== undefined && capacityBytes !== state.capacityBytes) await log.setCapacity(capacityBytes);
    } catch (error) {
      health.failed(error);
    }
  }

  const log: RecordLog = {
    database,
    opened: open(),
    async probe() {
      if (health.now.notRecording === undefined) return;
      // What it costs to say "no change" is the least that can be written.
      await change((_tx, before) => Promise.resolve({ state: before, result: undefined })).catch(() => {});
    },
    async append(draft, alongside) {
      const [record] = await appendAll([draft], alongside);
      return record as LogRecord;
    },
    appendMany: (drafts) => appendAll(drafts),
    importMany: (drafts, mayPushOut) =>
      appendAll(drafts, async (tx, records, room) => {
        const displaced = await displacedBy(tx, room, records);
        if (displaced.own > 0 && !mayPushOut) throw new WouldPushOut(displaced);
      }),
    displacedBy: (drafts) =>
      database.use((db) =>
        inLogTransaction(db, 'readonly', async (tx) => {
          const now = await readState(tx);
          return displacedBy(tx, now, numbered(drafts, now.nextSeq));
        }),
      ),
    beginWith(settings) {
      firstSettings = settings;
    },
    deleteOldest: (count) =>
      change(async (tx, before) => {
        const after = await trimOldest(tx, before, { records: count });
        return { state: after, result: before.count - after.count };
      }, true),
    deleteAll: () =>
      change(async (tx, before) => {
        await Promise.all([tx.objectStore('records').clear(), tx.objectStore('blocks').clear()]);
        return { state: { ...before, firstSeq: before.nextSeq, count: 0, usedBytes: 0 }, result: undefined };
      }, true),
    delete: (seqs) => change((tx, before, tail, { roomless }) => deleteRecords(tx, before, tail, seqs, roomless), true),
    setCapacity(bytes) {
      if (!Number.isSafeInteger(bytes) || bytes <= 0) {
        return Promise.reject(new RangeError(`the capacity of the log cannot be ${bytes} bytes`));
      }
      return change(async (tx, before) => ({
        state: await trimOldest(tx, { ...before, capacityBytes: bytes }, { bytes: before.usedBytes - bytes }),
        result: undefined,
      }));
    },

    journal,
    get health() {
      return health.now;
    },
    get generation() {
      return state.generation;
    },
    get count() {
      return state.count;
    },
    get usedBytes() {
      return state.usedBytes;
    },
    get freeBytes() {
      return state.capacityBytes - state.usedBytes;
    },
    get capacityBytes() {
      return state.capacityBytes;
    },
    get newestSeq() {
      return state.nextSeq - 1;
    },

    async oldest(count, after = -1) {
      // IndexedDB takes a count of 0 for "all".
      if (count <= 0) return [];
      return await database.use((db) => db.getAll('records', IDBKeyRange.lowerBound(after, true), count));
    },
    get: (seq) => database.use((db) => db.get('records', seq)),
    async highestMeter() {
      const ofShortLog = await database.use((db) =>
        inLogTransaction(db, 'readonly', async (tx) => {
          const now = await readState(tx);
          const isShort = baseOf(now.firstSeq) === baseOf(now.nextSeq);
          return isShort ? highestMeterOf((await readTail(tx, now)).block) : undefined;
        }),
      );
      if (ofShortLog !== undefined) return ofShortLog;
      // The whole index is no part of the first load.
      const { highestMeter } = await import('./highest-meter.ts');
      return await database.use((db) => inLogTransaction(db, 'readonly', highestMeter));
    },
    page: ({ before = Infinity, limit }) =>
      database.use(async (db) => {
        const records: LogRecord[] = [];
        let cursor = await db.transaction('records').store.openCursor(IDBKeyRange.upperBound(before, true), 'prev');
        for (; cursor && records.length < limit; cursor = await cursor.continue()) records.push(cursor.value);
        return records;
      }),
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

  return log;
}

async function putMissing(tx: LogTransaction<'readwrite'>, rows: SettingRows): Promise<void> {
  const settings = tx.objectStore('settings');
  const known = new Set(await settings.getAllKeys());
  await Promise.all(rows.filter(({ key }) => !known.has(key)).map((row) => settings.put(row)));
}

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

/** More than these are not handed on: the state travels with every change. */
const MAX_REMOVED_TOLD = 1000;

function holesAfter(before: LogState, revision: number, removed: readonly number[]): Holes {
  if (removed.length === 0) return before.holes;
  if (removed.length > MAX_REMOVED_TOLD) return { revision, follows: -1, removed: [] };
  return { revision, follows: before.holes.revision, removed };
}
