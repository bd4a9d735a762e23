import type { Reading } from '../../common/reading.ts';

const DAY_MS = 86_400_000;
/** A meter behind this one that told nothing for so long is rather gone. */
const STANDS_STILL_DAYS = 31;

/**
 * What only the whole readout tells of single figures: a time later than the meter's own clock, a meter behind this one
 * that was never there or is no more.
 */
export function finishReadings(readings: readonly Reading[]): Reading[] {
  const clock = clockOfReadings(readings);
  const numbers = channelNumbers(readings);
  return readings.map((reading) => behind(later(reading, clock), clock, numbers));
}

function later(reading: Reading, clock: number | undefined): Reading {
  const at = reading.time && millis(reading.time.iso);
  if (clock === undefined || at === undefined || at <= clock + DAY_MS) return reading;
  return { ...withNote(reading, "its time is later than the meter's own clock"), state: 'impossible' };
}

/** Channel and number of the meters behind this one, '' where it was left empty. */
function channelNumbers(readings: readonly Reading[]): ReadonlyMap<number, string> {
  const numbers = new Map<number, string>();
  for (const { label, subunit, value } of readings) {
    if (subunit === undefined || !/^0-\d+:96\.1\.[01]$/.test(label)) continue;
    numbers.set(subunit, value.type === 'text' ? value.text.trim() : 'number');
  }
  return numbers;
}

/** A slot nobody was paired with sends a zero; a meter that was taken away stays at its last reading for ever. */
function behind(reading: Reading, clock: number | undefined, numbers: ReadonlyMap<number, string>): Reading {
  const { label, subunit, unit, time, value } = reading;
  if (subunit === undefined || !/^0-\d+:24\.2\.[13]$/.test(label) || value.type !== 'number') return reading;
  if (numbers.get(subunit) === '' || (unit === '' && Number(value.decimal.coefficient) === 0)) {
    return { ...withNote(reading, 'no meter is paired with this channel'), state: 'not available' };
  }
  const at = time && millis(time.iso);
  if (clock === undefined || at === undefined || clock - at < STANDS_STILL_DAYS * DAY_MS) return reading;
  return withNote(reading, `stands still since ${time?.iso.slice(0, 10) ?? ''}`);
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
