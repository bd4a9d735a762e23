/** Frames of the PROFIBUS data link (FDL, DIN 19245), as far as a station of this kind meets them. */

/** 'sum8': modulo 256; 'ones': the carry is added again. They differ where there was a carry. */
export type CheckSum = 'sum8' | 'ones';

export const SD1 = 0x10;
export const SD2 = 0x68;
export const END = 0x16;
export const SHORT_ACKNOWLEDGE = 0xe5;
export const FDL_STATUS = 0x49;
export const SRD_HIGH = 0x4d;
/** Bit of the frame control that makes it a request. */
export const REQUEST = 0x40;
/** Frame count bit and its "valid", for masters that use them. */
export const FRAME_COUNT = 0x20;
export const COUNT_VALID = 0x10;
/** What the low half of the answer's frame control says: data, of low and high priority. */
export const DATA = [0x08, 0x0a];
/** The station has none of what was asked for: user error, no resource, service not activated, no data. */
export const REFUSALS: Readonly<Record<number, string>> = {
  0x01: 'user error',
  0x02: 'no resource',
  0x03: 'service not activated',
  0x09: 'no data',
};

/** LE counts DA, SA, FC and the data. */
export const LE_HEAD = 3;
export const LEAST_LE = 4;
export const MOST_LE = 249;
/** Start, LE, LEr, start before what LE counts; check sum and end behind it. */
export const AROUND = 6;
export const SD1_LENGTH = 6;
export const MAX_FRAME = MOST_LE + AROUND;

export interface FdlFrame {
  readonly kind: 'SD1' | 'SD2';
  readonly destination: number;
  readonly source: number;
  readonly control: number;
  readonly data: Uint8Array;
  /** Which check sums fit. */
  readonly checks: readonly CheckSum[];
}

export function checkOf(kind: CheckSum, bytes: Uint8Array, start: number, end: number): number {
  let sum = 0;
  for (let at = start; at < end; at++) {
    sum += bytes[at] ?? 0;
    if (sum > 0xff) sum = (kind === 'ones' ? sum + 1 : sum) & 0xff;
  }
  return sum;
}

/** A frame to be sent: SD1 without data, SD2 with. */
export function frameOf(head: readonly [number, number, number], data: Uint8Array, check: CheckSum): Uint8Array {
  const counted = Uint8Array.of(...head, ...data);
  const sum = checkOf(check, counted, 0, counted.length);
  if (data.length === 0) return Uint8Array.of(SD1, ...counted, sum, END);
  return Uint8Array.of(SD2, counted.length, counted.length, SD2, ...counted, sum, END);
}

/** The frame that fills these bytes, whose length and end are right; undefined where no check sum fits. */
export function readFrame(bytes: Uint8Array): FdlFrame | undefined {
  const kind = bytes[0] === SD1 ? 'SD1' : 'SD2';
  const start = kind === 'SD1' ? 1 : 4;
  const end = bytes.length - 2;
  const checks = (['sum8', 'ones'] as const).filter((check) => checkOf(check, bytes, start, end) === bytes[end]);
  const [destination = 0, source = 0, control = 0] = bytes.subarray(start);
  if (checks.length === 0) return undefined;
  return { kind, destination, source, control, data: bytes.slice(start + LE_HEAD, end), checks };
}
