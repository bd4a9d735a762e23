import type { Clock } from '../common/clock.ts';

const FIRST_REST_MS = 250;
const LONGEST_REST_MS = 60_000;

/** Tries until it works: again after 250 ms, then after twice as long each time, at most a minute. */
export async function untilItWorks<Result>(
  work: () => Promise<Result>,
  clock: Clock,
  onFailure: (error: unknown) => void,
): Promise<Result> {
  for (let restMs = FIRST_REST_MS; ; restMs = Math.min(2 * restMs, LONGEST_REST_MS)) {
    try {
      return await work();
    } catch (error) {
      onFailure(error);
    }
    await clock.sleep(restMs);
  }
}
