/**
 * Exact decimal numbers: a 12-digit register loses no digit, and trailing zeros are kept ("0.50" is not "0.5").
 * The value is `coefficient · 10^exponent`. The coefficient is a number while it is a safe integer and a bigint beyond.
 */
export interface Decimal {
  readonly coefficient: number | bigint;
  readonly exponent: number;
}

const PATTERN = /^([+-]?)(\d*)(?:[.,](\d*))?$/;

/** Integer text of any length as a coefficient. */
function coefficientOf(digits: string): number | bigint {
  return digits.length <= 15 ? Number(digits) : narrow(BigInt(digits));
}

function narrow(value: bigint): number | bigint {
  const asNumber = Number(value);
  return Number.isSafeInteger(asNumber) ? asNumber : value;
}

/**
 * Parses a plain decimal with a point or a comma as decimal mark; undefined when the text is anything else
 * (no exponent form, no blanks, no thousands separators: meters send none).
 */
export function parseDecimal(text: string): Decimal | undefined {
  const match = PATTERN.exec(text);
  if (!match) return undefined;
  const [, sign = '', whole = '', fraction = ''] = match;
  const digits = whole + fraction;
  if (digits === '') return undefined;
  const magnitude = coefficientOf(digits);
  // `0 - x` instead of `-x` keeps "-0.00" from becoming negative zero.
  const coefficient = sign === '-' ? (typeof magnitude === 'bigint' ? -magnitude : 0 - magnitude) : magnitude;
  return { coefficient, exponent: fraction === '' ? 0 : -fraction.length };
}

/** Plain notation with a point, no exponent: 265057·10^-3 → "265.057". */
export function formatDecimal({ coefficient, exponent }: Decimal): string {
  const negative = coefficient < 0;
  const digits = (negative ? -coefficient : coefficient).toString();
  const sign = negative ? '-' : '';
  if (exponent >= 0) return sign + (digits === '0' ? '0' : digits + '0'.repeat(exponent));
  const padded = digits.padStart(1 - exponent, '0');
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}

/** The nearest floating point number, for charts and comparisons where digits beyond the 15th do not matter. */
export function decimalToNumber({ coefficient, exponent }: Decimal): number {
  if (exponent === 0) return Number(coefficient);
  return Number(`${coefficient.toString()}e${exponent.toString()}`);
}

/** Exact sum, at the finer of the two exponents. */
export function addDecimals(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent);
  const aligned = (d: Decimal) => BigInt(d.coefficient) * 10n ** BigInt(d.exponent - exponent);
  return { coefficient: narrow(aligned(a) + aligned(b)), exponent };
}

/** Exact difference, at the finer of the two exponents. */
export function subtractDecimals(a: Decimal, { coefficient, exponent }: Decimal): Decimal {
  return addDecimals(a, { coefficient: -coefficient, exponent });
}
