import { HEX_PAIR } from '../../common/bcd.ts';
import { nextRecord, recordCursor, seek, variableLength } from '../mbus/record.ts';
import { radioCrc } from './crc.ts';

/**
 * Compact frames (EN 13757-7, "CI 79, 73, 7B"): the values of a telegram without what says what they are. That is a format,
 * known by its signature, which is learnt from any full frame of a meter of the kind.
 */
export interface Format {
  /** The head of each record, DIF to last VIFE, in order. */
  readonly heads: readonly Uint8Array[];
}

/** What has been learnt, for as long as it lives. */
export interface FormatBook {
  /** Those of a signature as it is sent. */
  find(signature: number): readonly Format[];
  learn(format: Format): void;
}

const cursor = recordCursor();
const MOST_FORMATS = 500;
const LONGEST_HEAD = 24;

/** `known`: what is built in, the heads of each in hex. */
export function formatBook(known: readonly Format[]): FormatBook {
  const formats = new Map<number, Format[]>();
  let count = 0;
  const learn = (format: Format) => {
    const signature = signatureOf(format);
    const there = formats.get(signature);
    if (there?.some((one) => isSame(one, format)) || count >= MOST_FORMATS) return;
    formats.set(signature, [...(there ?? []), format]);
    count++;
  };
  for (const format of known) learn(format);
  return { find: (signature) => formats.get(signature) ?? [], learn };
}

function joined({ heads }: Format): Uint8Array {
  const whole = new Uint8Array(heads.reduce((sum, head) => sum + head.length, 0));
  let at = 0;
  for (const head of heads) {
    whole.set(head, at);
    at += head.length;
  }
  return whole;
}

/** As the two bytes are sent, the first in the high half. */
function signatureOf(format: Format): number {
  const all = joined(format);
  const crc = radioCrc(all, 0, all.length);
  return ((crc & 0xff) << 8) | (crc >> 8);
}

const isSame = (one: Format, other: Format) =>
  one.heads.length === other.heads.length && joined(one).every((byte, at) => byte === joined(other)[at]);

/** The format of records of a full frame in `bytes[start, end)`; undefined where they are no plain series of records. */
export function formatOf(bytes: Uint8Array, start: number, end: number): Format | undefined {
  const heads: Uint8Array[] = [];
  seek(cursor, bytes, start, end, false);
  while (nextRecord(cursor)) {
    if (cursor.kind === 'filler') continue;
    if (cursor.kind !== 'value' || cursor.vifEnd - cursor.start > LONGEST_HEAD) return undefined;
    heads.push(bytes.slice(cursor.start, cursor.vifEnd));
  }
  return heads.length === 0 ? undefined : { heads };
}

/** A full frame put together again, and where each of its bytes stands in the compact one. */
export interface Expanded {
  readonly bytes: Uint8Array;
  readonly positions: readonly number[];
}

const LENGTHS = [0, 1, 2, 3, 4, 4, 6, 8, 0, 1, 2, 3, 4, -1, 6, -1];

/** The records of a compact frame in `bytes[start, end)`, values only; undefined where the format does not fit them. */
export function expand(format: Format, bytes: Uint8Array, start: number, end: number): Expanded | undefined {
  const whole: number[] = [];
  const positions: number[] = [];
  let at = start;
  for (const head of format.heads) {
    for (const byte of head) {
      whole.push(byte);
      positions.push(at);
    }
    const coding = (head[0] ?? 0) & 15;
    const length = coding === 13 ? 1 + variableLength(bytes[at] ?? 0xff) : (LENGTHS[coding] ?? -1);
    if (length < 0 || at + length > end || (coding === 13 && length === 0)) return undefined;
    for (let n = 0; n < length; n++, at++) {
      whole.push(bytes[at] ?? 0);
      positions.push(at);
    }
  }
  // Behind them only what fills up a block.
  for (let rest = at; rest < end; rest++) if (bytes[rest] !== 0x2f) return undefined;
  return { bytes: Uint8Array.from(whole), positions: [...positions, at] };
}

/** Of the records of the full frame, as the compact one sends it, low byte first. */
export const fullFrameCheck = ({ bytes }: Expanded): number => radioCrc(bytes, 0, bytes.length);

/** Upper-case hex, faster than one byte at a time. */
export function pairs(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX_PAIR[byte] ?? '';
  return text;
}
