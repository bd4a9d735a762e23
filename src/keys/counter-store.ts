import { openDB, type DBSchema, type IDBPDatabase, type IDBPObjectStore } from 'idb';
import { concatBytes, fromLatin1, toHex } from '../common/bytes.ts';
import type { KeptCounter } from '../common/kept-counter.ts';
import { randomBytes } from './vault.ts';

/** Whose numbers they are. */
export interface CounterOwner {
  /** Number of the meter, or the address it is asked by. */
  readonly meter: string;
  readonly key: Uint8Array;
  /** What else has numbers of its own: "32 direct", a client and a way to the meter. */
  readonly use: string;
  /** By which they know us; absent: one by chance, which nothing else of ours has. */
  readonly ownTitle?: Uint8Array;
}

export interface CounterStore {
  /** Begins one where there is none. */
  open(owner: CounterOwner): Promise<KeptCounter>;
}

interface StoredCounter {
  readonly meter: string;
  readonly use: string;
  /** Of the key, see `markOf`. */
  readonly mark: string;
  readonly title: Uint8Array;
  readonly last?: number;
  /** Of all titles before this one: whoever still counts under one of them goes on behind it. */
  readonly lastBefore?: number;
  /** Of a title with this key, of whatever meter and use: all that were given out, as runs from the lowest on. */
  readonly taken?: Runs;
}

type Runs = readonly (readonly [first: number, last: number])[];
/** Others have sent between ours: each read begins another run. */
const MOST_RUNS = 200;

type Rows = IDBPObjectStore<CounterSchema, ['counters'], 'counters', 'readwrite'>;

interface CounterSchema extends DBSchema {
  counters: { key: [string, string, string]; value: StoredCounter };
  marks: { key: 'key'; value: CryptoKey };
}

const DATABASE_NAME = 'openhhu-counters';
const TITLE_BYTES = 8;
/** As the first three letters of a title say whose it is. */
const OURS = fromLatin1('OHU');

/**
 * The highest number of each key on disk, in a database of its own: a key that is removed and comes back goes on where it
 * was. What is here is no secret. A transaction gives a number, so that two windows never have the same one.
 */
export function openCounterStore(databaseName = DATABASE_NAME): CounterStore {
  async function use<Result>(work: (db: IDBPDatabase<CounterSchema>) => Promise<Result>): Promise<Result> {
    const db = await openDB<CounterSchema>(databaseName, 1, {
      upgrade(fresh) {
        fresh.createObjectStore('counters', { keyPath: ['meter', 'use', 'mark'] });
        fresh.createObjectStore('marks');
      },
      // A window that deletes the site's data must not wait for this one.
      blocking: (_current, _wanted, event) => (event.target as IDBDatabase).close(),
    });
    try {
      return await work(db);
    } finally {
      db.close();
    }
  }

  /** Made at the first use; whoever was faster made the one that holds. */
  const markKey = () =>
    use(async (db) => {
      const found = await db.get('marks', 'key');
      if (found) return found;
      const fresh = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
      const tx = db.transaction('marks', 'readwrite', { durability: 'strict' });
      const first = await tx.store.get('key');
      if (!first) await tx.store.put(fresh, 'key');
      await tx.done;
      return first ?? fresh;
    });

  /** Tells one key from another, and nobody what it is: not even whether it is one that he guesses. */
  async function markOf(key: Uint8Array): Promise<string> {
    const signed = await crypto.subtle.sign('HMAC', await markKey(), new Uint8Array(key));
    return toHex(new Uint8Array(signed).subarray(0, 16));
  }

  /** Writes what `make` makes of the counter, at once, and on disk when it resolves. */
  const change = (
    row: Omit<StoredCounter, 'last' | 'lastBefore' | 'taken'>,
    make: (before: StoredCounter, rows: Rows) => StoredCounter | Promise<StoredCounter>,
  ) =>
    use(async (db) => {
      const tx = db.transaction('counters', 'readwrite', { durability: 'strict' });
      const { meter, use: how, mark } = row;
      const after = await make((await tx.store.get([meter, how, mark])) ?? row, tx.store);
      await tx.store.put(after);
      await tx.done;
      return after;
    });

  return {
    async open({ meter, key, use: how, ownTitle }) {
      const mark = await markOf(key);
      const called = ownTitle && `as ${toHex(ownTitle)}`;
      const row = { meter, use: called ? `${how} ${called}` : how, mark };
      /** Two meters, and two ways to one, may have the title in common: what was given out for one is for no other. */
      async function free(after: number, title: Uint8Array, rows: Rows): Promise<number> {
        if (!called) return after + 1;
        const whole: StoredCounter = { meter: '', use: called, mark, title };
        const { taken = [], ...shared } = (await rows.get(['', called, mark])) ?? whole;
        const number = freeAfter(taken, after);
        await rows.put({ ...shared, taken: withNumber(taken, number) });
        return number;
      }
      const counter = ({ title, last }: StoredCounter): KeptCounter => ({
        title,
        last,
        async next(after) {
          let number = 0;
          await change({ ...row, title }, async (before, rows) => {
            const which = toHex(before.title) === toHex(title) ? 'last' : 'lastBefore';
            number = await free(Math.max(before[which] ?? 0, after), title, rows);
            return { ...before, [which]: number };
          });
          return number;
        },
        async renew(behind) {
          const fresh = { ...row, title: newTitle(), last: behind };
          const make = ({ last: before = 0, lastBefore = 0 }: StoredCounter) => ({
            ...fresh,
            lastBefore: Math.max(before, lastBefore),
          });
          return counter(await change(fresh, make));
        },
      });
      return counter(
        await change({ ...row, title: ownTitle ?? newTitle() }, async (before, rows) => {
          if (!called || before.last !== undefined) return before;
          // Once they were counted with those of titles by chance.
          const { last, lastBefore = 0 } = (await rows.get([meter, how, mark])) ?? {};
          return last === undefined ? before : { ...before, last: Math.max(last, lastBefore) };
        }),
      );
    },
  };
}

function freeAfter(taken: Runs, after: number): number {
  let number = after + 1;
  for (const [first, last] of taken) if (first <= number && number <= last) number = last + 1;
  return number;
}

/** Where there are too many runs, the two that are nearest to each other are one: what is between them is lost. */
function withNumber(taken: Runs, number: number): Runs {
  const runs: [number, number][] = [];
  for (const [first, last] of [...taken, [number, number] as const].toSorted((one, other) => one[0] - other[0])) {
    const before = runs.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else runs.push([first, last]);
  }
  if (runs.length <= MOST_RUNS) return runs;
  const gaps = runs.slice(1).map(([first], at) => first - (runs[at]?.[1] ?? first));
  const nearest = gaps.indexOf(Math.min(...gaps));
  return runs.flatMap((run, at): Runs => {
    if (at === nearest) return [[run[0], runs[at + 1]?.[1] ?? run[1]]];
    return at === nearest + 1 ? [] : [run];
  });
}

const newTitle = () => concatBytes(OURS, randomBytes(TITLE_BYTES - OURS.length));
