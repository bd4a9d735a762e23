import type { Clock } from '../common/clock.ts';

const FIRST_REST_MS = 1000;
const LONGEST_REST_MS = 60_000;

/** Whether the store works, so that a dead one is not asked every second by every meter. */
export interface StoreHealth {
  failed(): void;
  worked(): void;
  /** It failed a short while ago and is left alone: a second, then twice as long each time, at most a minute. */
  isResting(): boolean;
  /** Did it fail between these moments? UTC milliseconds. Only the last time it failed is known. */
  failedWithin(from: number, to: number): boolean;
}

export function createStoreHealth(clock: Pick<Clock, 'now' | 'monotonic'>): StoreHealth {
  let failingSince: number | undefined;
  let lastOutage = { from: Infinity, to: -Infinity };
  let restMs = 0;
  let restsUntil = -Infinity;

  return {
    failed() {
      failingSince ??= clock.now();
      restMs = restMs === 0 ? FIRST_REST_MS : Math.min(2 * restMs, LONGEST_REST_MS);
      restsUntil = clock.monotonic() + restMs;
    },
    worked() {
      if (failingSince === undefined) return;
      lastOutage = { from: failingSince, to: clock.now() };
      failingSince = undefined;
      restMs = 0;
      restsUntil = -Infinity;
    },
    isResting: () => clock.monotonic() < restsUntil,
    failedWithin(from, to) {
      const outage = failingSince === undefined ? lastOutage : { from: failingSince, to: Infinity };
      return outage.from < to && outage.to >= from;
    },
  };
}
