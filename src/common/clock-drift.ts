import type { Milliseconds } from './kinds.ts';

/** How far a meter's clock is from this device's. */
export interface Drift {
  /** Ahead is positive. */
  readonly ms: Milliseconds;
  /** What the way over the line and whole seconds leave open, to either side. */
  readonly doubtMs: Milliseconds;
}

/** What is known of the moment a clock was looked at: between two moments, and what it showed then. */
export interface Seen {
  /** Wall clock of this device. */
  readonly from: Milliseconds;
  readonly to: Milliseconds;
  /** As it would be in the same zone; a clock that shows whole seconds is half a second further on, on average. */
  readonly shown: Milliseconds;
  /** What it shows is true for so long: 1000 for whole seconds. */
  readonly stepMs: Milliseconds;
}

export function driftOf({ from, to, shown, stepMs }: Seen): Drift {
  return { ms: shown + stepMs / 2 - (from + to) / 2, doubtMs: (to - from) / 2 + stepMs / 2 };
}

/** "3.2 s ahead (± 0.6 s)", "right, as far as can be told (± 0.6 s)" */
export function driftWords({ ms, doubtMs }: Drift): string {
  const doubt = `± ${(doubtMs / 1000).toFixed(1)} s`;
  if (Math.abs(ms) <= doubtMs) return `right, as far as can be told (${doubt})`;
  return `${spanWords(Math.abs(ms))} ${ms > 0 ? 'ahead' : 'behind'} (${doubt})`;
}

function spanWords(ms: Milliseconds): string {
  if (ms < 120_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.round(seconds / 60);
  if (minutes < 180) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return minutes < 72 * 60 ? `${Math.round(minutes / 60)} h ${minutes % 60} min` : `${Math.round(minutes / 1440)} days`;
}

/** "UTC+01:00" */
export function offsetWords(minutes: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const size = Math.abs(minutes);
  return `UTC${minutes < 0 ? '−' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** What every word on a clock has to say of the other one. */
export const OUR_CLOCK = 'how right the clock of this device is, nobody has checked';

/** Minutes that this place is ahead of UTC, in normal time and now. */
export function zoneOf(at: Date): { readonly normal: number; readonly now: number } {
  const offset = (date: Date) => -date.getTimezoneOffset();
  const year = at.getFullYear();
  return { normal: Math.min(offset(new Date(year, 0, 1)), offset(new Date(year, 6, 1))), now: offset(at) };
}
