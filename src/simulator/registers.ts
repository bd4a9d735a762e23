import { HOUR, METER_ZONE, counted, maximum, rate } from './load.ts';
import type { HourWindow, Load } from './load.ts';
import { scatter } from './random.ts';

/** Registers as meters write them: text of fixed width, from a load and a wall clock time. */

/** Whole digits are padded and roll over as a counter does; digits behind the point are cut off, not rounded. */
export function digits(value: number, whole: number, decimals: number): string {
  const scale = 10 ** decimals;
  // Without the small addend 0.29 · 100 would be cut to 28.
  const units = Math.floor(Math.abs(value) * scale + 1e-6) % 10 ** (whole + decimals);
  const text = units.toFixed(0).padStart(whole + decimals, '0');
  const cut = text.length - decimals;
  return (value < 0 ? '-' : '') + text.slice(0, cut) + (decimals > 0 ? `.${text.slice(cut)}` : '');
}

export interface MeterDate {
  readonly year: string;
  readonly month: string;
  readonly day: string;
  readonly hour: string;
  readonly minute: string;
  readonly second: string;
}

/** The meter's own calendar, each part two digits. */
export function meterDate(time: number): MeterDate {
  const iso = new Date(time + METER_ZONE).toISOString();
  const part = (start: number) => iso.slice(start, start + 2);
  return { year: part(2), month: part(5), day: part(8), hour: part(11), minute: part(14), second: part(17) };
}

/** When the month `ago` months before that of `time` began. */
export function monthStart(time: number, ago: number): number {
  const local = new Date(time + METER_ZONE);
  return Date.UTC(local.getUTCFullYear(), local.getUTCMonth() - ago, 1) - METER_ZONE;
}

/** Day tariff from 6 to 22 h, night tariff for the rest. */
export const tariffs: readonly HourWindow[] = [
  { from: 6, to: 22 },
  { from: 22, to: 6 },
];

/** Each tariff's register in thousandths, whole, and their sum: the total of a meter agrees with its tariffs. */
export function energies(load: Load, time: number): { readonly total: number; readonly tariff: readonly number[] } {
  const initial = load.initial / tariffs.length;
  const tariff = tariffs.map((window) => {
    const value = counted({ ...load, initial }, time, window);
    return Math.floor(value * 1000) / 1000;
  });
  return { total: tariff.reduce((a, b) => a + b, 0), tariff };
}

/** Power now, kW for a load in kWh: what the register grows by, with the flicker of single appliances. */
export function power(load: Load, time: number): number {
  return rate(load, time) * (0.85 + 0.3 * scatter(load.seed, Math.floor(time / 1000)));
}

/** The month's highest quarter of an hour so far. */
export function monthlyMaximum(load: Load, time: number, ago = 0): { readonly rate: number; readonly time: number } {
  return maximum(load, monthStart(time, ago), ago === 0 ? time : monthStart(time, ago - 1));
}

/** Volts of one of three phases: 230 with a slow swing over the day and a quick flicker. */
export function voltage(seed: number, phase: number, time: number): number {
  const swing = 3 * Math.sin((2 * Math.PI * time) / (9 * HOUR) + phase);
  return 231 + swing + 2 * scatter(seed + phase, Math.floor(time / 2000));
}

/** Amperes of one of three phases that share the power unevenly. */
export function current(load: Load, phase: number, time: number): number {
  const share = [0.42, 0.33, 0.25][phase] ?? 0;
  return (power(load, time) * 1000 * share) / voltage(load.seed, phase, time);
}

/** Hours in service. */
export function hoursSince(load: Load, time: number): number {
  return Math.max(0, (time - load.since) / HOUR);
}
