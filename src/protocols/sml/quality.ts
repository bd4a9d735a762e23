/** How well a line is heard. */
export interface Quality {
  /** A transmission came whole. @param seconds its seconds of operation, where it says them */
  good(number: string, seconds: number | undefined): void;
  damaged(): void;
  /** "412 good, 3 damaged, 2 missing" */
  readonly text: string;
}

interface Counted {
  readonly seconds: number;
  /** The shortest time between two of them: what the meter does where none is lost. */
  readonly step: number;
}

/** Meters on one line that are told apart. */
const MOST_METERS = 64;
/** After a pause the reader was gone, not the transmissions. */
const LONGEST_GAP = 60;

export function createQuality(): Quality {
  const meters = new Map<string, Counted>();
  let [good, damaged, missing] = [0, 0, 0];

  function count(number: string, seconds: number): void {
    const before = meters.get(number);
    const passed = before ? seconds - before.seconds : 0;
    const isNext = before !== undefined && passed > 0 && passed <= LONGEST_GAP;
    const step = isNext ? Math.min(before.step, passed) : (before?.step ?? Infinity);
    // Its seconds are whole: a step of one and a half shows as one and two.
    if (isNext && step !== Infinity && passed > step + 1) missing += Math.round(passed / step) - 1;
    meters.delete(number);
    meters.set(number, { seconds, step });
    const [oldest] = meters.keys();
    if (meters.size > MOST_METERS && oldest !== undefined) meters.delete(oldest);
  }

  return {
    good(number, seconds) {
      good++;
      if (seconds !== undefined) count(number, seconds);
    },
    damaged() {
      damaged++;
    },
    get text() {
      const parts = [`${good} good`, damaged > 0 && `${damaged} damaged`, missing > 0 && `${missing} missing`];
      return parts.filter(Boolean).join(', ');
    },
  };
}
