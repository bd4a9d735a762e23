import type { RecentPoint } from '../../archive/api.ts';
import { decimalToNumber, parseDecimal, subtractDecimals, type Decimal } from '../../common/decimal.ts';

/** What was used from one reading to the next. */
export interface Consumption {
  /** Unix seconds. */
  readonly from: number;
  readonly to: number;
  /** Undefined where the register went back: it rolled over, or the meter is another one. */
  readonly used: Decimal | undefined;
}

/** Exact differences of neighbors, oldest first; of nothing that nobody vouches for. */
export function consumptions(points: readonly RecentPoint[]): readonly Consumption[] {
  const found: Consumption[] = [];
  let before: RecentPoint | undefined;
  let exchanged = false;
  for (const point of points) {
    exchanged ||= point.exchanged === true;
    if (point.state !== 'whole') continue;
    if (before) {
      const used = exchanged ? undefined : differenceOf(before.text, point.text);
      found.push({ from: before.time, to: point.time, used });
    }
    before = point;
    exchanged = false;
  }
  return found;
}

/** Both in plain notation with a point; undefined where either is none, or the later is the smaller. */
export function differenceOf(before: string, after: string): Decimal | undefined {
  const [a, b] = [parseDecimal(before), parseDecimal(after)];
  if (!a || !b) return undefined;
  const used = subtractDecimals(b, a);
  return used.coefficient < 0 ? undefined : used;
}

export interface Bar {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Bars within `width` × `height`, each as wide as its period lasted and as tall as what was used per time, so that a
 * period of two intervals looks like what it is; nothing used is a line of one unit.
 */
export function sparkBars(values: readonly Consumption[], width: number, height: number): readonly Bar[] {
  const first = values[0]?.from ?? 0;
  const scale = width / Math.max(1, (values.at(-1)?.to ?? 0) - first);
  const rates = values.map(({ from, to, used }) =>
    used && to > from ? decimalToNumber(used) / (to - from) : undefined,
  );
  const most = rates.reduce((a: number, b = 0) => Math.max(a, b), 0);
  return values.flatMap(({ from, to }, i) => {
    const rate = rates[i];
    if (rate === undefined) return [];
    const tall = most === 0 ? 1 : Math.max(1, (rate / most) * height);
    const wide = (to - from) * scale;
    return [{ x: (from - first) * scale, y: height - tall, width: Math.max(1, wide - GAP), height: tall }];
  });
}

/** Between two bars. */
const GAP = 2;
