import type { Clock } from '../common/clock.ts';
import { PortError } from './port.ts';

/**
 * The promise, or a PortError 'timeout' when it takes longer: drivers are known to hang in every call. Rejects with the
 * signal's reason when it aborts first; what becomes of the promise then is nobody's concern any more.
 */
export async function withTimeout<T>(promise: Promise<T>, ms: number, clock: Clock, signal?: AbortSignal): Promise<T> {
  const timer = new AbortController();
  const abort = () => timer.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  const late = clock.sleep(ms, timer.signal).then(
    () => {
      throw new PortError('timeout', `The adapter's driver did not answer within ${ms / 1000} s.`, [
        'Unplug the adapter and plug it in again.',
      ]);
    },
    (reason: unknown) => {
      if (signal?.aborted) throw reason;
      return new Promise<never>(() => undefined);
    },
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    signal?.removeEventListener('abort', abort);
    timer.abort();
    // The loser of the race must not become an unhandled rejection.
    promise.catch(() => undefined);
    late.catch(() => undefined);
  }
}
