import { concatBytes, toHex } from '../../common/bytes.ts';
import type { Draft } from './draft.ts';
import { plain } from './draft.ts';

/** CI 00–1F: the number of the segment in bits 0–3, bit 4 in the last one (EN 13757-3, DLMS over M-Bus). */
export const isDlms = (controlInformation: number): boolean => controlInformation <= 0x1f;

/** Source and destination of each segment, before its part of the message. */
const ACCESS_POINTS = 2;

export interface Segment {
  readonly controlInformation: number;
  readonly data: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** Does this segment go on where the ones before ended? */
export function followsOn(before: readonly Segment[], { controlInformation }: Segment): boolean {
  const last = before.at(-1)?.controlInformation ?? 0x1f;
  return last < 0x10 && (controlInformation & 15) === (last & 15) + 1;
}

/** Energy suppliers' meters push DLMS in M-Bus frames: one reading of the message that segments make. */
export function dlmsMessage(segments: readonly Segment[]): Draft {
  const [first] = segments;
  const last = segments.at(-1);
  const message = concatBytes(...segments.map(({ data }) => data.subarray(ACCESS_POINTS)));
  const number = (first?.controlInformation ?? 0) & 15;
  const isWhole = number === 0 && (last?.controlInformation ?? 0) >= 0x10;
  const count = `${segments.length} ${segments.length === 1 ? 'segment' : 'segments'}`;
  const missing = number > 0 ? 'its beginning is missing' : 'its end is missing';
  const notes = [isWhole ? count : `${count}, ${missing}`, ...(number === 0 ? contentWords(message) : [])];
  const value = { type: 'bytes', bytes: message } as const;
  const reading = plain('DLMS', 'DLMS message', value, first?.start ?? 0, last?.end ?? 0, notes.join('; '));
  return isWhole ? reading : { ...reading, state: 'partial' };
}

/** Messages under a key that the meter's operator gives out: general-glo-ciphering, general-ded-ciphering. */
const CIPHERED = [0xdb, 0xdc];
const DATA_NOTIFICATION = 0x0f;

function contentWords(message: Uint8Array): readonly string[] {
  const [tag = 0, length = 0] = message;
  if (tag === DATA_NOTIFICATION) return ['not encrypted; its content is not decoded yet'];
  if (!CIPHERED.includes(tag)) return [];
  const title = message.subarray(2, 2 + length);
  const named = length === 8 && title.length === 8 ? [`system title ${toHex(title)}`] : [];
  return [...named, 'encrypted: needs the key of this meter, from whoever operates it; not decoded yet'];
}
