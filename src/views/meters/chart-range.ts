/** A stretch of time on the chart, Unix seconds. */
export interface ChartRange {
  readonly min: number;
  readonly max: number;
}

const SHORTEST_S = 60;

/**
 * The range `factor` times as wide (0.5: zoomed in), with the moment `at` staying where it is on the screen; never
 * beyond `bounds` and never narrower than a minute.
 */
export function zoomed(
  range: ChartRange,
  factor: number,
  bounds: ChartRange,
  at = (range.min + range.max) / 2,
): ChartRange {
  const width = range.max - range.min;
  const wanted = Math.max(SHORTEST_S, width * factor);
  const share = width === 0 ? 0.5 : (at - range.min) / width;
  return within({ min: at - share * wanted, max: at + (1 - share) * wanted }, bounds);
}

/** The range moved by `share` of its width. */
export function panned(range: ChartRange, share: number, bounds: ChartRange): ChartRange {
  const step = (range.max - range.min) * share;
  return within({ min: range.min + step, max: range.max + step }, bounds);
}

/** Moved, and only where it is too wide cut, so that it lies within the bounds. */
function within({ min, max }: ChartRange, bounds: ChartRange): ChartRange {
  const width = Math.min(max - min, bounds.max - bounds.min);
  const start = Math.min(Math.max(min, bounds.min), bounds.max - width);
  return { min: start, max: start + width };
}

export const spans = [
  ['day', 'Day', 86_400],
  ['week', 'Week', 7 * 86_400],
  ['month', 'Month', 31 * 86_400],
  ['year', 'Year', 366 * 86_400],
  ['all', 'All', Infinity],
] as const;

export type Span = (typeof spans)[number][0];

/** The span in which a meter that is read so often shows some dozens to some hundreds of readings. */
export function usualSpan(intervalMs: number): Span {
  if (intervalMs <= 5 * 60_000) return 'day';
  if (intervalMs <= 3_600_000) return 'week';
  return intervalMs < 86_400_000 ? 'month' : 'year';
}

/** The last such span of what there is. */
export function rangeOfSpan(span: Span, whole: ChartRange): ChartRange {
  const length = spans.find(([name]) => name === span)?.[2] ?? Infinity;
  return { min: Math.max(whole.min, whole.max - length), max: whole.max };
}

/** A single reading, or some within a minute, need room around them. */
export function withRoom({ min, max }: ChartRange): ChartRange {
  return max - min < SHORTEST_S ? { min: min - 1800, max: max + 1800 } : { min, max };
}
