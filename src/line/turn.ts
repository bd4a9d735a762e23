import type { Clock } from '../common/clock.ts';

/** Begun so long after Stop, nothing goes out any more: the wire belongs to others. */
const FAREWELL_MS = 10_000;

/** How a line heeds Stop: it is told once, and whoever was told has some seconds to sign off. */
export interface Turn {
  /**
   * Runs a call under the signal that ends it: the turn's own, or, once Stop was told, the end of the farewell. Rejects
   * with the turn's reason where Stop came between two calls, or the farewell is over.
   */
  heed<T>(call: (end: AbortSignal) => Promise<T>): Promise<T>;
  /** Nobody calls any more. */
  end(): void;
}

export function turnOf(signal: AbortSignal, clock: Clock): Turn {
  const over = new AbortController();
  let stoppedAt = 0;
  let isTold = false;
  let isTimed = false;
  const onStop = () => {
    stoppedAt = clock.monotonic();
  };
  if (signal.aborted) onStop();
  else signal.addEventListener('abort', onStop, { once: true });

  function endOfFarewell(): AbortSignal {
    const left = stoppedAt + FAREWELL_MS - clock.monotonic();
    if (left <= 0) throw signal.reason;
    if (!isTimed) {
      isTimed = true;
      clock.sleep(left, over.signal).then(
        () => over.abort(signal.reason),
        () => undefined,
      );
    }
    return over.signal;
  }

  return {
    async heed(call) {
      if (signal.aborted && isTold) return await call(endOfFarewell());
      try {
        signal.throwIfAborted();
        return await call(signal);
      } catch (error) {
        if (signal.aborted && error === signal.reason) isTold = true;
        throw error;
      }
    },
    end() {
      signal.removeEventListener('abort', onStop);
      over.abort();
    },
  };
}

/** The promise, or the signal's reason as soon as it aborts; what becomes of the promise then is nobody's concern. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    const done = () => signal.removeEventListener('abort', abort);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(done);
  });
}
