import { PortError } from '../line/port.ts';
import type { Clock } from '../protocols/common/clock.ts';

/** The promise, or a PortError 'timeout' when it takes longer: drivers are known to hang in open and close. */
export async function withTimeout<T>(promise: Promise<T>, ms: number, clock: Clock): Promise<T> {
  const timer = new AbortController();
  const late = clock.sleep(ms, timer.signal).then(
    () => {
      throw new PortError('timeout', `The adapter's driver did not answer within ${ms / 1000} s.`, [
        'Unplug the adapter and plug it in again.',
      ]);
    },
    () => new Promise<never>(() => undefined),
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
  }
}
