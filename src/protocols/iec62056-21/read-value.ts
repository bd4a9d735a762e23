import { parseDecimal } from '../../common/decimal.ts';
import type { ObisDescription } from '../../common/obis.ts';
import { stateOfTime } from '../../common/reading-state.ts';
import type { ReadingState, ReadingValue } from '../../common/reading.ts';
import { dimensionOf, spelledUnit, type Dimension } from '../../common/units.ts';
import type { DataValue } from './data-set.ts';
import { parseOrderedDate, parseTimeOfDay, parseTimeStamp, type DateOrder } from './meter-time.ts';

/** Digits beyond this are no register: turning them into an integer would cost more than linear time. */
const MAX_DIGITS = 40;

/** What a value field holds, by what its code means; whatever is not clean stays text as sent. */
export function readValue(
  text: string,
  unit: string,
  description: ObisDescription,
  label: string,
  order?: DateOrder,
): ReadingValue {
  const trimmed = text.trim();
  if (description.format === 'time') {
    const time = isTimeOfDay(label)
      ? parseTimeOfDay(trimmed)
      : (parseTimeStamp(trimmed) ?? parseOrderedDate(trimmed, order) ?? parseTimeOfDay(trimmed));
    return time ? { type: 'time', time } : { type: 'text', text };
  }
  if (unit === '' && (description.format === 'text' || (description.quantity === '' && looksLikeName(trimmed)))) {
    return { type: 'text', text: isFiller(text) ? '' : text };
  }
  const decimal = trimmed.length <= MAX_DIGITS ? parseDecimal(trimmed) : undefined;
  return decimal ? { type: 'number', decimal } : { type: 'text', text };
}

/** What texts of a fixed length are filled up with where there is none: FF, or what is left of it without its bit 7. */
const isFiller = (text: string) => /^[\x7f\xff]+$/.test(text);

/** What a meter puts in the place of digits it does not have. */
const NO_DIGITS = /^[-?*_.#]+$/;

/** The answer of a meter that does not have what stands before the bracket. */
export function isRefusal(text: string): boolean {
  return /^ER(?:R(?:OR)?)?[ -]?\d{0,3}$/i.test(text.trim());
}

/** What a value says of itself. */
export function stateOfValue(value: ReadingValue): ReadingState {
  if (value.type === 'time') return stateOfTime(value.time);
  if (value.type !== 'text') return 'whole';
  return NO_DIGITS.test(value.text.trim()) || isRefusal(value.text) ? 'not available' : 'whole';
}

/** A unit that stands right behind the digits, where it measures what the code stands for: `(00.00A)`, `(00088h)`. */
export function splitUnit(
  text: string,
  dimension: Dimension['name'] | undefined,
): { readonly text: string; readonly unit: string } {
  const [, digits, unit = ''] = (dimension && UNIT_BEHIND.exec(text)) ?? [];
  return digits !== undefined && dimensionOf(unit)?.name === dimension ? { text: digits, unit } : { text, unit: '' };
}

const UNIT_BEHIND = /^([+-]?\d+(?:[.,]\d+)?) ?([A-Za-z%^°0-9]{1,5})$/;

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

/** Unit for display; `C` is degrees only at a heat meter (elsewhere coulombs). */
export function displayUnit(unit: string, ofHeatMeter: boolean): string {
  return ofHeatMeter && unit === 'C' ? '°C' : spelledUnit(unit);
}
