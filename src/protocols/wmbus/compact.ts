import type { RecordsOf } from '../mbus/record-readings.ts';
import { appendRecords } from '../mbus/record-readings.ts';
import { plain } from '../mbus/draft.ts';
import type { Draft } from '../mbus/draft.ts';
import { expand, fullFrameCheck, pairs, type Expanded, type FormatBook } from './formats.ts';

const HEAD = 4;

/** The readings of a compact frame: signature of its format (2), check sum of the full frame (2), values. */
export function compactReadings(
  bytes: Uint8Array,
  from: number,
  end: number,
  book: FormatBook,
  of: RecordsOf,
  isProved: boolean,
): readonly Draft[] {
  // An enciphered one begins with its check bytes (wmbusmeters#1135).
  const start = bytes[from] === 0x2f && bytes[from + 1] === 0x2f ? from + 2 : from;
  if (start + HEAD > end) return [unread(bytes, start, end, 'a compact frame that is cut off')];
  const signature = ((bytes[start] ?? 0) << 8) | (bytes[start + 1] ?? 0);
  const check = (bytes[start + 2] ?? 0) | ((bytes[start + 3] ?? 0) << 8);
  const known = book.find(signature);
  for (const format of known) {
    const whole = expand(format, bytes, start + HEAD, end);
    if (whole && fullFrameCheck(whole) === check) return expandedReadings(whole, of);
  }
  // A signature has 16 bits: one that fits, in a telegram that came whole, is most likely the right format, and no more.
  const fitting = known
    .map((format) => expand(format, bytes, start + HEAD, end))
    .filter((whole) => whole !== undefined);
  if (isProved && fitting[0] && fitting.length === 1) return expandedReadings(fitting[0], of).map(unsure);
  const name = pairs(bytes.subarray(start, start + 2));
  const why =
    known.length > 0
      ? `its format ${name} is known and does not fit: another one of that signature, or the telegram is damaged`
      : `its format ${name} is not known yet: any full telegram of such a meter teaches it`;
  return [unread(bytes, start + HEAD, end, `compact frame; ${why}`)];
}

function unsure(reading: Draft): Draft {
  const note = 'the check sum of the full telegram does not fit';
  return {
    ...reading,
    state: reading.state === 'whole' ? 'unchecked' : reading.state,
    note: reading.note === undefined ? note : `${reading.note}; ${note}`,
  };
}

function unread(bytes: Uint8Array, start: number, end: number, note: string): Draft {
  return plain('compact', 'Not decoded', { type: 'bytes', bytes: bytes.slice(start, end) }, start, end, note);
}

function expandedReadings({ bytes, positions }: Expanded, of: RecordsOf): readonly Draft[] {
  const readings: Draft[] = [];
  appendRecords(readings, bytes, 0, bytes.length, pairs(bytes), of);
  for (const reading of readings) {
    const { start, end } = reading.source;
    // What says what it is stands in no byte of the telegram; the value does.
    reading.source = { start: positions[start] ?? 0, end: positions[end] ?? 0 };
  }
  return readings;
}
