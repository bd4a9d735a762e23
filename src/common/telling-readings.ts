import { isPlateNumber, plateText } from './meter-identity.ts';
import type { MeterBehind, Reading } from './reading.ts';
import { dimensionOf } from './units.ts';

/** The one figure of a readout that tells most: what the meter counts in all, before tariffs, maxima and stored values. */
export interface MainReading {
  readonly reading: Reading;
  /** It only ever grows, so that the difference of two of them is what was used between. */
  readonly counts: boolean;
}

/**
 * Totals by code, the most telling first: active energy import, its sum over both directions, export (IEC 62056-61),
 * heat energy of EDIS, energy of EN 13757-1, heat cost units, gas, water. A meter behind this one comes last: it is another.
 */
const totals: readonly RegExp[] = [
  /^(?:1-\d+:)?1\.8(?:\.0)?$/,
  /^(?:1-\d+:)?15\.8(?:\.0)?$/,
  /^(?:1-\d+:)?2\.8(?:\.0)?$/,
  /^6\.8(?:\.0)?$/,
  /^[456]-\d+:1\.\d+\.0$/,
  /^7-\d+:[13]\.\d+\.0$/,
  /^[89]-\d+:1\.0\.0$/,
];

/**
 * Of the meter that was read itself; of one behind it only where it counts nothing and there is just that one, as behind a
 * gateway. Undefined where a readout holds no such number at all.
 */
export function mainReading(readings: readonly Reading[]): MainReading | undefined {
  const numbers = readings.filter(
    ({ value, kind, state }) =>
      value.type === 'number' && kind === 'instantaneous' && (state === 'whole' || state === 'unchecked'),
  );
  const own = numbers.filter(({ of }) => !of);
  // Some meters write their own registers as 1-1: with a channel, but with their medium.
  const current = own.filter(
    ({ storage = 0, subunit = 0, label }) => storage === 0 && (subunit === 0 || /^[1-9]-\d+:/.test(label)),
  );
  for (const pattern of totals) {
    const total = own.find(({ label, obis = label, storage = 0 }) => storage === 0 && pattern.test(withoutF(obis)));
    if (total) return { reading: total, counts: true };
  }
  const counted = current.filter(({ unit }) => isCounted(unit));
  const total = counted.find(({ tariff = 0 }) => tariff === 0) ?? counted[0];
  if (total) return { reading: total, counts: true };
  const measured = current.find(({ unit }) => unit !== '');
  if (measured) return { reading: measured, counts: false };
  const behind = numbers.filter(({ of, unit }) => of && isCounted(unit));
  if (behind[0] && new Set(behind.map(({ of }) => of && keyOfBehind(of))).size === 1)
    return { reading: behind[0], counts: true };
  const other = current[0] ?? own[0];
  return other && { reading: other, counts: false };
}

/** Power of all phases by code: with a sign, without one, import. */
const powers: readonly RegExp[] = [
  /^(?:1-\d+:)?16\.7(?:\.0)?$/,
  /^(?:1-\d+:)?15\.7(?:\.0)?$/,
  /^(?:1-\d+:)?1\.7(?:\.0)?$/,
];

/** What flows at the moment, for whoever watches; undefined where a readout does not say it of the meter as a whole. */
export function powerNow(readings: readonly Reading[]): Reading | undefined {
  const present = readings.filter(
    ({ value, kind, state, of, storage = 0, tariff = 0, unit }) =>
      value.type === 'number' &&
      kind === 'instantaneous' &&
      (state === 'whole' || state === 'unchecked') &&
      !of &&
      storage === 0 &&
      tariff === 0 &&
      dimensionOf(unit)?.name === 'power',
  );
  for (const pattern of powers) {
    const found = present.find(({ label, obis = label }) => pattern.test(withoutF(obis)));
    if (found) return found;
  }
  // A meter without codes that says one power says that of all.
  const [only, ...others] = present;
  return others.length === 0 ? only : undefined;
}

/** Equal keys, one meter: its number, or where that is not known its channel. */
export function keyOfBehind({ number, medium, channel = 0 }: MeterBehind): string {
  return number === '' ? `channel ${channel} ${medium}` : number;
}

/** Is it a unit of what is counted (energy, volume), rather than of what goes up and down? */
export function isCounted(unit: string): boolean {
  return dimensionOf(unit)?.counts === true;
}

/** F = 255 stands for the current value (IEC 62056-61, 5.6). */
function withoutF(code: string): string {
  return code.replace(/[*&]255$/, '');
}

/**
 * The number on the plate, as far as the meter says it. C = 96, D = 1: device numbers; C = 0, D = 0: identifications
 * (IEC 62056-61). EDIS heat meters: 9.20. M-Bus: the identification number of the header. A gateway without a number of
 * its own goes by that of the only meter behind it.
 */
export function serialNumberOf(readings: readonly Reading[]): string | undefined {
  return serialNumbersOf(readings)[0];
}

/** Every number a meter gives of itself, the one on the plate first. */
export function serialNumbersOf(readings: readonly Reading[]): readonly string[] {
  const texts = readings.flatMap((reading) => {
    // A damaged number is another meter's.
    const { of, state, value } = reading;
    const text = !of && state === 'whole' && value.type === 'text' ? plateText(value.text.trim()) : '';
    if (!isPlateNumber(text)) return [];
    return [{ quantity: reading.quantity, text }];
  });
  const own = NUMBERS.flatMap((wanted) => texts.filter(({ quantity }) => quantity === wanted));
  const behind = readings.flatMap(({ of }) => (of && of.number !== '' ? of.number : []));
  const onlyOneBehind = new Set(behind).size === 1;
  const found = own.length === 0 && onlyOneBehind ? behind : own.map(({ text }) => text);
  return [...new Set(found.map((text) => text.slice(0, MAX_LENGTH)))];
}

/** The most telling first. */
const NUMBERS = ['Meter number', 'Identification', 'Identification number', 'Logical device name'];

/** A number on a plate is shorter; what a meter sends may be anything. */
const MAX_LENGTH = 64;
