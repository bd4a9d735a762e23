import { systemClock } from '../common/clock.ts';
import type { Secret } from '../common/secret.ts';
import { openKeyStore, type KeyStore } from '../keys/key-store.ts';
import { createUnlocked } from '../keys/unlocked.ts';
import type { KeysFor } from '../protocols/protocol.ts';

/** Thousands of records are decoded one after the other, and mostly want the same key; another window may put one in. */
const REMEMBERED_MS = 2000;
const MOST_REMEMBERED = 500;

let opened: KeyStore | undefined;
/** The one of this worker, opened with its first use. */
export const keyStore = (): KeyStore => (opened ??= openKeyStore({ now: systemClock.now, unlocked: createUnlocked() }));

/** Passwords and keys for decoding what is stored. */
export function storedKeys(
  store: () => Pick<KeyStore, 'find'> = keyStore,
  now: () => number = () => performance.now(),
): KeysFor {
  const remembered = new Map<string, { readonly until: number; readonly found: Promise<Secret | undefined> }>();
  return async (numbers, name) => {
    const id = JSON.stringify([name, ...numbers]);
    const known = remembered.get(id);
    if (known && known.until > now()) return await known.found;
    const found = store()
      .find(numbers, name)
      .then((key) => key?.secret);
    if (remembered.size >= MOST_REMEMBERED) remembered.clear();
    remembered.set(id, { until: now() + REMEMBERED_MS, found });
    return await found;
  };
}
