import { keptProfiles } from '../log/kept-profiles.ts';
import type { KeptProfiles } from '../protocols/profile-book.ts';
import type { KeyValueStore } from './memory.ts';
import { soon } from './soon.ts';

/** Profiles that people wrote for a protocol, as far as the storage answers soon; rejects where it does not. */
export function ownProfiles(settings: Pick<KeyValueStore, 'get'>, protocol: string): KeptProfiles {
  const { list, text } = keptProfiles(settings, protocol);
  return { list: () => soon(list()), text: (digest) => soon(text(digest)) };
}
