import { DATABASE_NAME, connectDatabase, inLogTransaction } from './database.ts';
import type { DatabaseNotice, LogTransaction } from './database.ts';
import { compileFilter } from './filter/compile.ts';
import type { Filter } from './filter/filter.ts';
import { selectAll, selectNewest, selectNewestOf, syncIndex } from './log-index.ts';
import type { LogIndex, NewestOfMeter } from './log-index.ts';
import { openLogChannel } from './log-state.ts';
import type { LogState } from './log-state.ts';
import type { LogRecord } from './record.ts';

export interface PageRequest {
  readonly filter?: Filter | undefined;
  /** Only records with a smaller sequence number. */
  readonly before?: number;
  readonly limit: number;
}

export interface Page {
  /** Newest first. */
  readonly records: readonly LogRecord[];
  /** Exact count of all records that match, on this page or not. */
  readonly total: number;
  /** The state of the log that page and total are true for. */
  readonly state: LogState;
}

/**
 * The reading face of the log: filters, counts and pages over the packed index, which it keeps in memory. What was
 * confirmed to a writer before a call is in the answer, since every answer is checked against the database.
 */
export interface LogReader {
  /** Loads the index where that has not happened yet, and tells the state of the log. */
  load(): Promise<LogState>;
  page(request: PageRequest): Promise<Page>;
  count(filter?: Filter): Promise<number>;
  get(seq: number): Promise<LogRecord | undefined>;
  /** Of each meter its newest record and its newest readings without an error, as many as `good` says. */
  newest(request: { readonly meters: readonly number[]; readonly good: number }): Promise<readonly NewestOfMeter[]>;
  /** Ascending; those that are gone are left out. */
  rows(seqs: readonly number[]): Promise<readonly LogRecord[]>;
  /**
   * The records that match at the moment of the call, oldest first, in chunks. Records that go away meanwhile are
   * left out. `total` is their number at the beginning.
   */
  select(filter?: Filter): Promise<{ readonly total: number; readonly chunks: AsyncIterable<readonly LogRecord[]> }>;
  /** Called after every change of the log by whomever; returns the way to stop. */
  subscribe(listener: (state: LogState) => void): () => void;
  close(): void;
}

/** Rows of a chunk: pages of 500 to 2000 read fastest and leave the other transactions room. */
const CHUNK_ROWS = 1000;

export function openReader({
  name = DATABASE_NAME,
  onNotice,
}: { readonly name?: string; readonly onNotice?: (notice: DatabaseNotice) => void } = {}): LogReader {
  const listeners = new Set<(state: LogState) => void>();
  let index: LogIndex | undefined;
  let lastUse: Promise<unknown> = Promise.resolve();

  const database = connectDatabase(name, {
    onNotice: (notice) => {
      index = undefined;
      onNotice?.(notice);
    },
  });
  const channel = openLogChannel(name, (state) => {
    for (const listener of listeners) listener(state);
  });

  /** Calls take turns, so that nobody sees an index that is half way to the next revision. */
  function withIndex<T>(use: (index: LogIndex, tx: LogTransaction<'readonly'>) => Promise<T>): Promise<T> {
    const run = lastUse.then(async () => {
      const known = index;
      index = undefined;
      return await database.use((db) =>
        inLogTransaction(db, 'readonly', async (tx) => use((index = await syncIndex(tx, known)), tx)),
      );
    });
    // A failure belongs to the caller of that use; the next one goes on.
    lastUse = run.catch(() => {});
    return run;
  }

  const narrowOf = (filter: Filter | undefined) =>
    filter && filter.conditions.length > 0 ? compileFilter(filter) : undefined;

  return {
    load: () => withIndex((index) => Promise.resolve(index.state)),
    page: ({ filter, before = Infinity, limit }) =>
      withIndex(async (index, tx) => {
        const { total, seqs } = selectNewest(index, narrowOf(filter), before, limit);
        return { records: await readRows(tx, seqs), total, state: index.state };
      }),
    count: (filter) => withIndex((index) => Promise.resolve(selectNewest(index, narrowOf(filter), Infinity, 0).total)),
    get: (seq) => database.use((db) => db.get('records', seq)),
    newest: ({ meters, good }) => withIndex((index) => Promise.resolve(selectNewestOf(index, meters, good))),
    async rows(seqs) {
      // Meters that are read in turn stand side by side: sorted, they are one range.
      const wanted = seqs.toSorted((a, b) => a - b);
      return await database.use((db) => inLogTransaction(db, 'readonly', (tx) => readRows(tx, wanted)));
    },
    async select(filter) {
      const seqs = await withIndex((index) => Promise.resolve(selectAll(index, narrowOf(filter))));
      async function* chunks() {
        for (let i = 0; i < seqs.length; i += CHUNK_ROWS) {
          const wanted = [...seqs.subarray(i, i + CHUNK_ROWS)];
          yield await database.use((db) => inLogTransaction(db, 'readonly', (tx) => readRows(tx, wanted)));
        }
      }
      return { total: seqs.length, chunks: chunks() };
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
}

/** Rows in the order of `seqs`; neighboring numbers are read as one range. Rows that are gone are left out. */
async function readRows(tx: LogTransaction<'readonly'>, seqs: readonly number[]): Promise<readonly LogRecord[]> {
  const store = tx.objectStore('records');
  const runs: Promise<LogRecord[]>[] = [];
  for (let i = 0; i < seqs.length;) {
    const first = seqs[i] ?? 0;
    let last = first;
    const step = (seqs[i + 1] ?? first) < first ? -1 : 1;
    for (i++; seqs[i] === last + step; i++) last += step;
    const range = store.getAll(IDBKeyRange.bound(Math.min(first, last), Math.max(first, last)));
    runs.push(step > 0 ? range : range.then((rows) => rows.reverse()));
  }
  return (await Promise.all(runs)).flat();
}
