import type { KeptCounter } from '../../../common/kept-counter.ts';
import { CounterError } from '../apdu/exception.ts';
import { dlmsError } from '../errors.ts';

const MOST = 2 ** 32 - 1;
/**
 * So many messages others with the same key may have sent since we did: a head-end asks every quarter of an hour. What is
 * further away may be a mistake, and cannot be taken back.
 */
const MOST_AHEAD = 65_536;
/** Where there is nothing to compare with: seconds since 1970 are below, and a meter that was moved to the end is lost. */
const MOST_FIRST = 2 ** 31;

/** Numbers the messages of one key, so that none is used twice, whatever happens between. */
export interface InvocationCounter {
  /** Our system title, under which they are counted. */
  readonly title: Uint8Array;
  /** The number of the next message; it is on disk before it is given out. */
  next(): Promise<number>;
  /**
   * The meter has taken this one last, from whomever: ours go on behind it, so that whoever shares the key is not refused
   * after us. Where ours are higher already, they begin anew under another title. Rejects with a CounterError, as `expect`.
   */
  seen(number: number): Promise<void>;
  /**
   * The meter expects this one. Throws a CounterError where it was used already, since whoever asks for a lower one may
   * want to see the same number twice, which gives the key away; or where it is far ahead, at once or in several steps, and
   * nobody has agreed to it.
   */
  expect(number: number): void;
}

/**
 * @param onDisk what was given out before
 * @param agreed up to here a person lets it go, however far that is
 * @param ownTitle where the meter knows us by one: then there is no other, and no number comes again
 */
export function invocationCounter(onDisk: KeptCounter, agreed = 0, ownTitle?: Uint8Array): InvocationCounter {
  let kept = onDisk;
  let used = kept.last ?? 0;
  /** Nearly whatever the meter says is right where we have never had a number. */
  let isFirst = kept.last === undefined;
  /** Goes on with what we send ourselves alone: nobody gets further by many small steps, or one back. */
  let most = isFirst ? MOST_FIRST : used + MOST_AHEAD;

  function moveTo(number: number): void {
    if (number > most && number > agreed) throw new CounterError(number, used);
    if (isFirst || number > most) most = number + MOST_AHEAD;
    used = Math.max(used, number - 1);
    isFirst = false;
  }

  return {
    get title() {
      return ownTitle ?? kept.title;
    },
    async next() {
      const before = used;
      used = used < MOST ? await kept.next(used) : used + 1;
      // Another window may have had the last one.
      if (used > MOST)
        throw dlmsError('counter', 'The invocation counter has come to its end: this key cannot be used any more.');
      most += used - before;
      return used;
    },
    async seen(number) {
      if (number >= used || ownTitle) return moveTo(number + 1);
      kept = await kept.renew(number);
      used = number;
    },
    expect(number) {
      if (number <= used) throw new CounterError(number, used);
      moveTo(number);
    },
  };
}
