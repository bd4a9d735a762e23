import type { Milliseconds } from '../common/kinds.ts';
import { wireTime } from './framing.ts';
import type { Line } from './line.ts';

/** Something happened between the two, by the wall clock. */
export interface Moment {
  readonly from: Milliseconds;
  readonly to: Milliseconds;
}

/** Wall clock, by the one that never jumps since the line was opened. */
export function wallNow({ trace: { entries, startedAt }, clock, lastReceivedAt }: Line): number {
  const last = entries.findLast(({ direction }) => direction === 'received');
  return startedAt + clock.monotonic() - (lastReceivedAt - (last?.time ?? 0));
}

/**
 * When an answer was made, by the wall clock: between the last bit of the question and the first one of what came back.
 * One that was asked for again may be the first answer once more, or a new one: it was made somewhen since the question.
 */
export function momentOf({ trace, echo, framing }: Pick<Line, 'trace' | 'echo' | 'framing'>, first: number): Moment {
  const entries = trace.entries.slice(first);
  const at = entries.findLastIndex(({ direction }) => direction === 'sent');
  const asked = entries.find(({ direction }) => direction === 'sent');
  const sent = entries[at];
  const back = entries.slice(at).filter(({ direction }) => direction === 'received');
  const last = back.at(-1);
  if (!asked || !sent || !last) return { from: trace.startedAt, to: trace.startedAt };
  const echoed = echo === 'echoes' ? sent.bytes.length : 0;
  const count = back.reduce((sum, { bytes }) => sum + bytes.length, -echoed);
  const from = asked.time + wireTime(asked.bytes.length, asked.baudRate, framing);
  const to = Math.max(from, last.time - wireTime(count, last.baudRate, framing));
  return { from: trace.startedAt + from, to: trace.startedAt + to };
}
