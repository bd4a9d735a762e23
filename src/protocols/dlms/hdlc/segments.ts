import { concatBytes } from '../../../common/bytes.ts';
import type { Hidden } from '../../../line/line.ts';

/** LLC header (ISO/IEC 8802-2) in front of a message: of a request, and of an answer. */
const REQUEST_LLC = Uint8Array.of(0xe6, 0xe6, 0x00);
const ANSWER_LLC = [0xe6, 0xe7, 0x00] as const;

/** A part of a message, in one frame. */
export interface Segment {
  readonly info: Uint8Array;
  /** Ranges in `info` that nobody is to see. */
  readonly hidden: Hidden;
}

/** The message of a request behind its LLC header, cut to what the meter takes in one frame. */
export function segmentsOf(message: Uint8Array, hidden: Hidden, most: number): readonly Segment[] {
  const whole = concatBytes(REQUEST_LLC, message);
  const segments: Segment[] = [];
  for (let start = 0; start < whole.length; start += most) {
    const end = Math.min(whole.length, start + most);
    const ranges = hidden.flatMap(([from, to]): [number, number][] => {
      const [begins, ends] = [from + REQUEST_LLC.length, to + REQUEST_LLC.length];
      return ends <= start || begins >= end ? [] : [[Math.max(begins, start) - start, Math.min(ends, end) - start]];
    });
    segments.push({ info: whole.subarray(start, end), hidden: ranges });
  }
  return segments;
}

/** The message of an answer: meters send the LLC header once, twice, or not at all. */
export function withoutLlc(bytes: Uint8Array): Uint8Array {
  let at = 0;
  while (bytes.length > at && ANSWER_LLC.every((byte, index) => bytes[at + index] === byte)) at += ANSWER_LLC.length;
  return bytes.subarray(at);
}
