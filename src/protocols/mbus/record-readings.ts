import type { MeterTime, ReadingKind } from '../common/reading.ts';
import type { Draft } from './draft.ts';
import { plain } from './draft.ts';
import { obisCode } from './obis.ts';
import type { RecordCursor } from './record.ts';
import { nextRecord, recordCursor, seek } from './record.ts';
import { readValue } from './value.ts';
import { PRIMARY_VIFS } from './vif-primary.ts';

const cursor = recordCursor();

/**
 * Appends the readings of the records in `bytes[start, end)`; `hex` is the text of the same bytes. Also used for the
 * decrypted records of radio telegrams.
 */
export function appendRecords(
  readings: Draft[],
  bytes: Uint8Array,
  start: number,
  end: number,
  hex: string,
  mode2: boolean,
  medium: number,
): void {
  const first = readings.length;
  let dated = false;
  seek(cursor, bytes, start, end, mode2);
  while (nextRecord(cursor)) {
    if (cursor.kind === 'value') {
      const reading = recordReading(cursor, hex, medium);
      readings.push(reading);
      if (reading.value.type === 'time' && isTimeStamp(reading)) dated = true;
    } else if (cursor.kind !== 'filler') {
      special(readings, cursor, hex);
    }
  }
  if (dated) linkTimes(readings, first);
}

function recordReading(record: RecordCursor, hex: string, medium: number): Draft {
  const { start, vifEnd, end, storage, tariff, subunit, meaning } = record;
  const label = hex.slice(2 * start, 2 * vifEnd);
  const value = readValue(record);
  const { quantity, unit, register } = meaning;
  const functionField = (record.dif >> 4) & 3;
  const kind = meaning.failed ? 'error' : kindOf(functionField, storage);
  const { state } = record;
  const source = { start, end };
  const obis =
    register !== '' && storage === 0 && subunit === 0 && functionField === 0
      ? obisCode(medium, register, tariff)
      : undefined;
  const reading: Draft =
    obis === undefined
      ? { label, quantity, value, unit, tariff, storage, subunit, kind, state, source }
      : { obis, label, quantity, value, unit, tariff, storage, subunit, kind, state, source };
  if (record.remark !== '') reading.note = record.remark;
  return reading;
}

function kindOf(functionField: number, storage: number): ReadingKind {
  switch (functionField) {
    case 1:
      return 'maximum';
    case 2:
      return 'minimum';
    case 3:
      return 'error';
    default:
      return storage > 0 ? 'stored' : 'instantaneous';
  }
}

function special(readings: Draft[], record: RecordCursor, hex: string): void {
  const { start, end, kind, meaning } = record;
  if (kind === 'unknown') {
    const label = hex.slice(2 * start, 2 * Math.min(record.vifEnd, end));
    const bytes = record.bytes.slice(start, end);
    const reading = plain(label, meaning.quantity, { type: 'bytes', bytes }, start, end, record.fault);
    reading.state = 'partial';
    readings.push(reading);
  } else if (kind === 'readout request') {
    readings.push(plain('7F', 'Global readout request', { type: 'text', text: '' }, start, end, ''));
  } else if (end > start + 1) {
    const bytes = record.bytes.slice(start + 1, end);
    readings.push(
      plain(
        hex.slice(2 * start, 2 * start + 2),
        'Manufacturer-specific data',
        { type: 'bytes', bytes },
        start,
        end,
        '',
      ),
    );
  }
}

/** A plain date of a stored value, a maximum or a minimum: it says when the values beside it were taken. */
function isTimeStamp(reading: Draft): boolean {
  return (
    reading.kind !== 'instantaneous' &&
    reading.kind !== 'error' &&
    (reading.quantity === PRIMARY_VIFS[0x6c]?.quantity || reading.quantity === PRIMARY_VIFS[0x6d]?.quantity)
  );
}

/** Gives every value the time stamp of its storage number and function, of its own tariff and subunit before the common one. */
function linkTimes(readings: Draft[], first: number): void {
  const stamps = new Map<string, MeterTime>();
  for (let i = first; i < readings.length; i++) {
    const reading = readings[i];
    if (reading?.value.type !== 'time' || reading.value.time.iso === '' || !isTimeStamp(reading)) continue;
    const key = stampKey(reading, reading.tariff ?? 0, reading.subunit ?? 0);
    if (!stamps.has(key)) stamps.set(key, reading.value.time);
  }
  for (let i = first; i < readings.length; i++) {
    const reading = readings[i];
    if (reading?.value.type !== 'number' || reading.kind === 'instantaneous') continue;
    const { tariff = 0, subunit = 0 } = reading;
    const time =
      stamps.get(stampKey(reading, tariff, subunit)) ??
      stamps.get(stampKey(reading, 0, subunit)) ??
      stamps.get(stampKey(reading, 0, 0));
    if (time !== undefined) reading.time = time;
  }
}

function stampKey(reading: Draft, tariff: number, subunit: number): string {
  return `${reading.kind} ${reading.storage ?? 0} ${tariff} ${subunit}`;
}
