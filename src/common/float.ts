import type { Decimal } from './decimal.ts';

/** The shortest decimal that is this 32 bit float and no other: 42F6E979 is 123.456, not 123.45600128. */
export function shortestFloat32(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return text;
  }
  return value.toPrecision(9);
}

/** The text of a finite number, "1.5e-7", as it is, times ten to the power of `scale`. */
export function decimalOfNumberText(text: string, scale = 0): Decimal {
  const [, whole = '0', fraction = '', power = '0'] = /^(-?\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text) ?? [];
  const coefficient = Number(whole + fraction);
  return {
    coefficient: Number.isSafeInteger(coefficient) ? coefficient : BigInt(whole + fraction),
    exponent: Number(power) - fraction.length + scale,
  };
}
