import type { Decimal } from '../../common/decimal.ts';
import { BCD_VALUE, littleEndianDigits } from '../../common/bcd.ts';

/** Numbers of EN 13757-3, annex A, low byte first. Coefficients are numbers while safe, bigints beyond 2⁵³. */

/** Type B, two's complement, 1–8 bytes (more: LVAR). */
export function readSigned(bytes: Uint8Array, at: number, length: number): number | bigint {
  switch (length) {
    case 1:
      return ((bytes[at] ?? 0) << 24) >> 24;
    case 2:
      return (((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)) << 16) >> 16;
    case 3:
      return (((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16)) << 8) >> 8;
    case 4:
      return (
        (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)
      );
    default: {
      const unsigned = readUnsigned(bytes, at, length);
      if (length === 0 || (bytes[at + length - 1] ?? 0) < 0x80) return unsigned;
      if (typeof unsigned === 'number' && length <= 6) return unsigned - 2 ** (8 * length);
      return narrow(BigInt.asIntN(8 * length, BigInt(unsigned)));
    }
  }
}

/** Type C, 0 bytes or more. */
export function readUnsigned(bytes: Uint8Array, at: number, length: number): number | bigint {
  let value = 0;
  for (let i = at + length - 1; i >= at; i--) {
    value = value * 256 + (bytes[i] ?? 0);
    if (value > Number.MAX_SAFE_INTEGER) return readLong(bytes, at, length);
  }
  return value;
}

function readLong(bytes: Uint8Array, at: number, length: number): bigint {
  let value = 0n;
  for (let i = at + length - 1; i >= at; i--) value = (value << 8n) | BigInt(bytes[i] ?? 0);
  return value;
}

function narrow(value: bigint): number | bigint {
  const asNumber = Number(value);
  return Number.isSafeInteger(asNumber) ? asNumber : value;
}

/** 80…00, by which a meter says that it has no value (type B). */
export function isInvalidInteger(bytes: Uint8Array, at: number, length: number): boolean {
  if (bytes[at + length - 1] !== 0x80) return false;
  for (let i = at; i < at + length - 1; i++) if (bytes[i] !== 0) return false;
  return true;
}

/**
 * Type A, up to 9 bytes. A highest digit F is a minus sign (annex B; wmbusmeters#965). Undefined where another
 * digit is not decimal: A–E are error codes of the meter.
 */
export function readBcd(bytes: Uint8Array, at: number, length: number): number | bigint | undefined {
  const top = at + length - 1;
  let negative = false;
  let value = 0;
  for (let i = top; i >= at; i--) {
    let byte = bytes[i] ?? 0;
    if (i === top && byte >= 0xf0) {
      negative = true;
      byte &= 15;
    }
    const pair = BCD_VALUE[byte] ?? -1;
    if (pair < 0) return undefined;
    value = value * 100 + pair;
  }
  if (value > Number.MAX_SAFE_INTEGER) {
    const exact = BigInt(littleEndianDigits(bytes, at, at + length).replace(/^F/, ''));
    return negative ? -exact : exact;
  }
  return negative ? 0 - value : value;
}

const scratch = new DataView(new ArrayBuffer(8));

/** Type H: IEEE 754, 32 bits. The shortest decimal that is this float and no other; undefined for NaN and infinity. */
export function readReal32(bytes: Uint8Array, at: number): Decimal | undefined {
  for (let i = 0; i < 4; i++) scratch.setUint8(i, bytes[at + i] ?? 0);
  const value = scratch.getFloat32(0, true);
  if (!Number.isFinite(value)) return undefined;
  for (let digits = 6; digits < 9; digits++) {
    const text = value.toExponential(digits - 1);
    if (Math.fround(Number(text)) === value) return decimalOf(text);
  }
  return decimalOf(value.toExponential(8));
}

/** No quantity that a meter counts is beyond it, in any unit of the standard. */
const PLAUSIBLE_POWER = 24;

/** IEEE 754, 64 bits (LVAR F8). Undefined for NaN, infinity and what can be no figure: bytes that are none make such. */
export function readReal64(bytes: Uint8Array, at: number): Decimal | undefined {
  for (let i = 0; i < 8; i++) scratch.setUint8(i, bytes[at + i] ?? 0);
  const value = scratch.getFloat64(0, true);
  if (!Number.isFinite(value) || (value !== 0 && Math.abs(Math.log10(Math.abs(value))) > PLAUSIBLE_POWER))
    return undefined;
  return decimalOf(value.toExponential());
}

/** "1.25000e+2" → 125·10^0; zeros at the end of a float's digits say nothing. */
function decimalOf(text: string): Decimal {
  const mark = text.indexOf('e');
  const mantissa = text.slice(0, mark).replace(/\.?0+$/, '');
  const power = Number(text.slice(mark + 1));
  if (mantissa === '0' || mantissa === '-0' || mantissa === '') return { coefficient: 0, exponent: 0 };
  const point = mantissa.indexOf('.');
  const decimals = point < 0 ? 0 : mantissa.length - point - 1;
  const exponent = power - decimals;
  // A double has up to 17 digits, which a number does not hold.
  const coefficient = BigInt(mantissa.replace('.', ''));
  // 125·10^1 shows as 1250 either way; a whole float is kept as whole number.
  return exponent > 0 && exponent <= 9
    ? { coefficient: narrow(coefficient * 10n ** BigInt(exponent)), exponent: 0 }
    : { coefficient: narrow(coefficient), exponent };
}
