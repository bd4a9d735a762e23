import type { Clock } from '../protocols/common/clock.ts';
import type { LearnedSettings, MeterMemory } from '../protocols/common/protocol.ts';

/** A habit learnt of a meter that was asked without an address may belong to the next meter under the head: forget it soon. */
const ANONYMOUS_MS = 10 * 60_000;

/** Keeps text by key; the engine's is the settings store of the database. */
export interface KeyValueStore {
  get(key: string): Promise<unknown>;
  put(key: string, value: unknown): Promise<void>;
}

/**
 * What was learnt of meters, by port and the protocol's own key. Habits of meters with an address are kept for good,
 * the others for ten minutes.
 */
export function openMemory(
  store: KeyValueStore,
  clock: Clock,
  onFailure: (error: unknown) => void,
): (portId: string) => MeterMemory {
  const lasting = new Map<string, LearnedSettings>();
  /** A meter is read while the storage is still opening, or never opens; what it held comes in behind. */
  const loading = store.get('learned').then((stored) => {
    for (const [key, learned] of isEntries(stored) ? stored : []) if (!lasting.has(key)) lasting.set(key, learned);
  });
  loading.catch(onFailure);
  const passing = new Map<string, { learned: LearnedSettings; until: number }>();

  return (portId) => ({
    recall(key) {
      const recent = passing.get(`${portId}|${key}`);
      if (recent && recent.until > clock.monotonic()) return recent.learned;
      return lasting.get(`${portId}|${key}`);
    },
    remember(key, learned) {
      const full = `${portId}|${key}`;
      passing.set(full, { learned, until: clock.monotonic() + ANONYMOUS_MS });
      // The protocol's key begins with the address; an empty one begins with the separator.
      if (key.startsWith('|')) return;
      lasting.set(full, learned);
      // Never over what could not be read.
      loading.then(() => store.put('learned', [...lasting])).catch(onFailure);
    },
  });
}

function isEntries(value: unknown): value is [string, LearnedSettings][] {
  return (
    Array.isArray(value) &&
    value.every((entry) => Array.isArray(entry) && entry.length === 2 && typeof entry[0] === 'string')
  );
}
