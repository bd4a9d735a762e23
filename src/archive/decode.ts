import type { Reading } from '../common/reading.ts';
import { protocols } from '../protocols/registry.ts';
import { keptProfiles } from '../log/kept-profiles.ts';
import type { KeptProfiles } from '../protocols/profile-book.ts';
import type { Reader } from '../protocols/protocol.ts';
import type { StoredData } from '../protocols/stored-data.ts';
import { storedKeys } from './stored-keys.ts';
import { createTurns } from './turns.ts';

/** Where what people have written is kept; absent: nothing is. */
export type Settings = Parameters<typeof keptProfiles>[0] | undefined;

/** A decoder that needs a key, or a profile, has to wait for it. */
export type Decode = (protocol: string, stored: StoredData) => readonly Reading[] | Promise<readonly Reading[]>;

/**
 * What stored or arriving data says: the one way from data to readings, for whoever asks. Empty where this version does
 * not know the protocol.
 */
export const decoder =
  (settings?: Settings): Decode =>
  (name, stored) => {
    const profiles = settings && keptProfiles(settings, name);
    return readers.get(name)?.decode(stored, profiles, keys) ?? loadAndDecode(name, stored, profiles);
  };

const keys = storedKeys();

/** By the protocol's name, from its first record on: what is decoded by the ten thousand waits for nothing. */
const readers = new Map<string, Reader>();

async function loadAndDecode(
  name: string,
  stored: StoredData,
  profiles: KeptProfiles | undefined,
): Promise<readonly Reading[]> {
  const reader = await protocols.find(name)?.parts.reader();
  if (!reader) return [];
  readers.set(name, reader);
  return await reader.decode(stored, profiles, keys);
}

/** The same for a job that decodes much: whoever asks meanwhile is answered between two records. */
export function bulkDecoder(settings?: Settings): Decode {
  const decode = decoder(settings);
  const turn = createTurns();
  return async (protocol, stored) => {
    await turn(stored.data.length);
    return await decode(protocol, stored);
  };
}
