import { nextRecord, recordCursor, seek } from '../mbus/record.ts';
import { readValue } from '../mbus/value.ts';

const cursor = recordCursor();
/** With a date among them, or without. */
const FEWEST = 3;
const FEWEST_UNDATED = 8;
/** Of the meters that there are. */
const DATE = /^20[0-5]\d-/;

/**
 * Are the bytes records of the standard to the last one, with values that are some? Noise has three in a row now and then,
 * but hardly ever with a date of this time among them.
 */
export function areSaneRecords(bytes: Uint8Array, start: number, end: number): boolean {
  let count = 0;
  let isDated = false;
  seek(cursor, bytes, start, end, false);
  while (nextRecord(cursor)) {
    if (cursor.kind === 'filler') continue;
    if (cursor.kind === 'manufacturer data') break;
    if (cursor.kind !== 'value' || cursor.meaning.quantity === '') return false;
    const value = readValue(cursor);
    if (cursor.state === 'impossible') return false;
    if (value.type === 'time') isDated ||= DATE.test(value.time.iso);
    count++;
  }
  return count >= (isDated ? FEWEST : FEWEST_UNDATED);
}
