import { parseDecimal } from '../../common/decimal.ts';
import type { MeterTime } from '../../common/reading.ts';
import { dimensionOf } from '../../common/units.ts';
import type { DataValue } from './data-set.ts';
import { UNKNOWN_ORDER } from './date-order.ts';
import {
  isNoTime,
  isUnorderedDate,
  parseOrderedDate,
  parseTimeOfDay,
  parseTimeStamp,
  type DateOrder,
} from './meter-time.ts';
import { wholeText } from './read-value.ts';

/** A figure with what stands beside it in brackets of their own: when it was, and in what unit. */
export interface Timed {
  readonly value: DataValue;
  readonly unit: string | undefined;
  readonly time: MeterTime | undefined;
  readonly notes: readonly string[];
}

type Part =
  | { readonly is: 'number' }
  | { readonly is: 'unit'; readonly unit: string }
  | { readonly is: 'time'; readonly time: MeterTime }
  | { readonly is: 'time of day'; readonly time: MeterTime }
  | { readonly is: 'no time' }
  | { readonly is: 'unordered'; readonly text: string };

/** `isExtreme`: a maximum or minimum, beside which zeros stand for a time that never was. */
interface Reading {
  readonly isExtreme: boolean;
  readonly order: DateOrder | undefined;
}

/**
 * `(0.5*kW)(0412011030)`, `(04-12-01 10:30)(0.5*kW)`, `(00.00)(kW)(00-00-00)`: one number and its time and unit, in any
 * order. Undefined where the brackets are anything else.
 */
export function timed(values: readonly DataValue[], how: Reading): Timed | undefined {
  if (values.length < 2 || values.length > 4 || values.some(({ open }) => open !== '(')) return undefined;
  const parts = values.map((value) => partOf(value, how));
  const at = parts.findIndex((part) => part?.is === 'number');
  const value = values[at];
  if (!value || parts.some((part, i) => part === undefined || (part.is === 'number' && i !== at))) return undefined;
  const unit = parts.find((part) => part?.is === 'unit')?.unit;
  const times = parts.filter((part) => part?.is === 'time' || part?.is === 'time of day');
  const day = times.find((part) => part.is === 'time')?.time;
  const ofDay = times.find((part) => part.is === 'time of day')?.time;
  if (times.length > 2 || (unit !== undefined && value.unit !== undefined)) return undefined;
  const noTime = parts.some((part) => part?.is === 'no time');
  const unordered = parts.find((part) => part?.is === 'unordered')?.text;
  const notes = [
    ...(noTime && !how.isExtreme ? ['its clock was not set'] : []),
    ...(unordered === undefined ? [] : [`taken at ${unordered}: ${UNKNOWN_ORDER}`]),
  ];
  return {
    value,
    unit,
    time: joined(day, ofDay),
    notes,
  };
}

/** Nothing but times and units: what a meter sends on the line behind the figure they belong to. */
export function isBeside(values: readonly DataValue[], how: Reading): boolean {
  return values.every((value) => !['number', undefined].includes(partOf(value, how)?.is));
}

function joined(day: MeterTime | undefined, ofDay: MeterTime | undefined): MeterTime | undefined {
  if (!day || day.iso.includes('T') || !ofDay) return day;
  return { ...day, iso: `${day.iso}T${ofDay.iso}` };
}

function partOf(value: DataValue, { isExtreme, order }: Reading): Part | undefined {
  const text = wholeText(value).trim();
  if (isNoTime(text) && (isExtreme || /[-:SW]/.test(text) || /^7?00101\d{6}/.test(text))) return { is: 'no time' };
  const stamp = text.length >= 10 ? parseTimeStamp(text) : undefined;
  const time = stamp ?? parseOrderedDate(text, order);
  if (time) return { is: 'time', time };
  if (isUnorderedDate(text)) return { is: 'unordered', text };
  const ofDay = text.includes(':') ? parseTimeOfDay(text) : undefined;
  if (ofDay) return { is: 'time of day', time: ofDay };
  if (/^[+-]?\d[\d.,]*$/.test(value.value) && parseDecimal(value.value)) return { is: 'number' };
  return value.unit === undefined && dimensionOf(text) ? { is: 'unit', unit: text } : undefined;
}
