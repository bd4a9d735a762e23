import { DATABASE_NAME } from './database.ts';
import type { Database } from './database.ts';

/** What any room keeps by key, in the store `settings`: plain data, or what only a database can hold (a folder's handle). */
export interface SettingsStore {
  get(key: string): Promise<unknown>;
  /** Resolves when it is on disk. */
  put(key: string, value: unknown): Promise<void>;
  /**
   * Puts what `next` makes of the present value in its place, in one transaction; undefined takes it away. Resolves with
   * the new value when it is on disk.
   */
  change<T>(key: string, next: (present: unknown) => T): Promise<T>;
}

/** @param onChange told after each change; a context that does not keep the second copy tells the one that does */
export function openSettings(database: Database, onChange: () => void = tellOthers): SettingsStore {
  const change: SettingsStore['change'] = async (key, next) => {
    const changed = await database.use(async (db) => {
      const tx = db.transaction('settings', 'readwrite', { durability: 'strict' });
      tx.done.catch(() => undefined); // awaited below; a failure before that would also count as unhandled
      const value = next((await tx.store.get(key))?.value);
      if (value === undefined) await tx.store.delete(key);
      else await tx.store.put({ key, value });
      await tx.done;
      return value;
    });
    onChange();
    return changed;
  };
  return {
    change,
    get: async (key) => (await database.use((db) => db.get('settings', key)))?.value,
    async put(key, value) {
      await change(key, () => value);
    },
  };
}

const CHANNEL = `${DATABASE_NAME}-settings`;

/** Calls back after every change by a context that does not keep the second copy; returns the way to stop. */
export function onSettingsChange(listener: () => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = listener;
  return () => channel.close();
}

function tellOthers(): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage('changed');
  channel.close();
}
