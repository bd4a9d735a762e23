import type { LogRecord } from '../log/record.ts';
import type { StoredData } from '../protocols/common/protocol.ts';
import type { Reading } from '../protocols/common/reading.ts';
import { decodeIec } from '../protocols/iec62056-21/decode.ts';

/** The pure decoders, by the protocol's name in records; a new protocol is one line. */
const decoders: Readonly<Record<string, (stored: StoredData) => readonly Reading[]>> = {
  'IEC62056-21': decodeIec,
};

/** What a record's data says; empty where this version does not know how to read it. */
export function decodeRecord(record: LogRecord): readonly Reading[] {
  if (record.type !== 'AMS' || !Object.hasOwn(decoders, record.protocol)) return [];
  return decoders[record.protocol]?.(record) ?? [];
}
