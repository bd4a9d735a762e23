import type { KeptCounter } from '../../../common/kept-counter.ts';
import { CounterError } from '../apdu/exception.ts';
import { dlmsError } from '../errors.ts';

const MOST = 2 ** 32 - 1;
/**
 * So many messages others with the same key may have sent since we did: a head-end asks every quarter of an hour. What is
 * further away may be a mistake, and cannot be taken back.
 */
const MOST_AHEAD = 65_536;

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
   * want to see the same number twice, which gives the key away; or where it is far ahead, and nobody has agreed to it.
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
  /** Whatever the meter says is right where we have never had a number. */
  let isFirst = kept.last === undefined;

  function moveTo(number: number): void {
    if (!isFirst && number - used > MOST_AHEAD && number > agreed) throw new CounterError(number, used);
    used = Math.max(used, number - 1);
    isFirst = false;
  }

  return {
    get title() {
      return ownTitle ?? kept.title;
    },
    async next() {
      if (used >= MOST)
        throw dlmsError('counter', 'The invocation counter has come to its end: this key cannot be used any more.');
      used = await kept.next(used);
      return used;
    },
    async seen(number) {
      if (number >= used || ownTitle) return moveTo(number + 1);
      kept = await kept.renew(number);
      [used, isFirst] = [number, true];
    },
    expect(number) {
      if (number <= used) throw new CounterError(number, used);
      moveTo(number);
    },
  };
}
