import type { Reading } from '../../../src/common/reading.ts';
import { decodeIec } from '../../../src/protocols/iec62056-21/decode.ts';
import { decodeMbus } from '../../../src/protocols/mbus/decode.ts';
import type { StoredData } from '../../../src/protocols/stored-data.ts';

/** What stored data says, at once: the archive waits for the decoder's first record. */
export function decodeStored(protocol: string, stored: StoredData): readonly Reading[] {
  return protocol === 'MBUS' ? decodeMbus(stored) : protocol === 'IEC62056-21' ? decodeIec(stored) : [];
}
