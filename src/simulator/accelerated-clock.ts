import type { Clock } from '../common/clock.ts';
import { nextTurn, sleepers } from './sleepers.ts';

/** Real milliseconds after which a sleeping clock looks whether the factor has changed. */
const SLICE = 100;
const SLOWEST = 0.001;

/**
 * A clock that runs `factor()` times as fast as `clock`; the factor may change at any moment.
 *
 * Time waits for its sleepers: it never passes a sleeper who is due and not yet served, so all who share this clock
 * see each other on time however late the browser's timers are. Without that a timer 4 ms late would be 80 ms late
 * at twenty times the speed, more than a meter with 20 ms reaction time forgives. What was waited is caught up.
 * `now` runs away from the real wall clock unless the factor is 1: do not stamp records with it.
 */
export function acceleratedClock(clock: Clock, factor: () => number): Clock {
  const asleep = sleepers();
  const wallStart = clock.now();
  /** Where time would be without sleepers, and where it is. */
  let target = 0;
  let current = 0;
  let measuredAt = clock.monotonic();
  /** A sleeper was woken and what follows from it has not run yet: time stands. */
  let settling = false;
  let driving = false;
  let nap: AbortController | undefined;

  const speed = () => Math.max(SLOWEST, factor());

  function monotonic(): number {
    const measured = clock.monotonic();
    target += (measured - measuredAt) * speed();
    measuredAt = measured;
    if (!settling) current = Math.max(current, Math.min(target, asleep.next() ?? Infinity));
    return current;
  }

  /** Sleeps on the real clock until the slice is over or an earlier sleeper came. */
  async function takeNap(ms: number): Promise<void> {
    const controller = new AbortController();
    nap = controller;
    try {
      await clock.sleep(ms, controller.signal);
    } catch (reason) {
      if (!controller.signal.aborted) throw reason;
    }
  }

  async function drive(): Promise<void> {
    for (let due = asleep.next(); due !== undefined; due = asleep.next()) {
      const remaining = due - monotonic();
      if (remaining > 0) {
        await takeNap(Math.min(remaining / speed(), SLICE));
        continue;
      }
      settling = true;
      asleep.wake();
      await nextTurn();
      settling = false;
    }
    driving = false;
  }

  return {
    now: () => wallStart + monotonic(),
    monotonic,
    sleep(ms, signal) {
      const due = monotonic() + Math.max(0, ms);
      const first = due < (asleep.next() ?? Infinity);
      const slept = asleep.add(due, signal);
      if (first) nap?.abort();
      if (!driving) {
        driving = true;
        void drive();
      }
      return slept;
    },
  };
}
