import type { Milliseconds } from '../common/kinds.ts';

/** The nineteen data reading intervals of the SmartCOM (DEV_ADD, `<interval>`), shortest first. All divide a day. */
export const intervals = [
  '1M',
  '2M',
  '3M',
  '4M',
  '5M',
  '6M',
  '10M',
  '12M',
  '15M',
  '20M',
  '30M',
  '1H',
  '2H',
  '3H',
  '4H',
  '6H',
  '8H',
  '12H',
  '1D',
] as const;

export type Interval = (typeof intervals)[number];

const MINUTE_MS = 60_000;
const unitMs = { M: MINUTE_MS, H: 60 * MINUTE_MS, D: 24 * 60 * MINUTE_MS } as const;
const unitWords = { M: 'minute', H: 'hour', D: 'day' } as const;

/** The interval a text names, in either case (2N writes "2h" too); undefined for anything but the nineteen. */
export function parseInterval(text: string): Interval | undefined {
  const symbol = text.trim().toUpperCase();
  return intervals.find((interval) => interval === symbol);
}

/** Length in milliseconds. */
export function intervalMs(interval: Interval): Milliseconds {
  const { count, unit } = partsOf(interval);
  return count * unitMs[unit];
}

/** "15M" → "15 minutes", "1D" → "1 day". */
export function describeInterval(interval: Interval): string {
  const { count, unit } = partsOf(interval);
  return `${count} ${unitWords[unit]}${count === 1 ? '' : 's'}`;
}

function partsOf(interval: Interval): { count: number; unit: keyof typeof unitMs } {
  return { count: Number.parseInt(interval, 10), unit: interval.slice(-1) as keyof typeof unitMs };
}
