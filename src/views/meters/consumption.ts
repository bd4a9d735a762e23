import type { RecentPoint } from '../../archive/api.ts';
import { decimalToNumber, parseDecimal, subtractDecimals, type Decimal } from '../../protocols/common/decimal.ts';

/** What was used from one reading to the next. */
export interface Consumption {
  /** Unix seconds. */
  readonly from: number;
  readonly to: number;
  /** Undefined where the register went back: it rolled over, or the meter is another one. */
  readonly used: Decimal | undefined;
}

/** Exact differences of neighbors, oldest first. */
export function consumptions(points: readonly RecentPoint[]): readonly Consumption[] {
  return points.slice(1).map((point, i) => {
    const before = points[i] ?? point;
    return { from: before.time, to: point.time, used: differenceOf(before.text, point.text) };
  });
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

/** Bars within `width` × `height`, one for each consumption from the right; nothing used is a line of one unit. */
export function sparkBars(
  values: readonly Consumption[],
  slots: number,
  width: number,
  height: number,
): readonly Bar[] {
  const numbers = values.slice(-slots).map(({ used }) => (used ? decimalToNumber(used) : undefined));
  const most = numbers.reduce((a: number, b = 0) => Math.max(a, b), 0);
  const pitch = width / slots;
  return numbers.flatMap((value, i) => {
    if (value === undefined) return [];
    const tall = most === 0 ? 1 : Math.max(1, (value / most) * height);
    const x = (slots - numbers.length + i) * pitch;
    return [{ x, y: height - tall, width: pitch * 0.7, height: tall }];
  });
}
