import type { Milliseconds } from '../common/kinds.ts';
import type { Clock } from '../common/clock.ts';
import { PortError } from './port.ts';

/**
 * The promise, or a PortError 'timeout' when it takes longer: drivers are known to hang in every call. What becomes of
 * the promise then is nobody's concern any more.
 */
export async function withTimeout<T>(promise: Promise<T>, ms: Milliseconds, clock: Clock): Promise<T> {
  const timer = new AbortController();
  const late = clock.sleep(ms, timer.signal).then(
    () => {
      throw new PortError('timeout', `The adapter's driver did not answer within ${Math.round(ms / 100) / 10} s.`, [
        'Unplug the adapter and plug it in again.',
      ]);
    },
    () => new Promise<never>(() => undefined),
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
    // The loser of the race must not become an unhandled rejection.
    promise.catch(() => undefined);
    late.catch(() => undefined);
  }
}
