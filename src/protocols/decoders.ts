import type { StoredData } from './protocol.ts';
import type { Reading } from '../common/reading.ts';
import { decodeIec } from './iec62056-21/decode.ts';
import { decodeMbus } from './mbus/decode.ts';

/** The pure decoders, by the protocol's name in records; a new protocol is one line. */
const decoders: Readonly<Record<string, (stored: StoredData) => readonly Reading[]>> = {
  'IEC62056-21': decodeIec,
  MBUS: decodeMbus,
};

/** What stored data says; empty where this version does not know the protocol. */
export function decodeStored(protocol: string, stored: StoredData): readonly Reading[] {
  return Object.hasOwn(decoders, protocol) ? (decoders[protocol]?.(stored) ?? []) : [];
}
