import type { Milliseconds } from '../common/kinds.ts';
import type { Clock } from '../common/clock.ts';

/** Something that nobody waited for went wrong. */
export interface Fault {
  /** Milliseconds since the epoch. */
  readonly at: Milliseconds;
  readonly text: string;
}

/** The newest faults, in the memory of the window that has the ports. */
export interface FaultBook {
  readonly report: (error: unknown) => void;
  /** The oldest first. */
  readonly all: readonly Fault[];
}

const MAX_FAULTS = 50;
const MAX_TEXT = 2000;

export function createFaultBook(clock: Pick<Clock, 'now'>): FaultBook {
  const all: Fault[] = [];
  return {
    all,
    report(error) {
      console.error('engine', error);
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      all.push({ at: clock.now(), text: text.slice(0, MAX_TEXT) });
      if (all.length > MAX_FAULTS) all.shift();
    },
  };
}
