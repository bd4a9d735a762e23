import type { Milliseconds } from '../../common/kinds.ts';

/** When the last pulses of an input came, by the clock of whatever tells them: the oldest first. */
export type PulseTimes = readonly Milliseconds[];

/** Fast pulses are averaged over so much: sampled every 10 ms, two of them say little. */
const SPAN_MS = 1000;

export function withPulse(times: PulseTimes, at: Milliseconds): PulseTimes {
  const all = [...times, at];
  const enough = all.findLastIndex((time) => at - time >= SPAN_MS);
  return all.slice(Math.max(0, Math.min(enough, all.length - 2)));
}

export interface PulsePace {
  /** Between two pulses. */
  readonly intervalMs: Milliseconds;
  /** The next pulse is late: it is at least so long by now. */
  readonly isLeast: boolean;
}

/** Undefined before the second pulse: the first one says nothing of how long it took. */
export function paceAt(times: PulseTimes, now: Milliseconds): PulsePace | undefined {
  const [first, last] = [times.at(0), times.at(-1)];
  if (first === undefined || last === undefined || times.length < 2 || last <= first) return undefined;
  const intervalMs = (last - first) / (times.length - 1);
  const sinceMs = now - last;
  return sinceMs > intervalMs ? { intervalMs: sinceMs, isLeast: true } : { intervalMs, isLeast: false };
}
