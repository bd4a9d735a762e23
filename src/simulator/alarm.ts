import type { Clock } from '../common/clock.ts';

/** One thing to be done at one time; setting it anew forgets the former. */
export interface Alarm {
  /** `time` is monotonic milliseconds; a time gone by rings at once, though never within this call. */
  set(time: number, ring: () => void): void;
  cancel(): void;
}

export function alarm(clock: Clock): Alarm {
  let controller: AbortController | undefined;

  function cancel(): void {
    controller?.abort();
    controller = undefined;
  }

  return {
    set(time, ring) {
      cancel();
      const own = new AbortController();
      controller = own;
      const ringUnlessCancelled = () => {
        if (own.signal.aborted) return;
        controller = undefined;
        ring();
      };
      // A sleep rejects only when it is cancelled, which is no failure here.
      clock.sleep(time - clock.monotonic(), own.signal).then(ringUnlessCancelled, () => undefined);
    },
    cancel,
  };
}
