import type { Line } from '../../../line/line.ts';
import type { Dongle, DongleReceiver, DongleSaid, DongleTalk } from './dongle.ts';

/** Within a frame no stick pauses longer. */
const GAP_MS = 300;
const ANSWER_MS = 500;

export type HeardTelegram = Extract<DongleSaid, { kind: 'telegram' }>;

/** A stick on an open line. */
export interface Stick {
  readonly talk: DongleTalk;
  /** The next telegram; undefined where none came in time. */
  next(waitMs: number): Promise<HeardTelegram | undefined>;
}

/** What comes between a question and its answer is no answer, and not lost. */
export function stickOn(line: Line, dongle: Dongle): Stick {
  const receiver = dongle.receiver();
  const between: HeardTelegram[] = [];

  async function hear(waitMs: number): Promise<DongleSaid | undefined> {
    const until = line.clock.monotonic() + waitMs;
    const said = await hearUntil(line, receiver, waitMs);
    // Noise ended it: the time is not over.
    const rest = until - line.clock.monotonic();
    return said ?? (rest > 0 ? await hear(rest) : undefined);
  }

  return {
    talk: {
      pause: (ms) => line.pause(ms),
      async ask(request, to, waitMs = ANSWER_MS) {
        if (request.length > 0) await line.write(request, undefined, 'anytime');
        const until = line.clock.monotonic() + waitMs;
        for (let rest = waitMs; rest > 0; rest = until - line.clock.monotonic()) {
          const said = await hear(rest);
          if (said?.kind === 'telegram') between.push(said);
          else if (said?.to === to) return said.payload;
        }
        return undefined;
      },
    },
    async next(waitMs) {
      const kept = between.shift();
      if (kept) return kept;
      const until = line.clock.monotonic() + waitMs;
      for (let rest = waitMs; rest > 0; rest = until - line.clock.monotonic()) {
        const said = await hear(rest);
        if (said?.kind === 'telegram') return said;
      }
      return undefined;
    },
  };
}

async function hearUntil(line: Line, receiver: DongleReceiver, waitMs: number): Promise<DongleSaid | undefined> {
  let said: DongleSaid | undefined;
  const end = await line.read(
    (byte) => {
      said = receiver.take(byte);
      return said ? 'done' : 'more';
    },
    { firstByteMs: waitMs, interByteMs: GAP_MS, totalMs: waitMs },
  );
  if (end === 'gap') receiver.reset();
  return said;
}
