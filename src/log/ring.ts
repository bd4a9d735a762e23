import type { Clock } from '../protocols/common/clock.ts';
import { DATABASE_NAME, connectDatabase, inLogTransaction } from './database.ts';
import type { DatabaseNotice, LogTransaction } from './database.ts';
import { startFreshJournal } from './fresh-journal.ts';
import { EMPTY_LOG, openLogChannel } from './log-state.ts';
import type { Holes, LogState } from './log-state.ts';
import type { LogRecord, NewRecord } from './record.ts';
import { checked, deleteRecords, readTail, writeRecords } from './ring-changes.ts';
import type { Change, Tail } from './ring-changes.ts';
import { trimOldest } from './trim.ts';

/** A record to be written. `time` is for imports; otherwise the log's clock gives it. */
export type RecordDraft = NewRecord & { readonly time?: number; readonly importedSeq?: number };

/**
 * The circular record log: full means that the oldest records go. Every promise of a change resolves after the change
 * is on disk. Several contexts may have the log open; the counters live in the transactions, not in this object.
 */
export interface RecordLog {
  /** `alongside` may change the claims in the transaction that stores the record; it awaits nothing but requests of it. */
  append(draft: RecordDraft, alongside?: (tx: LogTransaction<'readwrite'>) => Promise<void>): Promise<LogRecord>;
  /** All or none. Where a batch is larger than the capacity its own oldest go at once, as if appended one by one. */
  appendMany(drafts: readonly RecordDraft[]): Promise<readonly LogRecord[]>;
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
  /** False where somebody else in this browser has certainly opened the log already. */
  readonly freshJournal?: boolean;
}

export async function openLog(options: LogOptions): Promise<RecordLog> {
  const { clock, capacityBytes, name = DATABASE_NAME, onNotice, freshJournal = true } = options;
  const listeners = new Set<(state: LogState) => void>();
  let state = EMPTY_LOG;
  let tail: Tail | undefined;
  let lastChange: Promise<unknown> = Promise.resolve();

  const database = connectDatabase(name, (notice) => {
    tail = undefined;
    onNotice?.(notice);
  });
  const channel = openLogChannel(name, (news) => {
    if (news.revision > state.revision) announce(news);
  });

  function announce(news: LogState): void {
    state = news;
    for (const listener of listeners) listener(news);
  }

  /** One change at a time, each in one transaction that also moves the counters. */
  function change<Result>(
    edit: (tx: LogTransaction<'readwrite'>, before: LogState, tail: Tail) => Promise<Change<Result>>,
  ): Promise<Result> {
    const run = lastChange.then(async () => {
      const db = await database.connection();
      const working = tail;
      // Dropped until the change is on disk: after a failure the tail is read from the rows again.
      tail = undefined;
      const done = await inLogTransaction(db, 'readwrite', async (tx) => {
        const before = (await tx.objectStore('meta').get('log')) ?? EMPTY_LOG;
        const current = working?.revision === before.revision ? working : await readTail(tx, before);
        const { state: edited, result, removed = [] } = await edit(tx, before, current);
        const revision = before.revision + 1;
        const after = { ...edited, revision, holes: holesAfter(before, revision, removed) };
        await tx.objectStore('meta').put(after, 'log');
        return { after, result, block: current.block };
      });
      tail = { block: done.block, revision: done.after.revision };
      channel.post(done.after);
      announce(done.after);
      return done.result;
    });
    // A failure belongs to the caller of that change; the next one goes on.
    lastChange = run.catch(() => {});
    return run;
  }

  function appendAll(
    drafts: readonly RecordDraft[],
    alongside?: (tx: LogTransaction<'readwrite'>) => Promise<void>,
  ): Promise<readonly LogRecord[]> {
    return change(async (tx, before, tail) => {
      const now = Math.floor(clock.now() / 1000);
      const records = drafts.map((draft, i) => checked({ time: now, ...draft, seq: before.nextSeq + i }));
      await alongside?.(tx);
      return { state: await writeRecords(tx, before, tail, records), result: records };
    });
  }

  const log: RecordLog = {
    async append(draft, alongside) {
      const [record] = await appendAll([draft], alongside);
      return record as LogRecord;
    },
    appendMany: (drafts) => (drafts.length === 0 ? Promise.resolve([]) : appendAll(drafts)),
    deleteOldest: (count) =>
      change(async (tx, before) => {
        const after = await trimOldest(tx, before, { records: count });
        return { state: after, result: before.count - after.count };
      }),
    deleteAll: () =>
      change(async (tx, before) => {
        await Promise.all([tx.objectStore('records').clear(), tx.objectStore('blocks').clear()]);
        return { state: { ...before, firstSeq: before.nextSeq, count: 0, usedBytes: 0 }, result: undefined };
      }),
    delete: (seqs) => change((tx, before, tail) => deleteRecords(tx, before, tail, seqs)),
    setCapacity(bytes) {
      if (!Number.isSafeInteger(bytes) || bytes <= 0) {
        return Promise.reject(new RangeError(`the capacity of the log cannot be ${bytes} bytes`));
      }
      return change(async (tx, before) => ({
        state: await trimOldest(tx, { ...before, capacityBytes: bytes }, { bytes: before.usedBytes - bytes }),
        result: undefined,
      }));
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
      return (await database.connection()).getAll('records', IDBKeyRange.lowerBound(after, true), count);
    },
    async get(seq) {
      return (await database.connection()).get('records', seq);
    },
    async page({ before = Infinity, limit }) {
      const db = await database.connection();
      const records: LogRecord[] = [];
      let cursor = await db.transaction('records').store.openCursor(IDBKeyRange.upperBound(before, true), 'prev');
      for (; cursor && records.length < limit; cursor = await cursor.continue()) records.push(cursor.value);
      return records;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      listeners.clear();
      channel.close();
      database.close();
    },
  };

  const db = await database.connection();
  if (freshJournal) await startFreshJournal(db);
  await inLogTransaction(db, 'readonly', async (tx) => {
    state = (await tx.objectStore('meta').get('log')) ?? EMPTY_LOG;
    tail = await readTail(tx, state);
  });
  if (capacityBytes !== undefined && capacityBytes !== state.capacityBytes) await log.setCapacity(capacityBytes);
  return log;
}

/** More than these are not handed on: the state travels with every change. */
const MAX_REMOVED_TOLD = 1000;

function holesAfter(before: LogState, revision: number, removed: readonly number[]): Holes {
  if (removed.length === 0) return before.holes;
  if (removed.length > MAX_REMOVED_TOLD) return { revision, follows: -1, removed: [] };
  return { revision, follows: before.holes.revision, removed };
}
