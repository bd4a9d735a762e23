import type { LogRecord } from '../record.ts';
import { crc32 } from './crc32.ts';

/** What one append to the journal says. Every member is optional; an entry says what has changed. */
export interface JournalEntry {
  /** Which log this is a copy of, and how it stood after the change; the newest by revision holds. */
  readonly log?: JournalState;
  readonly records?: readonly LogRecord[];
  /** Sequence numbers that were taken out of the middle. */
  readonly removed?: readonly number[];
  /** Rows of the store `settings`; without a value it was deleted. The newest of a key holds. */
  readonly settings?: readonly { readonly key: string; readonly value?: unknown }[];
  /** Counts the changes of settings; the highest holds. Absent before the first. */
  readonly settingsRevision?: number;
}

/** The part of the log's state that its rows do not tell. */
export interface JournalState {
  readonly generation: string;
  /** How often it has been rebuilt. */
  readonly rebuilt: number;
  readonly revision: number;
  readonly firstSeq: number;
  readonly nextSeq: number;
  /** Records; absent in copies of earlier versions. */
  readonly count?: number;
  readonly capacityBytes: number;
  /** Revision of the last deletion from the middle that the journal knows of. */
  readonly holes: number;
}

/** "OHHU", then the length and the CRC-32 of the JSON that follows, each 32 bits little-endian. */
const MAGIC = 0x5548_484f;
const HEAD_BYTES = 12;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export function encodeFrame(entry: JournalEntry): Uint8Array<ArrayBuffer> {
  const json = encoder.encode(JSON.stringify(entry));
  const frame = new Uint8Array(HEAD_BYTES + json.length);
  const head = new DataView(frame.buffer);
  head.setUint32(0, MAGIC, true);
  head.setUint32(4, json.length, true);
  head.setUint32(8, crc32(json), true);
  frame.set(json, HEAD_BYTES);
  return frame;
}

export interface Frames {
  readonly entries: readonly JournalEntry[];
  /** Where the last whole entry ends: what is behind it was never finished, or is damaged. */
  readonly end: number;
}

/**
 * Every entry of a segment that is whole. What is damaged is stepped over: an entry is found again by its beginning and
 * believed by its check sum.
 */
export function decodeFrames(bytes: Uint8Array): Frames {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: JournalEntry[] = [];
  let end = 0;
  for (let at = 0; at + HEAD_BYTES <= bytes.length;) {
    const json = jsonAt(bytes, view, at);
    if (!json) {
      at++;
      continue;
    }
    entries.push(JSON.parse(decoder.decode(json)) as JournalEntry);
    at += HEAD_BYTES + json.length;
    end = at;
  }
  return { entries, end };
}

function jsonAt(bytes: Uint8Array, view: DataView, at: number): Uint8Array | undefined {
  if (view.getUint32(at, true) !== MAGIC) return undefined;
  const from = at + HEAD_BYTES;
  const length = view.getUint32(at + 4, true);
  if (from + length > bytes.length) return undefined;
  const json = bytes.subarray(from, from + length);
  return crc32(json) === view.getUint32(at + 8, true) ? json : undefined;
}
