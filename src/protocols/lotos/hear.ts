import type { Line } from '../../line/line.ts';
import { cycleCollector, type Cycle } from './cycle.ts';
import { DAMAGED, lineCutter } from './lines.ts';
import { linePattern } from './pattern.ts';

/** What is heard of a meter on an open line, line after line. */
export interface Ear {
  /** Until a line has ended or the time is over; gives the cycle that it ends. */
  next(waitMs: number): Promise<Cycle | undefined>;
  readonly heard: Cycle;
  /** So far. */
  readonly seen: Seen;
}

/** What came beside values. */
export interface Seen {
  readonly characters: number;
  /** Lines that do not fit the pattern, and that could not be read. */
  readonly others: number;
  readonly damaged: number;
  /** The last one that does not fit. */
  readonly lastOther: string;
}

/** A line that pauses so long is not whole: characters are missing. */
const HOLE_MS = 1000;

export function earOn(line: Line, pattern: string): Ear {
  const sentIn = linePattern(pattern);
  const cutter = lineCutter();
  const cycles = cycleCollector();
  let ended: string | undefined;
  const seen = { characters: 0, others: 0, damaged: 0, lastOther: '' };

  function lost(): undefined {
    seen.damaged++;
    cycles.add('lost');
  }

  return {
    heard: cycles.heard,
    get seen() {
      return { ...seen };
    },
    async next(waitMs) {
      const end = await line.read(
        (character, parityOk) => {
          seen.characters++;
          ended = cutter.take(character, parityOk);
          return ended === undefined ? 'more' : 'done';
        },
        { firstByteMs: waitMs, interByteMs: HOLE_MS, totalMs: waitMs },
      );
      if (end !== 'done' || ended === undefined) return end === 'gap' && cutter.tear() ? lost() : undefined;
      if (ended === DAMAGED) return lost();
      const sent = sentIn(ended);
      if (sent) return cycles.add(sent);
      // A heading, as likely as a value that was damaged: whether it is lost the other cycle says.
      seen.others++;
      seen.lastOther = ended;
      return undefined;
    },
  };
}
