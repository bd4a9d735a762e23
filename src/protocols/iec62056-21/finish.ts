import type { MeterBehind, Reading } from '../../common/reading.ts';
import { channelOf, isReadingBehind, metersBehind } from './behind.ts';

const DAY_MS = 86_400_000;
/** A meter behind this one that told nothing for so long is rather gone. */
const STANDS_STILL_DAYS = 31;

/**
 * What only the whole readout tells of single figures: a time later than the meter's own clock, a meter behind this one
 * that was never there or is no more.
 */
export function finishReadings(readings: readonly Reading[], deviceTypes: ReadonlyMap<number, string>): Reading[] {
  const clock = clockOfReadings(readings);
  const meters = metersBehind(readings, deviceTypes);
  return readings.map((reading) => behind(later(reading, clock), clock, meters));
}

function later(reading: Reading, clock: number | undefined): Reading {
  const at = reading.time && millis(reading.time.iso);
  if (clock === undefined || at === undefined || at <= clock + DAY_MS) return reading;
  return { ...withNote(reading, "its time is later than the meter's own clock"), state: 'impossible' };
}

/** A slot nobody was paired with sends a zero; a meter that was taken away stays at its last reading for ever. */
function behind(
  reading: Reading,
  clock: number | undefined,
  meters: ReadonlyMap<number, MeterBehind | undefined>,
): Reading {
  const channel = channelOf(reading.label);
  if (channel === undefined) return reading;
  const { label, time, value } = reading;
  const isFigure = isReadingBehind(label) && value.type === 'number';
  const meter = meters.get(channel);
  if (!meter)
    return isFigure
      ? { ...withNote(reading, 'no meter is paired with this channel'), state: 'not available' }
      : reading;
  const found = { ...reading, of: meter };
  const at = isFigure && time ? millis(time.iso) : undefined;
  if (clock === undefined || at === undefined || clock - at < STANDS_STILL_DAYS * DAY_MS) return found;
  return withNote(found, `stands still since ${time?.iso.slice(0, 10) ?? ''}`);
}

function millis(iso: string): number | undefined {
  const at = iso.includes('-') ? Date.parse(iso.includes('T') ? `${iso}Z` : `${iso}T00:00Z`) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

function withNote(reading: Reading, note: string): Reading {
  return { ...reading, note: reading.note === undefined ? note : `${reading.note}, ${note}` };
}

/** What the meter's own clock shows: 1.0.0 of DSMR, or 0.9.2. */
function clockOfReadings(readings: readonly Reading[]): number | undefined {
  for (const { label, value } of readings) {
    if (value.type !== 'time' || !/^(?:0-0:1\.0\.0|(?:\d+-\d+:)?0\.9\.2)(?:[*&]255)?$/.test(label)) continue;
    const at = millis(value.time.iso);
    if (at !== undefined) return at;
  }
  return undefined;
}
