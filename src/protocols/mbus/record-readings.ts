import type { MeterTime, ReadingKind } from '../../common/reading.ts';
import { compactProfile, expand } from './compact-profile.ts';
import type { CompactProfile } from './compact-profile.ts';
import type { Draft } from './draft.ts';
import { plain } from './draft.ts';
import { obisCode } from './obis.ts';
import { asMakerMeans } from './makers.ts';
import type { RecordCursor } from './record.ts';
import { nextRecord, recordCursor, seek } from './record.ts';
import { readValue } from './value.ts';
import { PRIMARY_VIFS } from './vif-primary.ts';

const cursor = recordCursor();

/** What the header says of the records behind it. */
export interface RecordsOf {
  readonly mode2: boolean;
  readonly medium: number;
  /** Three letters; '' where it is not told. */
  readonly maker: string;
}

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
  of: RecordsOf,
): void {
  const first = readings.length;
  const profiles: { readonly at: number; readonly profile: CompactProfile }[] = [];
  let dated = false;
  seek(cursor, bytes, start, end, of.mode2);
  while (nextRecord(cursor)) {
    if (cursor.kind === 'value') {
      const reading = recordReading(cursor, hex, of);
      const profile = compactProfile(cursor, reading);
      if (profile) profiles.push({ at: readings.length, profile });
      readings.push(reading);
      if (reading.value.type === 'time' && isTimeStamp(reading)) dated = true;
    } else if (cursor.kind !== 'filler') {
      special(readings, cursor, hex);
    }
  }
  if (dated) linkTimes(readings, first);
  for (const { at, profile } of profiles.reverse()) {
    const { base, date } = baseOf(readings.slice(first), profile.record);
    readings.splice(at, 1, ...expand(profile, base, date));
  }
}

/** The value that a compact profile begins with, and when that was. */
function baseOf(
  readings: readonly Draft[],
  profile: Draft,
): { readonly base: Draft | undefined; readonly date: string } {
  const beside = readings.filter(
    (one) => one.storage === profile.storage && one.kind === profile.kind && !one.label.startsWith(profile.label),
  );
  const base = beside.find(
    ({ value, quantity, unit, tariff, subunit }) =>
      value.type === 'number' &&
      quantity === profile.quantity &&
      unit === profile.unit &&
      tariff === profile.tariff &&
      subunit === profile.subunit,
  );
  const stamp = beside.find(
    ({ value, quantity, state }) => value.type === 'time' && state === 'whole' && isStamp(quantity),
  );
  return { base, date: base?.time?.iso ?? (stamp?.value.type === 'time' ? stamp.value.time.iso : '') };
}

function recordReading(record: RecordCursor, hex: string, { medium, maker }: RecordsOf): Draft {
  record.meaning = asMakerMeans(record.meaning, maker, record.subunit);
  const { start, vifEnd, end, storage, tariff, subunit, meaning } = record;
  const label = hex.slice(2 * start, 2 * vifEnd);
  const value = readValue(record);
  const { quantity, unit, register } = meaning;
  const functionField = (record.dif >> 4) & 3;
  const kind = meaning.failed ? 'error' : kindOf(functionField, storage);
  const state = meaning.failed && record.state === 'whole' ? 'not available' : record.state;
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
  return reading.kind !== 'instantaneous' && reading.kind !== 'error' && isStamp(reading.quantity);
}

const isStamp = (quantity: string) => STAMPS.has(quantity.replace(OF_THE_FIRST, ''));

const STAMPS = new Set([PRIMARY_VIFS[0x6c]?.quantity, PRIMARY_VIFS[0x6d]?.quantity]);
/** What VIFE 6A, 6B, 6E and 6F add: beside a date itself they only say which end of the period it is. */
const OF_THE_FIRST = /, (begin|end) of the (first|last)$/;

/**
 * Gives every value the time stamp of its storage number and function, of its own tariff and subunit before the common
 * one. Where a storage number has several, as in a load profile, a value belongs to the one right beside it: before it,
 * or after it where the series begins with a value.
 */
function linkTimes(readings: Draft[], first: number): void {
  const stamps = new Map<string, Stamp[]>();
  for (let i = first; i < readings.length; i++) {
    const reading = readings[i];
    if (reading?.value.type !== 'time' || !isTimeStamp(reading)) continue;
    const key = stampKey(reading, reading.tariff ?? 0, reading.subunit ?? 0);
    stamps.set(key, [...(stamps.get(key) ?? []), { at: i, time: reading.value.time }]);
  }
  /** Where the values of a storage number and function begin. */
  const begins = new Map<string, number>();
  for (let i = first; i < readings.length; i++) {
    const reading = readings[i];
    if (reading?.value.type !== 'number' || reading.kind === 'instantaneous') continue;
    const { tariff = 0, subunit = 0 } = reading;
    const series = stampKey(reading, 0, 0);
    const begin = begins.get(series) ?? i;
    begins.set(series, begin);
    const its =
      stamps.get(stampKey(reading, tariff, subunit)) ??
      stamps.get(stampKey(reading, 0, subunit)) ??
      stamps.get(stampKey(reading, 0, 0));
    const time = its && stampOf(its, i, begin)?.time;
    if (time === undefined) continue;
    if (time.iso !== '') reading.time = time;
    else if (reading.value.decimal.coefficient === -1 && reading.state === 'whole') {
      // All bits set beside "no date": history that was never kept (wmbusmeters#596), not minus one.
      reading.state = 'not available';
      reading.note = reading.note === undefined ? 'never set' : `${reading.note}; never set`;
    }
  }
}

interface Stamp {
  readonly at: number;
  readonly time: MeterTime;
}

function stampOf(stamps: readonly Stamp[], at: number, begin: number): Stamp | undefined {
  const [only, second] = stamps;
  if (only === undefined || second === undefined) return only;
  return begin < only.at ? stamps.find((stamp) => stamp.at > at) : stamps.findLast((stamp) => stamp.at < at);
}

function stampKey(reading: Draft, tariff: number, subunit: number): string {
  return `${reading.kind} ${reading.storage ?? 0} ${tariff} ${subunit}`;
}
