import type { ObisCode, ObisDescription, ObisMedium } from './obis.ts';
import { dimensionOf, type Dimension } from './units.ts';

/**
 * Old electricity meters leave the first group out: `8.1` is the energy of tariff 1, `6.1` its maximum, `2.1` the sum of
 * its maxima. What they count in which direction is on the plate, not in the code.
 */
const shortNames: Readonly<
  Record<number, Partial<Record<Dimension['name'], readonly [string, ObisDescription['kind']]>>>
> = {
  2: {
    power: ['Active power, cumulated maximum', 'maximum'],
    'reactive power': ['Reactive power, cumulated maximum', 'maximum'],
  },
  6: { power: ['Active power, maximum', 'maximum'], 'reactive power': ['Reactive power, maximum', 'maximum'] },
  8: {
    energy: ['Active energy', 'instantaneous'],
    'reactive energy': ['Reactive energy', 'instantaneous'],
    'apparent energy': ['Apparent energy', 'instantaneous'],
  },
};

const MAX_TARIFF = 9;

/** The code that gives such a meter away: `8.1(…*kWh)`, which nothing else can be. */
export function isShortEnergy(address: string, unit: string | undefined): boolean {
  return /^8\.\d(?:[*&]\d+)?$/.test(address) && dimensionOf(unit ?? '')?.name === 'energy';
}

/** What a code means beside this unit: no name is better than one that the unit contradicts. */
export function fittingName(
  code: ObisCode | undefined,
  usual: ObisDescription,
  unit: string,
  { medium, shortCodes }: { readonly medium: ObisMedium; readonly shortCodes: boolean },
): ObisDescription {
  const measured = unit === '' ? undefined : dimensionOf(unit)?.name;
  const contradicted = measured !== undefined && usual.dimension !== undefined && usual.dimension !== measured;
  if (!code || !measured || (!contradicted && !shortCodes)) return usual;
  const { a, b, c, d = 0, e } = code;
  const isShort = medium === 'electricity' && a === undefined && b === undefined && e === undefined && d <= MAX_TARIFF;
  const [quantity, kind] = (isShort && shortNames[c]?.[measured]) || [];
  const { storage } = usual;
  const past = storage === undefined ? {} : { storage };
  if (quantity !== undefined && kind !== undefined) {
    const isPast = kind === 'instantaneous' && storage !== undefined;
    return {
      quantity,
      unit: '',
      kind: isPast ? 'stored' : kind,
      dimension: measured,
      ...past,
      ...(d > 0 ? { tariff: d } : {}),
    };
  }
  if (!contradicted) return usual;
  return { quantity: '', unit: '', kind: storage === undefined ? 'instantaneous' : 'stored', ...past };
}
