import { parseObis } from './obis.ts';
import type { Reading } from './reading.ts';

/** The one figure of a readout that tells most: what the meter counts in all, before tariffs, maxima and stored values. */
export interface MainReading {
  readonly reading: Reading;
  /** It only ever grows, so that the difference of two of them is what was used between. */
  readonly counts: boolean;
}

const COUNTED_UNITS = /^(?:[kMG]?(?:Wh|varh|VAh)|[kMGT]?J|[kMG]?cal|m³|l)$/;

/**
 * Totals by code, the most telling first: active energy import, its sum over both directions, export (IEC 62056-61),
 * heat energy of EDIS, energy of EN 13757-1, heat cost units, gas (of its own and behind a DSMR meter), water.
 */
const totals: readonly RegExp[] = [
  /^(?:1-\d+:)?1\.8(?:\.0)?$/,
  /^(?:1-\d+:)?15\.8(?:\.0)?$/,
  /^(?:1-\d+:)?2\.8(?:\.0)?$/,
  /^6\.8(?:\.0)?$/,
  /^[456]-\d+:1\.\d+\.0$/,
  /^7-\d+:[13]\.\d+\.0$/,
  /^0-\d+:24\.2\.1$/,
  /^[89]-\d+:1\.0\.0$/,
];

/** Undefined where a readout holds no number at all. */
export function mainReading(readings: readonly Reading[]): MainReading | undefined {
  const numbers = readings.filter(
    ({ value, kind, state }) =>
      value.type === 'number' && kind === 'instantaneous' && (state === 'whole' || state === 'unchecked'),
  );
  const current = numbers.filter(({ storage = 0, subunit = 0 }) => storage === 0 && subunit === 0);
  for (const pattern of totals) {
    const total = numbers.find(({ label, obis = label, storage = 0 }) => storage === 0 && pattern.test(withoutF(obis)));
    if (total) return { reading: total, counts: true };
  }
  const counted = current.filter(({ unit }) => isCounted(unit));
  const total = counted.find(({ tariff = 0 }) => tariff === 0) ?? counted[0];
  if (total) return { reading: total, counts: true };
  const other = current.find(({ unit }) => unit !== '') ?? current[0] ?? numbers[0];
  return other && { reading: other, counts: false };
}

/** Is it a unit of what is counted (energy, volume), rather than of what goes up and down? */
export function isCounted(unit: string): boolean {
  return COUNTED_UNITS.test(unit);
}

/** F = 255 stands for the current value (IEC 62056-61, 5.6). */
function withoutF(code: string): string {
  return code.replace(/[*&]255$/, '');
}

/**
 * The number on the plate, as far as the meter says it. C = 96, D = 1: device numbers; C = 0, D = 0: identifications (IEC 62056-61). EDIS heat meters:
 * 9.20. M-Bus: the identification number of the header.
 */
export function serialNumberOf(readings: readonly Reading[]): string | undefined {
  const texts = readings.flatMap((reading) => {
    // A damaged number is another meter's.
    const { state, value } = reading;
    const text = state === 'whole' && value.type === 'text' ? value.text.trim() : '';
    return text === '' ? [] : [{ quantity: reading.quantity, code: parseObis(reading.obis ?? reading.label), text }];
  });
  // A channel other than 0 is another meter behind this one (DSMR).
  const own = texts.filter(({ code }) => code === undefined || (code.b ?? 0) === 0);
  const found =
    own.find(({ quantity }) => quantity === 'Meter number') ??
    own.find(({ quantity }) => quantity === 'Identification') ??
    own.find(({ quantity }) => quantity === 'Identification number');
  return found?.text.slice(0, MAX_LENGTH);
}

/** A number on a plate is shorter; what a meter sends may be anything. */
const MAX_LENGTH = 64;
