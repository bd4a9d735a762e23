import { scatter } from './random.ts';

/**
 * Counting registers as integrals of a load curve: pure functions of (load, time), so that a later read gives more, two
 * reads a minute apart differ plausibly, and the same meter shows the same figures in every tab and after a reload.
 * Times are milliseconds since the epoch; quantities are in whatever unit `perDay` is in.
 */
export interface Load {
  readonly seed: number;
  /** Quantity of an average day. */
  readonly perDay: number;
  /** How the hours of a day share in it, 24 weights. */
  readonly hours: readonly number[];
  /** 0.6: a winter day has 1.6, a summer day 0.4 times the average; negative for what the sun gives. */
  readonly season: number;
  /** When the meter was put in; it stood at `initial` then. */
  readonly since: number;
  readonly initial: number;
}

/** Hours of the day, the last one excluded; 22 to 6 goes over midnight. */
export interface HourWindow {
  readonly from: number;
  readonly to: number;
}

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** Meters keep one time all year: UTC+1 here. */
export const METER_ZONE = HOUR;
const DAYS_PER_YEAR = 365.25;
const COLDEST_DAY = 15;

/** Household and small trade: a morning and an evening peak. */
export const householdHours = [3, 2, 2, 2, 2, 3, 6, 9, 8, 6, 5, 6, 7, 6, 5, 5, 6, 9, 12, 13, 11, 8, 6, 4] as const;
/** Photovoltaics. */
export const sunHours = [0, 0, 0, 0, 0, 0, 1, 4, 8, 12, 15, 17, 17, 16, 13, 9, 5, 2, 0, 0, 0, 0, 0, 0] as const;
/** Heating with a night setback. */
export const heatingHours = [2, 2, 2, 2, 3, 7, 10, 9, 7, 6, 5, 4, 4, 4, 4, 5, 6, 7, 8, 8, 7, 5, 3, 2] as const;
/** Tap water: nothing for hours in the night. */
export const waterHours = [0, 0, 0, 0, 0, 2, 9, 10, 6, 4, 3, 3, 5, 4, 2, 2, 3, 5, 8, 8, 6, 4, 3, 1] as const;

function dayOf(time: number): number {
  return Math.floor((time + METER_ZONE) / DAY);
}

function quantityOfDay({ seed, perDay, season }: Load, day: number): number {
  const seasonal = 1 + season * Math.cos((2 * Math.PI * (day - COLDEST_DAY)) / DAYS_PER_YEAR);
  return perDay * seasonal * (0.8 + 0.4 * scatter(seed, day));
}

function inWindow(hour: number, window: HourWindow | undefined): boolean {
  if (!window) return true;
  const { from, to } = window;
  return from <= to ? hour >= from && hour < to : hour >= from || hour < to;
}

/** Weight of the hours from midnight until `hours` (with a fraction) within the window. */
function weightUntil(load: Load, hours: number, window: HourWindow | undefined): number {
  let weight = 0;
  load.hours.forEach((hourWeight, hour) => {
    if (inWindow(hour, window)) weight += hourWeight * Math.min(1, Math.max(0, hours - hour));
  });
  return weight;
}

function quantityUntil(load: Load, time: number, window: HourWindow | undefined): number {
  const whole = weightUntil(load, 24, undefined);
  const first = dayOf(load.since);
  const today = dayOf(time);
  let days = 0;
  for (let day = first; day < today; day++) days += quantityOfDay(load, day);
  const hour = (time + METER_ZONE - today * DAY) / HOUR;
  return (days * weightUntil(load, 24, window) + quantityOfDay(load, today) * weightUntil(load, hour, window)) / whole;
}

/** What the register shows at `time`; with a window what it counted in those hours only. */
export function counted(load: Load, time: number, window?: HourWindow): number {
  if (time <= load.since) return load.initial;
  return load.initial + quantityUntil(load, time, window) - quantityUntil(load, load.since, window);
}

/** Quantity per hour that the curve has at `time`: kW where the load is in kWh. */
export function rate(load: Load, time: number): number {
  const today = dayOf(time);
  const hour = Math.floor((time + METER_ZONE - today * DAY) / HOUR);
  return (quantityOfDay(load, today) * (load.hours[hour] ?? 0)) / weightUntil(load, 24, undefined);
}

/** The highest rate within [from, to] and the end of the quarter of an hour it was first seen in. */
export function maximum(load: Load, from: number, to: number): { readonly rate: number; readonly time: number } {
  const quarter = HOUR / 4;
  const firstHour = Math.floor(from / HOUR) * HOUR;
  let best = { rate: 0, time: firstHour };
  for (let hour = firstHour; hour + quarter <= to; hour += HOUR) {
    const here = rate(load, hour);
    if (here > best.rate) best = { rate: here, time: hour + quarter };
  }
  return best;
}
