import { DATABASE_NAME, connectDatabase, inLogTransaction } from './database.ts';
import type { DatabaseNotice, LogTransaction } from './database.ts';
import { compileFilter } from './filter/compile.ts';
import type { Filter } from './filter/filter.ts';
import { advanceIndex, isComplete, selectAll, selectNewest, selectNewestOf, sizesOf, syncIndex } from './log-index.ts';
import type { LogIndex, NewestOfMeter } from './log-index.ts';
import { lifeOf, openLogChannel } from './log-state.ts';
import type { LogState } from './log-state.ts';
import { readState } from './read-state.ts';
import type { LogRecord } from './record.ts';
import type { SettingsStore } from './settings.ts';

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
  newest(request: { readonly meters: readonly number[]; readonly good: number }): Promise<{
    /** Numbers of records mean the same as long as this stays the same: see `lifeOf`. */
    readonly life: string;
    readonly newest: readonly NewestOfMeter[];
  }>;
  /** Ascending; those that are gone are left out. */
  rows(seqs: readonly number[], life: string): Promise<readonly LogRecord[]>;
  /**
   * The records that match at the moment of the call, oldest first, in chunks. Records that go away meanwhile are
   * left out. `total` is their number at the beginning.
   */
  select(filter?: Filter): Promise<{ readonly total: number; readonly chunks: AsyncIterable<readonly LogRecord[]> }>;
  /** What any room keeps by key. */
  readonly settings: Pick<SettingsStore, 'get'>;
  /** Called after every change of the log by whomever; returns the way to stop. */
  subscribe(listener: (state: LogState) => void): () => void;
  close(): void;
}

/** A chunk is read in one transaction, which appends wait for: pages of 500 to 2000 rows read fastest. */
const CHUNK_ROWS = 1000;
const CHUNK_BYTES = 1024 * 1024;
/** Each is a request of its own. */
const CHUNK_RANGES = 250;

/** More than a log of the largest size has. Whoever deletes faster than that gets the index in one transaction. */
const MOST_STEPS = 2000;

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
      let known = index;
      index = undefined;
      return await database.use(async (db) => {
        // In many short transactions: a reading that is saved meanwhile waits for one of them only.
        for (let step = 0; step < MOST_STEPS && !(known && isComplete(known)); step++) {
          const before: LogIndex | undefined = known;
          known = await inLogTransaction(db, 'readonly', (tx) => advanceIndex(tx, before));
        }
        return await inLogTransaction(db, 'readonly', async (tx) => use((index = await syncIndex(tx, known)), tx));
      });
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
    newest: ({ meters, good }) =>
      withIndex((index) => Promise.resolve({ life: lifeOf(index.state), newest: selectNewestOf(index, meters, good) })),
    async rows(seqs, life) {
      // Meters that are read in turn stand side by side: sorted, they are one range.
      const wanted = seqs.toSorted((a, b) => a - b);
      return await database.use((db) => inLogTransaction(db, 'readonly', (tx) => readRowsOf(life, tx, wanted)));
    },
    async select(filter) {
      const { seqs, sizes, life } = await withIndex((index) => {
        const all = selectAll(index, narrowOf(filter));
        return Promise.resolve({ seqs: all, sizes: sizesOf(index, all), life: lifeOf(index.state) });
      });
      async function* chunks() {
        for (let from = 0; from < seqs.length;) {
          const end = endOfChunk(seqs, sizes, from);
          const wanted = [...seqs.subarray(from, end)];
          from = end;
          yield await database.use((db) => inLogTransaction(db, 'readonly', (tx) => readRowsOf(life, tx, wanted)));
        }
      }
      return { total: seqs.length, chunks: chunks() };
    },
    settings: { get: async (key) => (await database.use((db) => db.get('settings', key)))?.value },
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

/** Where the chunk ends that begins at `from`; it holds one row at least. */
function endOfChunk(seqs: Float64Array, sizes: Uint32Array, from: number): number {
  let bytes = sizes[from] ?? 0;
  let ranges = 1;
  let end = from + 1;
  for (; end < seqs.length && end - from < CHUNK_ROWS; end++) {
    bytes += sizes[end] ?? 0;
    if (seqs[end] !== (seqs[end - 1] ?? 0) + 1) ranges++;
    if (bytes > CHUNK_BYTES || ranges > CHUNK_RANGES) break;
  }
  return end;
}

/** The log that numbers were taken from is gone or was rebuilt: the same numbers may stand for other records now. */
class LogReplaced extends Error {
  override readonly name = 'LogReplaced';
}

async function readRowsOf(
  life: string,
  tx: LogTransaction<'readonly'>,
  seqs: readonly number[],
): Promise<readonly LogRecord[]> {
  if (lifeOf(await readState(tx)) !== life) throw new LogReplaced('The log was replaced while it was read. Try again.');
  return await readRows(tx, seqs);
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
