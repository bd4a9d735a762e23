import type { Reading } from '../common/reading.ts';
import { protocols } from '../protocols/registry.ts';
import type { Reader } from '../protocols/protocol.ts';
import type { StoredData } from '../protocols/stored-data.ts';
import { createTurns } from './turns.ts';

/** A decoder that needs a key has to wait for it. */
export type Decode = (protocol: string, stored: StoredData) => readonly Reading[] | Promise<readonly Reading[]>;

/**
 * What stored or arriving data says: the one way from data to readings, for whoever asks. Empty where this version does
 * not know the protocol.
 */
export const decode: Decode = (name, stored) => readers.get(name)?.decode(stored) ?? loadAndDecode(name, stored);

/** By the protocol's name, from its first record on: what is decoded by the ten thousand waits for nothing. */
const readers = new Map<string, Reader>();

async function loadAndDecode(name: string, stored: StoredData): Promise<readonly Reading[]> {
  const reader = await protocols.find(name)?.parts.reader();
  if (!reader) return [];
  readers.set(name, reader);
  return await reader.decode(stored);
}

/** The same for a job that decodes much: whoever asks meanwhile is answered between two records. */
export function bulkDecoder(): Decode {
  const turn = createTurns();
  return async (protocol, stored) => {
    await turn(stored.data.length);
    return await decode(protocol, stored);
  };
}
