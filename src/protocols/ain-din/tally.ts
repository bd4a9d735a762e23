import type { Milliseconds } from '../../common/kinds.ts';
import { INPUTS, type InputNumber } from './inputs.ts';
import type { PulseBook } from './pulse-book.ts';
import { paceAt, withPulse, type PulsePace, type PulseTimes } from './pulse-rate.ts';

/** Pulses as they come: into the book, and how fast they come. */
export interface Tally {
  /** The inputs are heard, and these had a pulse. @param at by the clock of their source */
  count(inputs: readonly InputNumber[], at: Milliseconds): void;
  /** Pulses of `ms` may be missing. */
  miss(ms: Milliseconds): void;
  setHeard(isHeard: boolean): void;
  paceOf(input: InputNumber, now: Milliseconds): PulsePace | undefined;
}

export function createTally(book: PulseBook): Tally {
  const times = new Map<InputNumber, PulseTimes>(INPUTS.map((input) => [input, []]));
  /** Between a pulse before a gap and one after it there may be others. */
  const forget = () => INPUTS.forEach((input) => times.set(input, []));
  return {
    count(inputs, at) {
      for (const input of inputs) times.set(input, withPulse(times.get(input) ?? [], at));
      if (inputs.length > 0) book.count(inputs);
      else book.alive();
    },
    miss(ms) {
      if (ms <= 0) return;
      forget();
      book.miss(ms);
    },
    setHeard(isHeard) {
      if (!isHeard) forget();
      book.setHeard(isHeard);
    },
    paceOf: (input, now) => paceAt(times.get(input) ?? [], now),
  };
}
