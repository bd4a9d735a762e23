import type { Milliseconds } from '../common/kinds.ts';
import type { Ear } from './ear.ts';
import type { Accept, Deadlines, LineClock, ReadEnd } from './line.ts';

/** How far a read has come: what the reader said last, if it was given anything. */
export type ReadState = 'nothing' | ReturnType<Accept>;

/** With the quiet after 'enough' decided: it depends on how long a character takes. */
export type ReadDeadlines = Deadlines & Required<Pick<Deadlines, 'quietMs'>>;

export interface ReadParts {
  readonly ear: Pick<Ear, 'giveTo' | 'arrival' | 'wake' | 'lastReceivedAt'>;
  readonly clock: LineClock;
  /** Throws where nothing can come in any more. */
  requirePort(): void;
  /** Asks, now and then, whether the adapter is there; rejects where it is not, or with the reason of `end`. */
  look(end: AbortSignal): Promise<void>;
}

/** Gives the reader what comes in until it is done or a deadline passes. Rejects with the reason of `end` when that aborts. */
export async function readUntil(
  accept: Accept,
  deadlines: ReadDeadlines,
  { ear, clock, requirePort, look }: ReadParts,
  end: AbortSignal,
): Promise<ReadEnd> {
  const began = clock.monotonic();
  const limit = began + (deadlines.totalMs ?? Infinity);
  let state: ReadState = 'nothing';
  end.addEventListener('abort', ear.wake, { once: true });
  try {
    for (;;) {
      end.throwIfAborted();
      state = ear.giveTo(accept) ?? state;
      if (state === 'done') return 'done';
      requirePort();
      const { afterMs, reached } = nextDeadline(state, deadlines);
      const due = (state === 'nothing' ? began : ear.lastReceivedAt) + afterMs;
      const now = clock.monotonic();
      if (now >= due) {
        // Of what is gone nobody shall hear that it does not answer.
        if (reached === 'no answer' && deadlines.firstByteMs > 0) await look(end);
        return reached;
      }
      if (now >= limit) return 'too long';
      await ear.arrival(Math.min(due, limit) - now);
    }
  } finally {
    end.removeEventListener('abort', ear.wake);
  }
}

/** How long silence may last now, and what it means when it does: from the beginning where nothing came, else from the last character. */
function nextDeadline(
  state: Exclude<ReadState, 'done'>,
  { firstByteMs, interByteMs, quietMs }: ReadDeadlines,
): { readonly afterMs: Milliseconds; readonly reached: ReadEnd } {
  switch (state) {
    case 'nothing':
      return { afterMs: firstByteMs, reached: 'no answer' };
    case 'enough':
      return { afterMs: quietMs, reached: 'done' };
    case 'more':
      return { afterMs: interByteMs, reached: 'gap' };
  }
}
