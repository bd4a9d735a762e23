import type { DataSet } from './data-set.ts';
import { DATE_ORDERS, isUnorderedDate, parseOrderedDate, parseTimeStamp, type DateOrder } from './meter-time.ts';
import { wholeText } from './read-value.ts';

const DAY_MS = 86_400_000;
/** How far a meter's clock may be off and still tell the order of its dates. */
const CLOCK_ERROR_MS = 40 * DAY_MS;

/** Said of a date that is one in more than one order, where nothing settles which. */
export const UNKNOWN_ORDER = 'a date, but which number is day and which is year is not known';

/** The dates of a readout, as sent. */
interface Dates {
  /** Of three two-digit numbers. */
  readonly unordered: readonly string[];
  /** Milliseconds of those whose order nobody doubts, as if the meter lived in UTC. */
  readonly certain: readonly number[];
  readonly clock: { readonly text: string } | { readonly at: number } | undefined;
}

/**
 * The one order that fits everything the readout says: all are dates in it, and its clock fits the time of receipt
 * (milliseconds since the epoch). Where that is not known, the meter wrote nothing down that its own clock had not
 * reached. Undefined where more than one order fits, or none.
 */
export function dateOrder(sets: readonly DataSet[], receivedAt: number | undefined): DateOrder | undefined {
  const dates = datesOf(sets);
  if (dates.unordered.length === 0) return undefined;
  const possible = DATE_ORDERS.filter((order) => dates.unordered.every((text) => millis(text, order) !== undefined));
  if (possible.length < 2) return possible[0];
  const { clock } = dates;
  if (clock === undefined) return undefined;
  const fitting = possible.filter((order) =>
    'text' in clock && receivedAt !== undefined
      ? Math.abs((millis(clock.text, order) ?? 0) - receivedAt) <= CLOCK_ERROR_MS
      : isPast(dates, clock, order),
  );
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** Nothing is later than the clock. */
function isPast({ unordered, certain }: Dates, clock: NonNullable<Dates['clock']>, order: DateOrder): boolean {
  const now = ('text' in clock ? millis(clock.text, order) : clock.at) ?? 0;
  const isEarlier = (at: number | undefined) => at !== undefined && at <= now + DAY_MS;
  return certain.every(isEarlier) && unordered.every((text) => isEarlier(millis(text, order)));
}

function datesOf(sets: readonly DataSet[]): Dates {
  const unordered: string[] = [];
  const certain: number[] = [];
  let clock: Dates['clock'];
  for (const { address, values } of sets) {
    for (const value of values) {
      const text = wholeText(value).trim();
      if (isUnorderedDate(text)) {
        // With dots it may be a version as well.
        if (!/^\d\d\./.test(text) || values.length > 1 || isDate(address)) unordered.push(text);
        if (isClock(address)) clock = { text };
        continue;
      }
      const stamp = isDate(address) || /^\d{4}-|[SW]$/.test(text) ? parseTimeStamp(text) : undefined;
      if (!stamp?.iso.includes('-')) continue;
      const at = millisOf(stamp.iso);
      certain.push(at);
      if (isClock(address)) clock ??= { at };
    }
  }
  return { unordered, certain, clock };
}

const isClock = (address: string) => /^(?:(?:\d+-\d+:)?0\.9\.2|0-0:1\.0\.0)(?!\d)/.test(address);
/** The clock, and the end of the last billing period. */
const isDate = (address: string) => isClock(address) || /^(?:\d+-\d+:)?0\.1\.[2-5](?!\d)/.test(address);

function millis(text: string, order: DateOrder): number | undefined {
  const time = parseOrderedDate(text, order);
  return time && millisOf(time.iso);
}

const millisOf = (iso: string) => Date.parse(`${iso.slice(0, 10)}T12:00Z`);
