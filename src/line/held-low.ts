import type { TraceEntry } from './trace.ts';

/** Fewer may be a glitch, or what is left of one character. */
const LEAST = 3;

/**
 * How many breaks, framing errors and zeros came where nothing else did: the line is held at the level of a start bit.
 * 0 where a character came through, or hardly anything.
 */
export function countHeldLow(entries: readonly Pick<TraceEntry, 'direction' | 'bytes' | 'text'>[]): number {
  let count = 0;
  let hasBreak = false;
  for (const { direction, bytes, text } of entries) {
    if (direction === 'received' && bytes.some((byte) => byte !== 0)) return 0;
    if (direction === 'received') count += bytes.length;
    if (direction === 'event' && (text === 'break error' || text === 'framing error')) count++;
    if (direction === 'event') hasBreak ||= text === 'break error';
  }
  return hasBreak || count >= LEAST ? count : 0;
}
