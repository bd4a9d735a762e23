import type { Milliseconds } from '../common/kinds.ts';
import type { Clock } from '../common/clock.ts';
import { CLOCK_CORRECTION_MS } from './due.ts';

/** What the wall clock showed before and after it was set back, UTC milliseconds. */
export interface SetBack {
  readonly from: number;
  readonly to: number;
}

/** A stretch of time in which nobody looked what is due, UTC milliseconds. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  /** The monotonic clock went on in it: this program was stopped. Else the device slept, or its clock was set forward. */
  readonly passed: boolean;
}

export interface ClockWatch {
  /** When the watch began, UTC milliseconds. */
  readonly startedAt: Milliseconds;
  /** To be called every second or so. */
  look(): void;
  /** The wall clock was seen going back, and nobody has taken that yet. */
  readonly hasSetBack: boolean;
  /** Each time it went back, once, the first one first. */
  takeSetBack(): SetBack | undefined;
  /** The last gap that ended after `moment`. */
  gapAfter(moment: number): Gap | undefined;
}

/** Looks come every second; only a stop makes them come later than this. */
const GAP_MS = 10_000;

/** Compares the wall clock with the monotonic one. */
export function watchClock(clock: Pick<Clock, 'now' | 'monotonic'>): ClockWatch {
  const startedAt = clock.now();
  let seen = { wall: startedAt, monotonic: clock.monotonic() };
  let gap: Gap | undefined;
  const setBacks: SetBack[] = [];

  return {
    startedAt,
    look() {
      const now = { wall: clock.now(), monotonic: clock.monotonic() };
      const passed = now.monotonic - seen.monotonic;
      const expected = seen.wall + passed;
      if (now.wall - seen.wall > GAP_MS) gap = { from: seen.wall, to: now.wall, passed: passed > GAP_MS };
      seen = now;
      if (expected - now.wall > CLOCK_CORRECTION_MS) setBacks.push({ from: expected, to: now.wall });
    },
    get hasSetBack() {
      return setBacks.length > 0;
    },
    takeSetBack: () => setBacks.shift(),
    gapAfter: (moment) => (gap && gap.to > moment ? gap : undefined),
  };
}
