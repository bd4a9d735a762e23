import { addDecimals, subtractDecimals } from '../../common/decimal.ts';
import type { Decimal } from '../../common/decimal.ts';
import type { Reading, ReadingValue } from '../../common/reading.ts';
import type { Draft } from './draft.ts';
import { isInvalidInteger, readBcd, readSigned, readUnsigned } from './numbers.ts';
import type { RecordCursor } from './record.ts';
import { stepper } from './time-steps.ts';
import type { Spacing } from './time-steps.ts';

/**
 * A compact profile (EN 13757-3, annex F): one record with the values that come after a base value, or before it. A byte
 * says how values and times are counted, one how far apart they are; then the values follow without a gap. Base value and
 * base date are plain records with the storage number of the profile.
 */
export interface CompactProfile {
  /** As its record would read; its value is the data. */
  readonly record: Draft;
  readonly backward: boolean;
  /** Power of ten of the values. */
  readonly exponent: number;
  readonly data: Uint8Array;
}

/** Undefined where the record is none, or is coded in a way that no compact profile is. */
export function compactProfile(record: RecordCursor, reading: Draft): CompactProfile | undefined {
  const { meaning, bytes, dataStart, end, mode2 } = record;
  if (meaning.series === '' || (record.dif & 15) !== 13 || mode2 || meaning.offset !== undefined) return undefined;
  const data = bytes.slice(dataStart, end);
  const value: ReadingValue = { type: 'bytes', bytes: data };
  return {
    record: { ...reading, value },
    backward: meaning.series === 'backward',
    exponent: meaning.exponent,
    data,
  };
}

/** Bytes of a value by its code, that of the low half of a DIF; no other has a fixed length that can be counted in. */
const VALUE_LENGTHS: ReadonlyMap<number, number> = new Map([
  [1, 1],
  [2, 2],
  [3, 3],
  [4, 4],
  [6, 6],
  [7, 8],
  [9, 1],
  [10, 2],
  [11, 3],
  [12, 4],
  [14, 6],
]);
const FIRST_BCD = 9;

type Counting = 'as they are' | 'rising' | 'falling' | 'differences';
const COUNTINGS: readonly Counting[] = ['as they are', 'rising', 'falling', 'differences'];

/**
 * One reading a value, with the storage numbers that follow the one of the profile. What cannot be told apart stays one
 * reading of bytes, with the reason.
 * @param base the base value: of the same quantity and storage number
 * @param baseDate when that was
 */
export function expand(profile: CompactProfile, base: Reading | undefined, baseDate: string | undefined): Draft[] {
  const { record, data, exponent, backward } = profile;
  const [control = 0, spacing = 0] = data;
  const code = control & 15;
  const length = VALUE_LENGTHS.get(code);
  const counting = COUNTINGS[control >> 6] ?? 'as they are';
  const steps = spacingOf((control >> 4) & 3, spacing);
  if (data.length < 2 || length === undefined || (data.length - 2) % length !== 0 || steps === undefined)
    return [noted(record, 'in a form that is not known')];
  let last: Decimal | undefined =
    base?.value.type === 'number' && base.state === 'whole' ? base.value.decimal : undefined;
  if (counting !== 'as they are' && last === undefined)
    return [noted(record, 'counted from a base value that is not in the telegram')];
  const timeAt = stepper(baseDate, steps, backward);
  const readings: Draft[] = [];
  for (let at = 2; at < data.length; at += length) {
    const n = readings.length + 1;
    const number = readNumber(data, at, length, code, counting);
    if (counting === 'as they are') last = number === undefined ? undefined : { coefficient: number, exponent };
    // From where one is missing, nobody knows how much the others came to.
    else if (number === undefined) last = undefined;
    else if (last)
      last = counted(last, { coefficient: number, exponent }, counting === 'falling' ? !backward : backward);
    readings.push(element(record, n, last ?? data.slice(at, at + length), timeAt(n)));
  }
  return readings;
}

function element(record: Draft, n: number, value: Decimal | Uint8Array, iso: string | undefined): Draft {
  const { storage = 0, kind } = record;
  const reading: Draft = {
    ...record,
    label: `${record.label} ${n}`,
    storage: storage + n,
    kind: kind === 'instantaneous' ? 'stored' : kind,
  };
  if (iso !== undefined) reading.time = { iso };
  if (!(value instanceof Uint8Array)) return { ...reading, value: { type: 'number', decimal: value } };
  return { ...noted(reading, 'no value'), value: { type: 'bytes', bytes: value }, state: 'not available' };
}

function counted(from: Decimal, difference: Decimal, isLess: boolean): Decimal {
  return isLess ? subtractDecimals(from, difference) : addDecimals(from, difference);
}

/** Undefined where the meter has none: all bits set, 80…00 where the number has a sign, digits that are none. */
function readNumber(
  data: Uint8Array,
  at: number,
  length: number,
  code: number,
  counting: Counting,
): number | bigint | undefined {
  if (code >= FIRST_BCD) return readBcd(data, at, length);
  const isSigned = counting === 'as they are' || counting === 'differences';
  if (isSigned) return isInvalidInteger(data, at, length) ? undefined : readSigned(data, at, length);
  return data.subarray(at, at + length).every((byte) => byte === 0xff) ? undefined : readUnsigned(data, at, length);
}

/** Undefined where the two are not defined together. */
function spacingOf(unit: number, value: number): Spacing | undefined {
  if (value === 0) return { unit: 'none', count: 0 };
  if (value <= 250) return { unit: (['second', 'minute', 'hour', 'day'] as const)[unit] ?? 'none', count: value };
  if (value === 253) return unit === 3 ? { unit: 'half month', count: 1 } : undefined;
  const months = value === 254 ? [undefined, 6, 3, 1][unit] : undefined;
  return months === undefined ? undefined : { unit: 'month', count: months };
}

function noted(record: Draft, note: string): Draft {
  return { ...record, note: record.note === undefined ? note : `${record.note}; ${note}` };
}
