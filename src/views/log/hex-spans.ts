import { HEX_PAIR } from '../../common/bcd.ts';
import type { Reading } from '../../common/reading.ts';

/** Positions in bytes, half open. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface ByteSpan extends ByteRange {
  /** What the bytes mean, in one line. */
  readonly text: string;
}

/** Bytes of one span shown at most; what is longer is no value and is told by its length. */
const MOST_SHOWN = 256;

/** "0C 13 27 04" */
export function hexOfRange(bytes: Uint8Array, { start, end }: ByteRange): string {
  const shown = Array.from(bytes.subarray(start, Math.min(end, start + MOST_SHOWN)), (byte) => HEX_PAIR[byte]).join(
    ' ',
  );
  return end - start > MOST_SHOWN ? `${shown} … ${end - start - MOST_SHOWN} more` : shown;
}

/** "0x1A" or "0x1A–0x1D"; as many digits as the last position of the data needs, two at least. */
export function placeOfRange({ start, end }: ByteRange, length: number): string {
  const digits = Math.max(2, (length - 1).toString(16).length);
  const place = (at: number) => `0x${at.toString(16).toUpperCase().padStart(digits, '0')}`;
  return end - start > 1 ? `${place(start)}–${place(end - 1)}` : place(start);
}

/** The spans that lie in a range, in order. */
export function spansIn<Span extends ByteRange>(spans: readonly Span[], range: ByteRange | undefined): readonly Span[] {
  return range === undefined ? [] : spans.filter(({ start, end }) => start >= range.start && end <= range.end);
}

/** The reading that these bytes belong to: the one with the narrowest source around them. */
export function readingAt(readings: readonly Reading[], range: ByteRange): Reading | undefined {
  let found: Reading | undefined;
  for (const reading of readings) {
    const { start, end } = reading.source;
    if (start > range.start || end < range.end) continue;
    if (found === undefined || end - start < found.source.end - found.source.start) found = reading;
  }
  return found;
}
