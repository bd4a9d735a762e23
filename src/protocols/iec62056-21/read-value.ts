import { parseDecimal } from '../common/decimal.ts';
import type { ObisDescription } from '../common/obis.ts';
import { stateOfTime } from '../common/reading-state.ts';
import type { ReadingState, ReadingValue } from '../common/reading.ts';
import type { DataValue } from './data-set.ts';
import { parseTimeOfDay, parseTimeStamp } from './meter-time.ts';

/** Digits beyond this are no register: turning them into an integer would cost more than linear time. */
const MAX_DIGITS = 40;

/** What a value field holds, by what its code means; whatever is not clean stays text as sent. */
export function readValue(text: string, unit: string, description: ObisDescription, label: string): ReadingValue {
  const trimmed = text.trim();
  if (description.format === 'time') {
    const time = isTimeOfDay(label) ? parseTimeOfDay(trimmed) : (parseTimeStamp(trimmed) ?? parseTimeOfDay(trimmed));
    return time ? { type: 'time', time } : { type: 'text', text };
  }
  if (unit === '' && (description.format === 'text' || (description.quantity === '' && looksLikeName(trimmed)))) {
    return { type: 'text', text };
  }
  const decimal = trimmed.length <= MAX_DIGITS ? parseDecimal(trimmed) : undefined;
  return decimal ? { type: 'number', decimal } : { type: 'text', text };
}

/** What a meter puts in the place of digits it does not have. */
const NO_DIGITS = /^[-?*_.#]+$/;

/** What a value says of itself. */
export function stateOfValue(value: ReadingValue): ReadingState {
  if (value.type === 'time') return stateOfTime(value.time);
  return value.type === 'text' && NO_DIGITS.test(value.text.trim()) ? 'not available' : 'whole';
}

/** 0.9.1 and 0.9.6 hold a time of day, whose six digits would also make a date. */
function isTimeOfDay(label: string): boolean {
  return /(?:^|:)0\.9\.[16](?!\d)/.test(label);
}

/** Of a code nobody knows, digits with a leading zero or too many of them are rather a number plate than a quantity. */
function looksLikeName(text: string): boolean {
  return /^0\d|^\d{16}/.test(text) && !/[.,]/.test(text);
}

/** The text of a value field as it stands between the brackets. */
export function wholeText({ value, separator, unit = '' }: DataValue): string {
  return value + separator + unit;
}

const units: Readonly<Record<string, string>> = {
  m3: 'm³',
  m3ph: 'm³/h',
  'm3/h': 'm³/h',
  deg: '°',
  Deg: '°',
};

/** Unit for display, changed only where there is no doubt; `C` is degrees only at a heat meter (elsewhere coulombs). */
export function displayUnit(unit: string, ofHeatMeter: boolean): string {
  return ofHeatMeter && unit === 'C' ? '°C' : (units[unit] ?? unit);
}
