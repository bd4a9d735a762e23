import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
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
}

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
  const change = (row: Omit<StoredCounter, 'last' | 'lastBefore'>, make: (before: StoredCounter) => StoredCounter) =>
    use(async (db) => {
      const tx = db.transaction('counters', 'readwrite', { durability: 'strict' });
      const { meter, use: how, mark } = row;
      const after = make((await tx.store.get([meter, how, mark])) ?? row);
      await tx.store.put(after);
      await tx.done;
      return after;
    });

  return {
    async open({ meter, key, use: how }) {
      const row = { meter, use: how, mark: await markOf(key) };
      const counter = ({ title, last }: StoredCounter): KeptCounter => ({
        title,
        last,
        async next(after) {
          let number = 0;
          await change({ ...row, title }, (before) => {
            const which = toHex(before.title) === toHex(title) ? 'last' : 'lastBefore';
            number = Math.max(before[which] ?? 0, after) + 1;
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
      return counter(await change({ ...row, title: newTitle() }, (before) => before));
    },
  };
}

const newTitle = () => concatBytes(OURS, randomBytes(TITLE_BYTES - OURS.length));
