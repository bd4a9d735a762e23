import { dlmsError } from '../errors.ts';

const MOST = 2 ** 32 - 1;

/** Numbers the messages of one key, so that none is used twice, whatever happens between. */
export interface InvocationCounter {
  /** The number of the next message; it is saved before it is given out. */
  next(): Promise<number>;
  /**
   * The meter expects this one. False where it was used already: whoever asks for a lower one may want to see the same
   * number twice, which gives the key away.
   */
  expect(number: number): boolean;
}

/**
 * @param last the number that was used last, as the meter says where it can be asked, else as it was saved; a head-end has
 *   the same key, so that it is never made higher than needed
 * @param save resolves when it is on disk
 */
export function invocationCounter(last: number, save: (number: number) => Promise<void>): InvocationCounter {
  let used = last;
  return {
    async next() {
      if (used >= MOST)
        throw dlmsError('security', 'The invocation counter has come to its end: this key cannot be used any more.');
      used++;
      await save(used);
      return used;
    },
    expect(number) {
      if (number <= used) return false;
      used = number - 1;
      return true;
    },
  };
}
