import type { Clock } from '../common/clock.ts';
import { untilItWorks } from './patience.ts';

/** 'slow': the browser has not told its ports yet; 'denied': this site is given none; 'failed': it is asked again. */
export type PortTrouble = 'slow' | 'denied' | 'failed';

export interface PortList {
  /** What keeps the list away. */
  readonly trouble: PortTrouble | undefined;
}

/**
 * Asks the browser for its ports until it tells them. Loaded only where the first answer is late or a refusal.
 *
 * @param first the answer that is awaited already
 */
export function askForPorts(
  first: Promise<void>,
  refresh: () => Promise<void>,
  clock: Clock,
  report: (error: unknown) => void,
  onChange: () => void,
): PortList {
  let trouble: PortTrouble | undefined = 'slow';
  const tell = (now: PortTrouble | undefined) => {
    if (now === trouble) return;
    trouble = now;
    onChange();
  };
  let attempt: Promise<void> | undefined = first;
  let isReported = false;
  const work = async () => {
    try {
      await (attempt ?? refresh());
      tell(undefined);
    } catch (error) {
      attempt = undefined;
      tell(isDenied(error) ? 'denied' : 'failed');
      throw error;
    }
  };
  // Once is enough: it is asked every minute.
  void untilItWorks(work, clock, (error) => {
    if (!isReported) report(error);
    isReported = true;
  });
  return {
    get trouble() {
      return trouble;
    },
  };
}

/** By a policy of the administrator, or of the page that shows this one. */
const isDenied = (error: unknown): boolean =>
  error instanceof DOMException && (error.name === 'SecurityError' || error.name === 'NotAllowedError');
