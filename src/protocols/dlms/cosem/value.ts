import { toHex } from '../../../common/bytes.ts';
import { formatDecimal, type Decimal } from '../../../common/decimal.ts';
import { decimalOfNumberText, shortestFloat32 } from '../../../common/float.ts';
import type { ReadingState, ReadingValue } from '../../../common/reading.ts';
import { stateOfTime } from '../../../common/reading-state.ts';
import { nameText } from '../apdu/attribute.ts';
import type { Data } from '../axdr/data.ts';
import { dataBytes } from '../axdr/write-data.ts';
import { timeOf } from './date-time.ts';

export interface Value {
  readonly value: ReadingValue;
  readonly state: ReadingState;
}

/** What is expected where octets alone do not say it. */
export type Expected = 'time' | 'any';

/** A value as people read it; a figure is times ten to the power of `scaler`, exactly. */
export function valueOf(data: Data, expected: Expected = 'any', scaler = 0): Value {
  const figure = decimalOf(data, scaler);
  if (figure) return { value: { type: 'number', decimal: figure }, state: 'whole' };
  const text = (words: string): Value => ({ value: { type: 'text', text: words }, state: 'whole' });
  switch (data.type) {
    case 'null':
    case 'no matter':
      return { value: { type: 'text', text: '' }, state: 'not available' };
    case 'boolean':
      return text(data.value ? 'yes' : 'no');
    case 'bit-string':
      return text(bitsOf(data.bytes, data.length));
    case 'visible-string':
    case 'utf8-string':
      return text(new TextDecoder().decode(data.bytes).replace(/\0+$/, ''));
    case 'date-time':
    case 'date':
    case 'time':
      return timed(data.bytes) ?? { value: { type: 'bytes', bytes: data.bytes }, state: 'impossible' };
    case 'octet-string':
      // Twelve bytes may be the number of a meter: only what is expected to be a time is one.
      return (expected === 'time' ? timed(data.bytes) : undefined) ?? octets(data.bytes);
    case 'float32':
    case 'float64':
      return { value: { type: 'text', text: String(data.value) }, state: 'not available' };
    default: {
      const words = 'items' in data ? wordsOf(data) : undefined;
      if (words !== undefined && words.length <= MOST_WORDS) return text(words);
      return { value: { type: 'bytes', bytes: dataBytes(data) }, state: 'whole' };
    }
  }
}

/** Longer ones are shown as bytes. */
const MOST_WORDS = 400;

/** A structure in round brackets, an array in square ones; cut where it is too long anyway. */
function wordsOf(data: Data): string {
  if (data.type === 'array' || data.type === 'structure' || data.type === 'compact array') {
    let parts = '';
    for (const item of data.items) {
      parts += `${parts === '' ? '' : ', '}${wordsOf(item)}`;
      if (parts.length > MOST_WORDS) break;
    }
    return data.type === 'structure' ? `(${parts})` : `[${parts}]`;
  }
  if (data.type === 'octet-string' && data.bytes.length === 6 && data.bytes[5] === 0xff) return nameText(data.bytes);
  const { value } = valueOf(data);
  switch (value.type) {
    case 'number':
      return formatDecimal(value.decimal);
    case 'time':
      return value.time.iso;
    case 'text':
      return value.text === '' ? '–' : value.text;
    case 'bytes':
      return toHex(value.bytes);
  }
}

/** Undefined for what is no figure. */
export function decimalOf(data: Data, scaler = 0): Decimal | undefined {
  switch (data.type) {
    case 'float32':
    case 'float64': {
      if (!Number.isFinite(data.value)) return undefined;
      const text = data.type === 'float32' ? shortestFloat32(data.value) : String(data.value);
      return decimalOfNumberText(text, scaler);
    }
    case 'int64':
    case 'uint64': {
      const value = Number(data.value);
      return { coefficient: Number.isSafeInteger(value) ? value : data.value, exponent: scaler };
    }
    case 'bcd':
      return { coefficient: Number(toHex(Uint8Array.of(data.value)).replace(/\D/g, '') || 0), exponent: scaler };
    default:
      // A delta is no figure without the row before it.
      if (data.type.startsWith('delta')) return undefined;
      return 'value' in data && typeof data.value === 'number'
        ? { coefficient: data.value, exponent: scaler }
        : undefined;
  }
}

function timed(bytes: Uint8Array): Value | undefined {
  const time = timeOf(bytes);
  return time && { value: { type: 'time', time }, state: stateOfTime(time) };
}

/** Text where all of it can be printed. */
function octets(bytes: Uint8Array): Value {
  const text = String.fromCharCode(...bytes.subarray(0, 200)).replace(/\0+$/, '');
  const isText = bytes.length <= 200 && /^[ -~]+$/.test(text);
  return { value: isText ? { type: 'text', text } : { type: 'bytes', bytes }, state: 'whole' };
}

const bitsOf = (bytes: Uint8Array, length: number) =>
  [...bytes]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('')
    .slice(0, length);

/** Scaler and unit of a register; undefined for what is none. */
export function scalerUnitOf(data: Data): { readonly scaler: number; readonly unit: number } | undefined {
  if (data.type !== 'structure') return undefined;
  const [scaler, unit] = data.items;
  if (scaler?.type !== 'int8' || unit?.type !== 'enum') return undefined;
  return { scaler: scaler.value, unit: unit.value };
}
