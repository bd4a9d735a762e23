/** How far apart the times of a series are. */
export interface Spacing {
  readonly unit: 'none' | 'second' | 'minute' | 'hour' | 'day' | 'half month' | 'month';
  readonly count: number;
}

type Stepper = (n: number) => string | undefined;

const MILLISECONDS = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
const unknown: Stepper = () => undefined;

/** The time of the n-th value after a base time (ISO 8601 without zone), or before it; undefined where that is not known. */
export function stepper(base: string | undefined, { unit, count }: Spacing, backward: boolean): Stepper {
  const form = /^(\d{4})-(\d\d)-(\d\d)(T\d\d:\d\d(?::\d\d)?)?$/.exec(base ?? '');
  if (!base || !form || unit === 'none') return unknown;
  const [, year, month, day, time = ''] = form;
  const step = backward ? -count : count;
  if (unit === 'month' || unit === 'half month') {
    const days = (unit === 'month' ? monthly : halfMonthly)(Number(year), Number(month) - 1, Number(day));
    return days ? (n) => days(n * step) + time : unknown;
  }
  // The time of day that a mere date is meant for is not told.
  if (time === '' && unit !== 'day') return unknown;
  const start = Date.parse(`${base}${time === '' ? 'T00:00' : ''}Z`);
  // As precise as the base, or to the second where seconds are counted.
  const precision = unit === 'second' ? 'yyyy-mm-ddThh:mm:ss'.length : base.length;
  return (n) => new Date(start + n * step * MILLISECONDS[unit]).toISOString().slice(0, precision);
}

const iso = (year: number, month: number, day: number) =>
  new Date(Date.UTC(year, month, day)).toISOString().slice(0, 'yyyy-mm-dd'.length);
/** `month` counts from 0, and may be of another year. */
const lastDay = (year: number, month: number) => new Date(Date.UTC(year, month + 1, 0)).getUTCDate();

/** The same day of other months; of the last day of a month the last days. */
function monthly(year: number, month: number, day: number): (steps: number) => string {
  const isLast = day === lastDay(year, month);
  return (steps) => {
    const last = lastDay(year, month + steps);
    return iso(year, month + steps, isLast ? last : Math.min(day, last));
  };
}

/** From 1st to 16th, or from 15th to last; of other days nobody knows what is half a month further. */
function halfMonthly(year: number, month: number, day: number): ((steps: number) => string) | undefined {
  const isLast = day === lastDay(year, month);
  const isFirstHalf = day === 1 || day === 15;
  if (!isFirstHalf && day !== 16 && !isLast) return undefined;
  const [early, late] = day === 1 || day === 16 ? [1, 16] : [15, undefined];
  return (steps) => {
    const half = 2 * month + (isFirstHalf ? 0 : 1) + steps;
    const at = Math.floor(half / 2);
    return iso(year, at, half % 2 === 0 ? early : (late ?? lastDay(year, at)));
  };
}
