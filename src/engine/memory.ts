import type { PortId } from '../common/kinds.ts';
import type { LearnedSettings, MeterMemory } from '../protocols/meter-access.ts';

/** Keeps text by key; the engine's is the settings store of the database. */
export interface KeyValueStore {
  get(key: string): Promise<unknown>;
  put(key: string, value: unknown): Promise<void>;
}

/**
 * What was learnt of meters, by port and the protocol's own key, which begins with the address. Of a meter that was asked
 * without one nothing is kept: its identification is that of its type, and the next eleven of the type would be read as
 * it wants to be.
 */
export function openMemory(store: KeyValueStore, onFailure: (error: unknown) => void): (portId: PortId) => MeterMemory {
  const known = new Map<string, LearnedSettings>();
  /** A meter is read while the storage is still opening, or never opens; what it held comes in behind. */
  const loading = store.get('learned').then((stored) => {
    for (const [key, learned] of isEntries(stored) ? stored : []) if (!known.has(key)) known.set(key, learned);
  });
  loading.catch(onFailure);
  const isAnonymous = (key: string) => key.startsWith('|');

  return (portId) => ({
    recall: (key) => (isAnonymous(key) ? undefined : known.get(`${portId}|${key}`)),
    remember(key, learned) {
      if (isAnonymous(key)) return;
      known.set(`${portId}|${key}`, { ...known.get(`${portId}|${key}`), ...learned });
      // Never over what could not be read.
      loading.then(() => store.put('learned', [...known])).catch(onFailure);
    },
  });
}

function isEntries(value: unknown): value is [string, LearnedSettings][] {
  return (
    Array.isArray(value) &&
    value.every((entry) => Array.isArray(entry) && entry.length === 2 && typeof entry[0] === 'string')
  );
}
