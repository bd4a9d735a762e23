import type { Reading } from '../common/reading.ts';
import { decodeStored } from '../protocols/decoders.ts';
import type { StoredData } from '../protocols/protocol.ts';
import { createTurns } from './turns.ts';

/** A decoder that needs a key has to wait for it. */
export type Decode = (protocol: string, stored: StoredData) => readonly Reading[] | Promise<readonly Reading[]>;

/**
 * What stored or arriving data says: the one way from data to readings, for whoever asks. Empty where this version does
 * not know the protocol.
 */
export const decode: Decode = decodeStored;

/** The same for a job that decodes much: whoever asks meanwhile is answered between two records. */
export function bulkDecoder(): Decode {
  const turn = createTurns();
  return async (protocol, stored) => {
    await turn(stored.data.length);
    return await decode(protocol, stored);
  };
}
