import type { Decimal } from '../../common/decimal.ts';
import { decimalOfNumberText, shortestFloat32 } from '../../common/float.ts';

export const WORD_ORDERS = ['ABCD', 'CDAB', 'BADC', 'DCBA'] as const;
/** In which order the bytes of a number come; A is the highest. Makers’ names for this contradict each other. */
export type WordOrder = (typeof WORD_ORDERS)[number];

const WORDS = {
  i16: 1,
  u16: 1,
  bcd16: 1,
  i32: 2,
  u32: 2,
  i64: 4,
  u64: 4,
  f32: 2,
  f64: 4,
  bcd32: 2,
  m10k: 4,
  t5: 2,
  t6: 2,
} as const;

/**
 * How registers make a number. 'bcd16', 'bcd32': four, eight decimal digits; 'm10k': each word 0 to 9999, the lowest
 * first; 't5', 't6': a decimal exponent in the top byte over 24 bits, without and with sign.
 */
export type NumberType = keyof typeof WORDS;

export const NUMBER_TYPES = Object.keys(WORDS) as readonly NumberType[];

/** Registers that a number takes. */
export const wordsOf = (type: NumberType): number => WORDS[type];

/** A number of the meter; 'not available' where it marks it as invalid, 'impossible' where it is none. */
export type Figure = Decimal | 'not available' | 'impossible';

/** The bytes with the highest first. */
export function inOrder(bytes: Uint8Array, order: WordOrder): Uint8Array {
  const { length } = bytes;
  switch (order) {
    case 'ABCD':
      return bytes;
    case 'CDAB':
      return bytes.map((_, at) => bytes[length - 2 - (at & ~1) + (at & 1)] ?? 0);
    case 'BADC':
      return bytes.map((_, at) => bytes[at ^ 1] ?? 0);
    case 'DCBA':
      return bytes.toReversed();
  }
}

/**
 * What registers say, times ten to the power of `scale`, exactly. `bytes` as on the wire, as many as the type takes.
 * `invalid`: hex of what the maker writes where there is no value, several with commas between; what is usual for the
 * type counts always.
 */
export function figureOf(
  bytes: Uint8Array,
  type: NumberType,
  order: WordOrder = 'ABCD',
  scale = 0,
  invalid?: string,
): Figure {
  const ordered = inOrder(bytes, order);
  const view = new DataView(ordered.buffer, ordered.byteOffset, ordered.byteLength);
  if (invalid?.split(',').includes(hexOf(ordered))) return 'not available';
  switch (type) {
    case 'f32':
      return float(view.getFloat32(0), shortestFloat32, scale);
    case 'f64':
      return float(view.getFloat64(0), String, scale);
    case 'bcd16':
    case 'bcd32':
      return bcd(hexOf(ordered), scale);
    case 'm10k':
      return inTenThousands(ordered, scale);
    case 't5':
    case 't6':
      return withExponent(view, type === 't6', scale);
    default:
      return integer(view, type, scale);
  }
}

const hexOf = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

function integer(view: DataView, type: NumberType, exponent: number): Figure {
  const bits = BigInt(16 * WORDS[type]);
  let raw = 0n;
  for (let at = 0; at < view.byteLength; at += 2) raw = (raw << 16n) | BigInt(view.getUint16(at));
  const signed = type.startsWith('i');
  // All ones without a sign, the lowest number with one: what makers write where there is none.
  if (raw === (signed ? 1n << (bits - 1n) : (1n << bits) - 1n)) return 'not available';
  const value = signed ? BigInt.asIntN(Number(bits), raw) : raw;
  const number = Number(value);
  return { coefficient: Number.isSafeInteger(number) ? number : value, exponent };
}

function float(value: number, text: (value: number) => string, scale: number): Figure {
  if (Number.isNaN(value)) return 'not available';
  return Number.isFinite(value) ? decimalOfNumberText(text(value), scale) : 'impossible';
}

function bcd(digits: string, exponent: number): Figure {
  if (/^f+$/.test(digits)) return 'not available';
  return /^\d+$/.test(digits) ? { coefficient: Number(digits), exponent } : 'impossible';
}

function inTenThousands(bytes: Uint8Array, exponent: number): Figure {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let value = 0n;
  for (let at = bytes.length - 2; at >= 0; at -= 2) {
    const word = view.getUint16(at);
    if (word > 9999) return word === 0xffff ? 'not available' : 'impossible';
    value = value * 10_000n + BigInt(word);
  }
  const number = Number(value);
  return { coefficient: Number.isSafeInteger(number) ? number : value, exponent };
}

function withExponent(view: DataView, signed: boolean, scale: number): Figure {
  const low = view.getUint32(0) & 0xffffff;
  const coefficient = signed && low >= 0x800000 ? low - 0x1000000 : low;
  return { coefficient, exponent: view.getInt8(0) + scale };
}
