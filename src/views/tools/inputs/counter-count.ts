import { parseDecimal, type Decimal } from '../../../common/decimal.ts';
import type { LiveInput } from '../../../protocols/collector.ts';

const MOST = 2n ** 64n - 1n;

type Scale = NonNullable<LiveInput['scale']>;

/** A count as a decimal, with every digit. */
export const countOf = (pulses: string): Decimal => parseDecimal(pulses) ?? { coefficient: 0, exponent: 0 };

/** The pulses that somebody typed, spaces between the digits or not; undefined where it is no count of 64 bits. */
export function pulsesFrom(text: string): bigint | undefined {
  const digits = text.replace(/[\s\u00a0\u202f]/g, '');
  if (!/^\d{1,20}$/.test(digits)) return undefined;
  const count = BigInt(digits);
  return count <= MOST ? count : undefined;
}

/** The pulses that a meter's display stands for, to the nearest; a decimal comma is one, too. */
export function pulsesOfDisplay(text: string, { pulses, units }: Scale): bigint | undefined {
  const match = /^(\d{1,14})(?:[.,](\d{1,6}))?$/.exec(text.replace(/[\s\u00a0\u202f]/g, ''));
  if (!match) return undefined;
  const [, whole = '', fraction = ''] = match;
  const millionths = BigInt(whole + fraction.padEnd(6, '0'));
  const [times, by] = [BigInt(pulses), BigInt(units) * 1_000_000n];
  const count = (2n * millionths * times + by) / (2n * by);
  return count <= MOST ? count : undefined;
}

/** What so many pulses amount to, to the third place. */
export function amountAt(count: bigint, { pulses, units }: Scale): Decimal {
  const [times, by] = [BigInt(pulses), BigInt(units) * 1000n];
  const coefficient = (2n * count * by + times) / (2n * times);
  return {
    coefficient: coefficient <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(coefficient) : coefficient,
    exponent: -3,
  };
}
