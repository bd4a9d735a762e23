/**
 * How noisy a line is, from what a search receives anyway: characters that came right, and those that proved wrong
 * because the same answer came right another time. Collisions prove nothing and are not counted.
 */
export interface LineQuality {
  /** Was anything damaged so far? */
  readonly noisy: boolean;
  /** Characters of answers compared so far, and how many of them were damaged. */
  readonly characters: number;
  readonly damaged: number;
  received(characters: number): void;
  wasDamaged(characters: number): void;
  /** What was damaged so far may have been answers over each other after all. */
  forget(): void;
  /** How often a question that meets silence has to be asked until that may be believed. */
  readonly timesToAsk: number;
  /** How likely a meter stays hidden although it was asked so often. */
  readonly chanceToMiss: number;
}

/** A selection and its acknowledgment. */
const CHARACTERS_AT_RISK = 19;
/** A meter may stay hidden in one of so many cases. */
const ACCEPTED = 1 / 500;
const MOST_TIMES = 6;

export function lineQuality(): LineQuality {
  let characters = 0;
  let damaged = 0;
  /** Probability that a question or its acknowledgment is spoilt. */
  const loss = () => 1 - (1 - Math.min(0.5, damaged / Math.max(characters, 100))) ** CHARACTERS_AT_RISK;
  const timesToAsk = () =>
    damaged === 0 ? 1 : Math.min(MOST_TIMES, Math.max(2, Math.ceil(Math.log(ACCEPTED) / Math.log(loss()))));
  return {
    get noisy() {
      return damaged > 0;
    },
    get characters() {
      return characters;
    },
    get damaged() {
      return damaged;
    },
    received(count) {
      characters += count;
    },
    wasDamaged(count) {
      damaged += Math.max(1, count);
    },
    forget() {
      characters = damaged = 0;
    },
    get timesToAsk() {
      return timesToAsk();
    },
    get chanceToMiss() {
      return damaged === 0 ? 0 : loss() ** timesToAsk();
    },
  };
}
