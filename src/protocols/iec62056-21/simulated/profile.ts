import { DAY, HOUR, METER_ZONE, rate, type Load } from '../../../simulator/load.ts';
import { scatter } from '../../../simulator/random.ts';
import { digits, meterDate } from '../../../simulator/registers.ts';

const PERIOD = HOUR / 4;
const DAYS_KEPT = 60;
/** On a few days the supply fails early in the morning. */
const OUTAGE = { share: 0.08, from: 3 * HOUR, to: 4.5 * HOUR };

/** `0YYMMDDhhmmss`: the meter keeps normal time all year. */
function stamp(time: number): string {
  const { year, month, day, hour, minute } = meterDate(time);
  return `0${year}${month}${day}${hour}${minute}00`;
}

function timeOf(text: string): number | undefined {
  const [, year, month, day, hour, minute] = /^[012]?(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\d\d)?$/.exec(text) ?? [];
  if (minute === undefined) return undefined;
  return Date.UTC(2000 + Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute)) - METER_ZONE;
}

/** Milliseconds since the meter's midnight. */
const ofDay = (time: number) => (((time + METER_ZONE) % DAY) + DAY) % DAY;

function isDark({ seed }: Load, end: number): boolean {
  const dayNumber = Math.floor((end + METER_ZONE) / DAY);
  const at = ofDay(end);
  return scatter(seed, dayNumber) < OUTAGE.share && at > OUTAGE.from && at <= OUTAGE.to;
}

/** `P.01` from one stamp to another, both included: mean power of each quarter of an hour, a new header each day and behind a gap. */
export function quarterHours(
  loads: readonly Load[],
  codes: readonly string[],
  from: string,
  to: string,
  now: number,
): string {
  const oldest = now - DAYS_KEPT * DAY;
  const first = Math.ceil(Math.max(timeOf(from) ?? oldest, oldest) / PERIOD) * PERIOD;
  const last = Math.min(timeOf(to) ?? now, now);
  const columns = codes.map((code) => `(${code})(kW)`).join('');
  let text = '';
  let isNew = true;
  for (let end = first; end <= last; end += PERIOD) {
    if (loads.some((load) => isDark(load, end))) {
      isNew = true;
      continue;
    }
    const behindGap = loads.some((load) => isDark(load, end - PERIOD));
    if (isNew || ofDay(end) === PERIOD) {
      text += `P.01(${stamp(end)})(${behindGap ? '00000040' : '00000000'})(15)(${codes.length})${columns}\r\n`;
    }
    isNew = behindGap;
    // Within an hour the load is even: this is what the register counted.
    const row = loads.map((load) => rate(load, end - PERIOD / 2));
    text += `${row.map((value) => `(${digits(value, 3, 4)})`).join('')}\r\n`;
  }
  return text;
}

/** `P.98` from one stamp to another: when the supply failed, and when it came back. */
export function outages(loads: readonly Load[], from: string, to: string, now: number): string {
  const oldest = Math.max(timeOf(from) ?? 0, now - DAYS_KEPT * DAY);
  const newest = Math.min(timeOf(to) ?? now, now);
  let text = '';
  for (let day = oldest - ofDay(oldest); day <= newest; day += DAY) {
    if (!loads.some((load) => isDark(load, day + OUTAGE.to))) continue;
    for (const [at, status] of [
      [day + OUTAGE.from, '00000080'],
      [day + OUTAGE.to, '00000040'],
    ] as const) {
      if (at >= oldest && at <= newest) text += `P.98(${stamp(at)})(${status})()(0)\r\n`;
    }
  }
  return text;
}
