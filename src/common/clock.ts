import type { Milliseconds } from './kinds.ts';

/** Time is passed in, so that dialogues and schedules can be tested in virtual time. */
export interface Clock {
  /** Wall clock, milliseconds since the Unix epoch. */
  now(): Milliseconds;
  /** Monotonic milliseconds since an arbitrary start; never jumps. */
  monotonic(): Milliseconds;
  /** Resolves after `ms`; rejects with the signal's reason as soon as the signal aborts. */
  sleep(ms: Milliseconds, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const finish = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const timer = setTimeout(finish, Math.max(0, ms));
      const abort = () => {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', abort, { once: true });
    }),
};
