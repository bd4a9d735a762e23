import { keptProfiles } from '../log/kept-profiles.ts';
import type { KeptProfiles } from '../protocols/profile-book.ts';
import type { KeyValueStore } from './memory.ts';

/** A meter is read without them rather than later. Real time: the meter's own may run faster. */
const PATIENCE_MS = 3000;

/** Profiles that people wrote for a protocol, as far as the storage answers soon; rejects where it does not. */
export function ownProfiles(settings: Pick<KeyValueStore, 'get'>, protocol: string): KeptProfiles {
  const { list, text } = keptProfiles(settings, protocol);
  return { list: () => soon(list()), text: (digest) => soon(text(digest)) };
}

async function soon<T>(answer: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the storage of the browser does not answer')), PATIENCE_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
