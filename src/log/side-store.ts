import { openDB } from 'idb';
import type { DBSchema, IDBPDatabase } from 'idb';
import { isFull } from './database.ts';

/**
 * What may go whenever room is wanted, by name. A database of its own: what is wrong with it costs no record, and it is no
 * part of the second copy.
 */
export interface SideStore<Value> {
  get(name: string): Promise<Value | undefined>;
  /** In the order of the last writing. */
  all(): Promise<readonly Value[]>;
  names(): Promise<readonly string[]>;
  /** Takes the place of what has that name. The oldest go, as many as it takes; a full disk takes all of them. */
  put(name: string, value: Value, bytes: number): Promise<void>;
  delete(names: readonly string[]): Promise<void>;
}

interface Sized {
  readonly name: string;
  /** Counts the writings. */
  readonly turn: number;
  readonly bytes: number;
}

interface SideSchema extends DBSchema {
  /** Apart from the values, so that the room they take is known without reading them. */
  sizes: { key: string; value: Sized };
  values: { key: string; value: unknown };
}

export function openSideStore<Value>(databaseName: string, mostBytes: number): SideStore<Value> {
  async function use<Result>(work: (db: IDBPDatabase<SideSchema>) => Promise<Result>): Promise<Result> {
    const db = await openDB<SideSchema>(databaseName, 1, {
      upgrade(fresh) {
        fresh.createObjectStore('sizes', { keyPath: 'name' });
        fresh.createObjectStore('values');
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

  /** Writes what stays of what is there and `fresh`, which may be alone. */
  const write = (fresh: { readonly name: string; readonly value: Value; readonly bytes: number }, isAlone: boolean) =>
    use(async (db) => {
      const tx = db.transaction(['sizes', 'values'], 'readwrite', { durability: 'relaxed' });
      tx.done.catch(() => undefined); // awaited below; a failure before that would also count as unhandled
      const sizes = tx.objectStore('sizes');
      const values = tx.objectStore('values');
      const { name, value, bytes } = fresh;
      const before = inTurn(await sizes.getAll());
      const others = before.filter((one) => one.name !== name);
      let room = isAlone ? -Infinity : mostBytes - bytes;
      const staying = new Set(others.toReversed().filter((one) => (room -= one.bytes) >= 0));
      const going = others.filter((one) => !staying.has(one));
      await Promise.all([
        ...going.flatMap((one) => [sizes.delete(one.name), values.delete(one.name)]),
        sizes.put({ name, turn: (before.at(-1)?.turn ?? 0) + 1, bytes }),
        values.put(value, name),
        tx.done,
      ]);
    });

  return {
    get: (name) => use(async (db) => (await db.get('values', name)) as Value | undefined),
    all: () =>
      use(async (db) => {
        const tx = db.transaction(['sizes', 'values']);
        const sizes = inTurn(await tx.objectStore('sizes').getAll());
        const values = tx.objectStore('values');
        return (await Promise.all(sizes.map(({ name }) => values.get(name)))) as Value[];
      }),
    names: () => use((db) => db.getAllKeys('sizes')),
    async put(name, value, bytes) {
      if (bytes > mostBytes) return;
      const fresh = { name, value, bytes };
      await write(fresh, false).catch((error: unknown) => {
        if (!isFull(error)) throw error;
        return write(fresh, true);
      });
    },
    delete: (names) =>
      use(async (db) => {
        const tx = db.transaction(['sizes', 'values'], 'readwrite');
        await Promise.all([
          ...names.flatMap((name) => [tx.objectStore('sizes').delete(name), tx.objectStore('values').delete(name)]),
          tx.done,
        ]);
      }),
  };
}

const inTurn = (sizes: readonly Sized[]) => sizes.toSorted((one, other) => one.turn - other.turn);
