import type { Decimal } from '../../common/decimal.ts';
import type { Milliseconds } from '../../common/kinds.ts';
import type { PulseUnit } from './settings.ts';

interface Amount {
  readonly quantity: string;
  readonly unit: string;
  readonly isPerPulse: boolean;
  readonly rate: string;
  readonly rateUnit: string;
}

const energy = { quantity: 'Energy', unit: 'kWh', rate: 'Power', rateUnit: 'W' };
const volume = { quantity: 'Volume', unit: 'm³', rate: 'Flow', rateUnit: 'l/h' };

const amounts: Readonly<Record<PulseUnit, Amount>> = {
  'imp/kWh': { ...energy, isPerPulse: false },
  'Wh/imp': { ...energy, isPerPulse: true },
  'imp/m³': { ...volume, isPerPulse: false },
  'l/imp': { ...volume, isPerPulse: true },
};

export const isPulseUnit = (unit: unknown): unit is PulseUnit =>
  typeof unit === 'string' && Object.hasOwn(amounts, unit);

/** What a number of pulses stands for. */
export interface Figure {
  readonly quantity: string;
  readonly value: Decimal;
  readonly unit: string;
}

/** So many pulses are so many units: Wh and liters are thousandths of kWh and m³. */
export function scaleOf(constant: number, name: PulseUnit): { pulses: number; units: number; unit: string } {
  const { unit, isPerPulse } = amounts[name];
  return isPerPulse ? { pulses: 1000, units: constant, unit } : { pulses: constant, units: 1, unit };
}

/** Most meters have constants whose pulse is a whole number of thousandths; for the others there are more places. */
const PLACES = [3, 4, 5, 6];

/** Exact where a pulse has no more than six places, else to the sixth. */
export function amountOf(pulses: bigint, constant: number, name: PulseUnit): Figure {
  const { quantity, unit, isPerPulse } = amounts[name];
  const by = BigInt(constant);
  if (isPerPulse) return { quantity, unit, value: decimalOf(pulses * by, -3) };
  const places = PLACES.find((each) => 10 ** each % constant === 0) ?? 6;
  const scale = 10n ** BigInt(places);
  return { quantity, unit, value: decimalOf((pulses * scale * 2n + by) / (by * 2n), -places) };
}

const HOUR_MS = 3_600_000;

/** Watts or liters an hour, whole or of three figures. @param intervalMs between two pulses */
export function rateOf(intervalMs: Milliseconds, constant: number, name: PulseUnit): Figure {
  const { rate: quantity, rateUnit: unit } = amounts[name];
  const { pulses, units } = scaleOf(constant, name);
  const value = (1000 * units * HOUR_MS) / (pulses * intervalMs);
  const exponent = Math.min(0, Math.max(-3, Math.floor(Math.log10(value)) - 2));
  return { quantity, unit, value: { coefficient: Math.round(value * 10 ** -exponent), exponent } };
}

const decimalOf = (coefficient: bigint, exponent: number): Decimal => ({
  coefficient: coefficient <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(coefficient) : coefficient,
  exponent,
});
