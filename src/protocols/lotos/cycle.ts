import { decimalToNumber, parseDecimal } from '../../common/decimal.ts';
import type { Sent } from './pattern.ts';

/** What a meter sent from one identifier until one came again, in that order. */
export type Cycle = ReadonlyMap<number, string>;

export interface CycleCollector {
  /** A value, or a line that was lost. Gives the cycle that this value ends. */
  add(sent: Sent | 'lost'): Cycle | undefined;
  /** The newest value of each identifier that was heard at all. */
  readonly heard: Cycle;
}

export function cycleCollector(): CycleCollector {
  const heard = new Map<number, string>();
  let current = new Map<number, string>();
  let isHoled = false;
  return {
    heard,
    add(sent) {
      if (sent === 'lost') {
        isHoled = true;
        return undefined;
      }
      const { id, value } = sent;
      heard.set(id, value);
      if (!current.has(id)) {
        current.set(id, value);
        return undefined;
      }
      const ended = isHoled ? undefined : current;
      current = new Map([[id, value]]);
      isHoled = false;
      return ended;
    },
  };
}

/** A value may change so much from one cycle to the next, or by so many of its last digits. */
const SHARE = 0.1;
const LAST_DIGITS = 10;

/** Does the second bear out the first: the same identifiers in the same order, and figures that fit? Nothing else vouches for them. */
export function bearsOut(before: Cycle, after: Cycle): boolean {
  const ids = [...before.keys()];
  return (
    before.size === after.size &&
    [...after.keys()].every((id, at) => id === ids[at]) &&
    ids.every((id) => isNear(before.get(id) ?? '', after.get(id) ?? ''))
  );
}

function isNear(one: string, other: string): boolean {
  const [a, b] = [parseDecimal(one), parseDecimal(other)];
  if (!a || !b || a.exponent !== b.exponent) return false;
  const [x, y] = [decimalToNumber(a), decimalToNumber(b)];
  return Math.abs(x - y) <= Math.max(SHARE * Math.abs(x), LAST_DIGITS * 10 ** a.exponent);
}

/** As a record has them: `<identifier>=<value>,…`, ascending. */
export function dataOf(cycle: Cycle): string {
  return [...cycle]
    .sort(([a], [b]) => a - b)
    .map(([id, value]) => `${id}=${value}`)
    .join(',');
}
