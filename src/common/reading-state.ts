import type { MeterTime, ReadingState } from './reading.ts';

/** Meters are newer, and no date in one lies so far ahead: what says otherwise is a fault or a default. */
const FIRST_YEAR = 1980;
const LAST_YEAR = 2060;

/** What a time says of itself. */
export function stateOfTime({ iso, invalid }: MeterTime): ReadingState {
  if (iso === '') return 'not available';
  if (/^\d{4}/.test(iso)) {
    const year = Number(iso.slice(0, 4));
    if (year < FIRST_YEAR || year > LAST_YEAR) return 'impossible';
  }
  return invalid === true ? 'not available' : 'whole';
}
