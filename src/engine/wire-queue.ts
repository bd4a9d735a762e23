import type { Turn } from './seat.ts';

/** Who waits for a wire, and who lent it. */
export interface Queue {
  /** How many wait for a turn. */
  readonly length: number;
  /** Nobody waits, and nobody is to get the wire back. */
  isEmpty(): boolean;
  /** Resolves with what `start` returns once the turn has come; rejects with the reason of its signal, or of `refuseAll`. */
  wait<T>(turn: Turn, start: () => T): Promise<T>;
  /** The same of a job that lends the wire, until those who wait have had it. */
  waitForReturn<T>(signal: AbortSignal, start: () => T): Promise<T>;
  /** Takes whoever is next out of the queue: called, it starts. */
  next(): (() => void) | undefined;
  /** Those who wait for a turn; who lent the wire gets it back. */
  refuseAll(reason: () => Error): void;
  /** Says what each turn waits for, where that has changed. */
  tell(forWhat: string | undefined): void;
}

interface Place {
  /** In the order of asking. */
  readonly since: number;
  readonly start: () => void;
  readonly refuse: (reason: Error) => void;
}

interface Waiting extends Place {
  readonly turn: Turn;
  /** What it was told last that it waits for. */
  told: string | undefined;
}

/** @param onLeft one has gone without its turn */
export function createQueue(onLeft: () => void): Queue {
  const waiting: Waiting[] = [];
  /** The last lender last: one that was let in by another ends before it. */
  const lenders: Place[] = [];
  let asked = 0;

  function standIn<P extends Place, T>(
    line: P[],
    signal: AbortSignal,
    start: () => T,
    asOne: (place: Place) => P,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const leave = () => signal.removeEventListener('abort', giveUp);
      const mine = asOne({
        since: asked++,
        start: () => {
          leave();
          resolve(start());
        },
        refuse: (reason) => {
          leave();
          reject(reason);
        },
      });
      const giveUp = () => {
        line.splice(line.indexOf(mine), 1);
        reject(signal.reason as Error);
        onLeft();
      };
      signal.addEventListener('abort', giveUp, { once: true });
      line.push(mine);
    });
  }

  return {
    get length() {
      return waiting.length;
    },
    isEmpty: () => waiting.length === 0 && lenders.length === 0,
    wait: (turn, start) => standIn(waiting, turn.signal, start, (place) => ({ ...place, turn, told: undefined })),
    waitForReturn: (signal, start) => standIn(lenders, signal, start, (place) => place),
    /** People first. Who lent the wire gets it back before the schedule's turns that came up meanwhile: none is left behind. */
    next() {
      const person = waiting.findIndex(({ turn }) => turn.rank === 'person');
      const lender = lenders.at(-1);
      const isLendersTurn = lender && person < 0 && lender.since < (waiting[0]?.since ?? Infinity);
      if (isLendersTurn) return lenders.pop()?.start;
      return waiting.splice(Math.max(0, person), 1)[0]?.start;
    },
    refuseAll(reason) {
      for (const one of waiting.splice(0)) one.refuse(reason());
    },
    tell(forWhat) {
      for (const one of waiting) {
        if (forWhat !== one.told) one.turn.onWait?.(forWhat);
        one.told = forWhat;
      }
    },
  };
}
