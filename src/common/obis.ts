import { parseObis } from './obis-code.ts';
import type { ObisCode, ObisMedium } from './obis-code.ts';
import { electricityName } from './obis-electricity.ts';
import { abstractName, heatEdisName, mediumName } from './obis-names.ts';
import type { ObisName } from './obis-names.ts';
import type { ReadingKind } from './reading.ts';
import { dimensionOf } from './units.ts';

export { formatObis, parseObis } from './obis-code.ts';
export type { ObisCode, ObisMedium } from './obis-code.ts';

export interface ObisHints {
  /** Medium of codes that do not state A; electricity when nothing is known. */
  readonly medium?: ObisMedium;
}

/** What a code means. Everything is empty or absent where that is not known: a guess is worth less than nothing. */
export interface ObisDescription {
  /** "Active energy import L1"; empty when unknown. */
  readonly quantity: string;
  /** Unit that the code itself implies; empty for nearly all, as meters scale freely. */
  readonly unit: string;
  readonly kind: ReadingKind;
  /** What the unit has to measure, where that is certain. */
  readonly dimension?: ObisName['dimension'];
  /** How the value is to be read where it is not a plain number. */
  readonly format?: ObisName['format'];
  readonly tariff?: number;
  /** Number of the stored value (F); absent for the current one. */
  readonly storage?: number;
  /** Channel or M-Bus device (B) other than 0. */
  readonly subunit?: number;
}

const media: Readonly<Record<number, ObisMedium>> = {
  1: 'electricity',
  4: 'heat cost',
  5: 'cooling',
  6: 'heat',
  7: 'gas',
  8: 'cold water',
  9: 'hot water',
};

/** Group F 255 and group E 255 mean "not used" (IEC 62056-61, 5.5, 5.6). */
const NOT_USED = 255;

/** What a code, or its text, means (IEC 62056-61, EN 13757-1, DSMR P1, EDIS of heat meters). */
export function describeObis(code: ObisCode | string, hints: ObisHints = {}): ObisDescription {
  const obis = typeof code === 'string' ? parseObis(code) : code;
  if (!obis) return { quantity: '', unit: '', kind: 'instantaneous' };
  const { b, e, f } = obis;
  const name = nameOf(e === NOT_USED ? { ...obis, e: 0 } : obis, hints.medium ?? 'electricity');
  const span = isOfEnergy(obis) ? spans[f ?? 0] : undefined;
  const storage = f === undefined || f === NOT_USED || name.ownF || span !== undefined ? undefined : f;
  const ofCapture = obis.attribute === 5;
  const format = ofCapture ? 'time' : name.format;
  const description: { -readonly [Member in keyof ObisDescription]: ObisDescription[Member] } = {
    quantity: ofCapture && name.quantity !== '' ? `${name.quantity}, time` : name.quantity + (span ?? ''),
    unit: name.unit ?? '',
    // F = 0 is the period that is under way.
    kind: name.kind ?? ((storage ?? 0) === 0 && span === undefined ? 'instantaneous' : 'stored'),
  };
  if (format !== undefined) description.format = format;
  if (name.dimension !== undefined && !ofCapture) description.dimension = name.dimension;
  if (name.tariff !== undefined) description.tariff = name.tariff;
  if (storage !== undefined) description.storage = storage;
  if (b !== undefined && b !== 0) description.subunit = b;
  return description;
}

/** Sums over a span that ends now, which electronic household meters keep beside the register. */
const spans: Readonly<Record<number, string>> = {
  96: ', last day',
  97: ', last week',
  98: ', last month',
  99: ', last year',
  100: ' since last reset',
};

function isOfEnergy({ a = 1, c, d }: ObisCode): boolean {
  return a === 1 && d === 8 && c >= 1 && c <= 20;
}

/** Does the unit measure something else than the code stands for? False wherever one of the two is not known. */
export function contradicts(code: ObisCode | string, unit: string): boolean {
  const { dimension } = describeObis(code);
  const measured = dimensionOf(unit)?.name;
  return dimension !== undefined && measured !== undefined && dimension !== measured;
}

/** Abstract names first: C = 0 general, 96 service, 97 errors and 99 profiles mean the same for every medium. */
function nameOf(code: ObisCode, hinted: ObisMedium): ObisName {
  const medium = code.a === undefined ? hinted : media[code.a];
  if (code.a === undefined && medium !== 'electricity') {
    const edis = heatEdisName(code);
    if (edis.quantity !== '') return edis;
  }
  const abstract = abstractName(code);
  if (abstract.quantity !== '' || abstract.format !== undefined || code.a === 0) return abstract;
  if (medium === 'electricity') return electricityName(code);
  return medium === undefined || code.a === undefined ? abstract : mediumName(medium, code);
}
