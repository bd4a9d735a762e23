import type { MeterId, Milliseconds } from '../common/kinds.ts';
import type { SlotSpan } from '../log/record.ts';
import { type Interval, intervalMs } from './intervals.ts';

/**
 * Due times as a pure function of the clock. A slot is the UTC time (milliseconds since the epoch) a reading belongs to:
 * a multiple of the interval on the UTC clock, as the SmartCOM's time stamps show (2N's FAQ: "3M" records at 3 s past a
 * multiple of 180 s). Local time plays no part, so daylight saving changes nothing; Unix time has no leap seconds, so
 * a repeated second names the same slot again, which the claim in the store then refuses.
 */

/** What the schedule needs to know of a meter. */
export interface DueMeter {
  readonly id: MeterId;
  readonly interval: Interval;
  readonly enabled: boolean;
  /** Slots before this moment were never owed: when the meter was added, enabled or given its interval. Milliseconds. */
  readonly since: Milliseconds;
}

/**
 * A clock that goes back by less than this (time servers, leap seconds) names a slot twice and means the same; by more,
 * it was set back, and waiting until it gets there again would stop every reading for as long.
 */
export const CLOCK_CORRECTION_MS = 60_000;

/** The slot that is due at `now`: the newest multiple of the interval that is not in the future. */
export function dueSlot(interval: Interval, now: Milliseconds): Milliseconds {
  const length = intervalMs(interval);
  return Math.floor(now / length) * length;
}

/** The first slot after `now`. */
export function nextDue(interval: Interval, now: Milliseconds): Milliseconds {
  return dueSlot(interval, now) + intervalMs(interval);
}

/** The first slot at or after `moment`. */
export function firstSlotFrom(interval: Interval, moment: Milliseconds): Milliseconds {
  const length = intervalMs(interval);
  return Math.ceil(moment / length) * length;
}

/** Slots from `first` up to but not including `end`; undefined when there are none. */
function slotSpan(interval: Interval, first: Milliseconds, end: Milliseconds): SlotSpan | undefined {
  const length = intervalMs(interval);
  const count = Math.round((end - first) / length);
  return count > 0 ? { count, first, last: first + (count - 1) * length } : undefined;
}

/** What is owed for a meter at `now`: the slot to read, and the run of slots before it that nobody read. */
export interface Due {
  readonly slot: Milliseconds;
  readonly missed?: SlotSpan;
}

/**
 * What `meter` owes at `now`, or undefined when nothing is due.
 * @param since when the schedule was switched on, milliseconds
 * @param lastSlot the slot claimed last, by order of claiming; undefined when none ever was
 */
export function dueOf(
  meter: DueMeter,
  since: Milliseconds,
  lastSlot: Milliseconds | undefined,
  now: Milliseconds,
): Due | undefined {
  if (!meter.enabled) return undefined;
  const slot = dueSlot(meter.interval, now);
  const isAhead = (moment: Milliseconds) => moment - now > CLOCK_CORRECTION_MS;
  // The clock was set back behind a slot it had had. Which slots were missed cannot be known.
  if (lastSlot !== undefined && isAhead(lastSlot)) return { slot };
  // A beginning that is still to come was written down by a clock that ran ahead: it binds nobody.
  const beginnings = [since, meter.since].filter((moment) => !isAhead(moment));
  const from = Math.max(...beginnings, ...(lastSlot === undefined ? [] : [lastSlot + 1]));
  if (from === -Infinity) return { slot };
  const first = firstSlotFrom(meter.interval, from);
  if (slot < first) return undefined;
  const missed = slotSpan(meter.interval, first, slot);
  return missed ? { slot, missed } : { slot };
}

/** The slots of a span before its last; undefined where it is the only one. */
export function withoutLast(interval: Interval, { first, last }: SlotSpan): SlotSpan | undefined {
  return slotSpan(interval, first, last);
}

/** The span of a single slot. */
export function oneSlot(slot: Milliseconds): SlotSpan {
  return { count: 1, first: slot, last: slot };
}

/** "5 readings missed, from 2026-11-20T10:00Z to 2026-11-20T10:20Z": for a record's notes. */
export function describeMissed({ count, first, last }: SlotSpan): string {
  if (count === 1) return `1 reading missed, due ${stamp(first)}`;
  return `${count} readings missed, from ${stamp(first)} to ${stamp(last)}`;
}

/** Slots are whole minutes. Beyond the range of a Date the number itself is all there is to say. */
function stamp(slot: Milliseconds): string {
  return Math.abs(slot) <= 8.64e15 ? new Date(slot).toISOString().replace(':00.000Z', 'Z') : slot.toString();
}
