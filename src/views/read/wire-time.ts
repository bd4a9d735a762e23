import type { TraceEntry } from '../../line/trace.ts';

/** A run of bytes as a bar on the time axis; both in thousandths of the axis. */
export interface WireBar {
  readonly start: number;
  readonly width: number;
  readonly direction: 'sent' | 'received';
}

/** Ten bits a character; eleven for the rare framings, which a picture does not show. */
const BITS = 10;
/** Bars nearer than this, in thousandths of the axis, are drawn as one: a tablet has no more pixels. */
const MERGE = 2;

/** The next round number of milliseconds at or above `ms`: the end of the axis. */
export function axisEnd(ms: number): number {
  for (const end of [1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000]) if (ms <= end) return end;
  return Math.ceil(ms / 60_000) * 60_000;
}

/** Where on the axis something was sent or received; neighbors of one direction are merged. */
export function wireBars(entries: readonly TraceEntry[], endMs: number): readonly WireBar[] {
  const bars: WireBar[] = [];
  for (const { time, direction, bytes, baudRate } of entries) {
    if (direction === 'event' || bytes.length === 0) continue;
    const start = (time * 1000) / endMs;
    const width = Math.max(MERGE, (bytes.length * BITS * 1e6) / (baudRate * endMs));
    const last = bars.at(-1);
    if (last?.direction === direction && start <= last.start + last.width + MERGE) {
      bars[bars.length - 1] = { ...last, width: Math.max(last.width, start + width - last.start) };
    } else {
      bars.push({ start, width, direction });
    }
  }
  return bars;
}
