import type { Milliseconds } from '../common/kinds.ts';
import type { Clock } from '../common/clock.ts';
import { PortError } from '../line/port.ts';
import { ANSWER_MS, type Seat, type WireState } from './seat.ts';

/** Somebody's hold on the wire, from the turn to its end: a new one after each rest. */
export interface Hold {
  readonly doing: string;
  /** The job's own words. */
  text: string;
  kind: WireState['kind'];
  readonly port: unknown;
  /** Called once, when somebody begins to wait. */
  readonly onWanted: (() => void)[];
  /** The job has ended and what it opened is closed. */
  readonly over: AbortController;
}

/** The wire under a job that has it. */
export interface HeldWire {
  readonly clock: Clock;
  /** Somebody waits for it. */
  isWanted(): boolean;
  onChange(): void;
  /** Follows what was told to end, or is about to, until `over` aborts or the port counts as stuck. */
  farewell(mine: Hold, over: AbortSignal): Promise<void>;
  /** Gives the wire away until those who wait have had it. */
  lend(signal: AbortSignal, mine: Hold): Promise<Hold>;
  release(mine: Hold): void;
}

/** Runs a job that has the wire, and frees it when all that the job opened is closed. Rejects soon after the signal. */
export async function occupy<T>(
  wire: HeldWire,
  first: Hold,
  signal: AbortSignal,
  job: (seat: Seat) => Promise<T>,
): Promise<T> {
  const { clock, isWanted, onChange, farewell, lend, release } = wire;
  let mine = first;
  const closing = new Set<Promise<void>>();
  const answered = new AbortController();
  const seat: Seat = {
    signal,
    isWanted,
    say(text) {
      mine.text = text;
      onChange();
    },
    wanted: () => (isWanted() ? Promise.resolve() : new Promise((resolve) => mine.onWanted.push(resolve))),
    async rest() {
      signal.throwIfAborted();
      if (!isWanted()) return false;
      if (closing.size > 0) {
        const closed = new AbortController();
        void Promise.allSettled(closing).then(() => closed.abort());
        await farewell(mine, closed.signal);
        if (mine.kind === 'stuck') throw stuck();
        signal.throwIfAborted();
      }
      mine = await lend(signal, mine);
      return true;
    },
    async close(close) {
      const closed = new AbortController();
      const work = untilLetGo(close()).finally(() => closing.delete(work));
      closing.add(work);
      void Promise.allSettled([work]).then(() => closed.abort());
      await Promise.race([work, passes(clock, ANSWER_MS, closed.signal)]);
    },
  };
  const stop = (reject: (reason: Error) => void) => {
    void farewell(mine, mine.over.signal);
    void passes(clock, ANSWER_MS, answered.signal).then((late) => late && reject(signal.reason as Error));
  };
  const work = async () => {
    try {
      return await job(seat);
    } finally {
      answered.abort();
      const last = mine;
      if (closing.size === 0) release(last);
      else {
        void farewell(last, last.over.signal);
        void Promise.allSettled(closing).then(() => release(last));
      }
    }
  };
  const stopped = new Promise<never>((_resolve, reject) => {
    const onAbort = () => stop(reject);
    signal.addEventListener('abort', onAbort, { once: true });
    answered.signal.addEventListener('abort', () => signal.removeEventListener('abort', onAbort), { once: true });
  });
  return await Promise.race([work(), stopped]);
}

/** True after so long, false as soon as the signal aborts. */
export function passes(clock: Clock, ms: Milliseconds, signal: AbortSignal): Promise<boolean> {
  return clock.sleep(ms, signal).then(
    () => true,
    () => false,
  );
}

export const stuck = () =>
  new PortError('busy', 'The port does not let go of what was stopped before.', [
    'Unplug the head or adapter and plug it in again.',
    'If that does not help, close this window and open it again.',
  ]);

/** A driver that does not let go of the port has not closed it, and may be long in saying so. */
const untilLetGo = (closed: Promise<void>): Promise<void> =>
  closed.catch((error: unknown) => {
    if (error instanceof PortError && error.failure === 'stuck') return new Promise<never>(() => undefined);
    throw error;
  });
