import type { Reading, ReadingKind, ReadingValue } from '../../../common/reading.ts';
import type { Draft } from '../../mbus/draft.ts';
import { readTypeG } from '../../mbus/dates.ts';
import type { Identity } from '../identity.ts';
import type { Transport } from '../layers.ts';

/** What some meters say in a way of their makers'. Positions are in the telegram from its C field on, opened as far as it is. */
export interface Own {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly header: Transport;
  readonly meter: Identity;
  /** Keys that may fit. */
  readonly keys: readonly Uint8Array[];
}

/** One layout: a small table, with a telegram that shows it. */
export interface Layout {
  /** "Techem MK Radio 3" */
  readonly title: string;
  /** By maker, version, medium and CI field. */
  fits(own: Own): boolean;
  /**
   * All that stands from `start` to `end`, or the record that begins with these bytes (in hex): then `start` is that of its
   * data.
   */
  readonly of: 'telegram' | { readonly record: string };
  /** Undefined where what is inside does not bear the layout out. */
  read(own: Own): readonly Draft[] | undefined;
  /** A telegram of an invented meter from its C field on, and what it says. */
  readonly example: { readonly hex: string; readonly says: readonly string[] };
}

export const littleEndian = (bytes: Uint8Array, at: number, length: number): number => {
  let value = 0;
  for (let n = length - 1; n >= 0; n--) value = value * 256 + (bytes[at + n] ?? 0);
  return value;
};

export interface Extra {
  readonly storage?: number;
  readonly iso?: string | undefined;
  readonly kind?: ReadingKind;
  readonly state?: Reading['state'];
  readonly note?: string;
}

function draft(
  label: string,
  quantity: string,
  value: ReadingValue,
  unit: string,
  at: readonly [number, number],
  extra: Extra,
): Draft {
  const { storage = 0, iso, kind = storage > 0 ? 'stored' : 'instantaneous', state = 'whole', note } = extra;
  const [start, end] = at;
  // What stands there for "none" is no figure.
  const shown: ReadingValue = state === 'not available' && value.type === 'number' ? { type: 'text', text: '' } : value;
  const one: Draft = { label, quantity, value: shown, unit, storage, kind, state, source: { start, end } };
  if (iso !== undefined && iso !== '') one.time = { iso };
  if (note !== undefined) one.note = note;
  return one;
}

/** `coefficient · 10^exponent` of a unit, at the bytes that say it. */
export function amount(
  label: string,
  quantity: string,
  [coefficient, exponent]: readonly [number, number],
  unit: string,
  at: readonly [number, number],
  extra: Extra = {},
): Draft {
  return draft(label, quantity, { type: 'number', decimal: { coefficient, exponent } }, unit, at, extra);
}

export const words = (
  label: string,
  quantity: string,
  text: string,
  at: readonly [number, number],
  extra: Extra = {},
): Draft => draft(label, quantity, { type: 'text', text }, '', at, extra);

/** Of a date that is none: 'not available'. */
export function date(
  label: string,
  quantity: string,
  iso: string,
  at: readonly [number, number],
  extra: Extra = {},
): Draft {
  const time = iso === '' ? { iso, invalid: true } : { iso };
  return draft(
    label,
    quantity,
    { type: 'time', time },
    '',
    at,
    iso === '' ? { ...extra, state: 'not available', note: 'no date' } : extra,
  );
}

/** Type G of EN 13757-3; '' where it is no date. */
export const dateG = (bytes: Uint8Array, at: number): string => readTypeG(bytes, at).iso;

const two = (n: number) => String(n).padStart(2, '0');

/** '' where that is no day. */
export function isoDay(year: number, month: number, day: number): string {
  const isDay = month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
  return isDay ? `${year}-${two(month)}-${two(day)}` : '';
}

/** The words of the bits that are set, "OK" where none is. */
export function bitWords(value: number, bits: readonly (readonly [bit: number, text: string])[]): string {
  const set = bits.filter(([bit]) => (value & bit) !== 0).map(([, text]) => text);
  return set.length === 0 ? 'OK' : set.join(', ');
}
