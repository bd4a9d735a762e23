import type { Clock } from '../common/clock.ts';
import { nextTurn, sleepers } from './sleepers.ts';

/** A clock that stands still while anything can run and jumps to the next sleeper when nothing can. */
export interface VirtualClock extends Clock {
  /**
   * Lets time pass until the promise settles, and settles as it does. Rejects when it can never settle: nobody sleeps
   * and nothing runs, or `limitMs` of virtual time (one day unless told) have gone by.
   */
  run<T>(promise: Promise<T>, limitMs?: number): Promise<T>;
}

const DAY = 86_400_000;
/** Streams and IndexedDB stand-ins take more than one macrotask to settle. */
const TURNS_PER_STEP = 2;
/**
 * So many turns and so much real time without a sleeper, and the promise is given up. Generous: real input and output
 * may be under way, such as a module that is being loaded on a busy machine.
 */
const TURNS_BEFORE_DEADLOCK = 2000;
const PATIENCE_MS = 30_000;

/** `start` is the wall clock at monotonic 0, milliseconds since the epoch; `patienceMs` of real time until a deadlock. */
export function virtualClock(
  start: number = Date.UTC(2026, 0, 14, 9, 15),
  patienceMs: number = PATIENCE_MS,
): VirtualClock {
  const asleep = sleepers();
  let elapsed = 0;

  async function run<T>(promise: Promise<T>, limitMs = DAY): Promise<T> {
    const limit = elapsed + limitMs;
    let settled = false;
    const settle = () => {
      settled = true;
    };
    promise.then(settle, settle);
    let idleTurns = 0;
    let idleSince = performance.now();
    for (;;) {
      for (let turn = 0; turn < TURNS_PER_STEP && !settled; turn++) await nextTurn();
      if (settled) return promise;
      const due = asleep.next();
      if (due === undefined) {
        idleTurns += TURNS_PER_STEP;
        if (idleTurns > TURNS_BEFORE_DEADLOCK && performance.now() - idleSince >= patienceMs) {
          throw new Error(
            `Deadlock at ${elapsed} ms of virtual time: the promise is pending and nobody sleeps on this clock.`,
          );
        }
        continue;
      }
      if (due > limit) throw new Error(`Still pending after ${limitMs} ms of virtual time.`);
      idleTurns = 0;
      idleSince = performance.now();
      elapsed = Math.max(elapsed, due);
      asleep.wake();
    }
  }

  return {
    now: () => start + elapsed,
    monotonic: () => elapsed,
    sleep: (ms, signal) => asleep.add(elapsed + Math.max(0, ms), signal),
    run,
  };
}
