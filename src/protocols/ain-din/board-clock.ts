import type { Milliseconds } from '../../common/kinds.ts';
import { SAMPLE_MS } from './contact.ts';

/**
 * The board's own clock: a tick comes every 10 ms, however late it is handed over. Ticks that never come were lost, with
 * whatever was reported between them: a program that was stopped leaves more unread than the system keeps for it.
 */
export interface BoardClock {
  readonly ticks: number;
  readonly startedAt: Milliseconds;
  /** By how much the board's time is behind, the least that was seen since `sinceAt`. */
  readonly least: Milliseconds;
  readonly sinceAt: Milliseconds;
  readonly lastAt: Milliseconds;
  /** As it was behind before that; undefined until it is known. */
  readonly usual: Milliseconds | undefined;
}

/** In so much time some ticks come as soon as they can. */
const WINDOW_MS = 2000;
/** Boards with a resonator are wrong by up to 0.5 %, 10 ms a window; lines hand over in steps of 16 ms. */
const TOLERANCE_MS = 60;

export const clockStarted = (at: Milliseconds): BoardClock => ({
  ticks: 0,
  startedAt: at,
  least: Infinity,
  sinceAt: at,
  lastAt: at,
  usual: undefined,
});

/** Milliseconds since its start, in the board's own time. */
export const boardTime = ({ ticks }: BoardClock): Milliseconds => ticks * SAMPLE_MS;

/** @returns with the milliseconds of which it is now known that their reports were lost */
export function ticked(
  clock: BoardClock,
  at: Milliseconds,
): { readonly clock: BoardClock; readonly lostMs: Milliseconds } {
  const ticks = clock.ticks + 1;
  const behind = at - clock.startedAt - ticks * SAMPLE_MS;
  const next = { ...clock, ticks, lastAt: at };
  // After a pause all that waited comes at once: how much is missing is seen when it has come.
  if (at - clock.lastAt > WINDOW_MS) return { clock: { ...next, least: behind, sinceAt: at }, lostMs: 0 };
  const least = Math.min(clock.least, behind);
  if (at - clock.sinceAt < WINDOW_MS) return { clock: { ...next, least }, lostMs: 0 };
  const more = clock.usual === undefined ? 0 : least - clock.usual;
  return {
    clock: { ...next, least: behind, sinceAt: at, usual: least },
    lostMs: more > TOLERANCE_MS ? more : 0,
  };
}
