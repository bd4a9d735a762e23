import { driftOf, driftWords, OUR_CLOCK, zoneOf } from '../../common/clock-drift.ts';
import type { MeterTime, Reading } from '../../common/reading.ts';

/** When a record was kept, Unix seconds, and how long its read took. */
export interface KeptAt {
  readonly time: number;
  readonly durationMs: number | undefined;
}

const CLOCKS = /^(?:0-0:)?1\.0\.0(?:[*&]255)?$/;
const TIME = /^(?:\d+-\d+:)?0\.9\.1(?:[*&]255)?$/;
const DATE = /^(?:\d+-\d+:)?0\.9\.2(?:[*&]255)?$/;
/** Further off than that a clock is in no zone. */
const ZONE_MS = 20 * 60_000;
const MINUTE = 60_000;
/** Of the record's own time. */
const ROUNDED_MS = 1000;

/**
 * What a reading says of the meter's clock, in words; undefined where its clock is not in it. It was looked at some time
 * during the read, and that is what stays open.
 */
export function clockWords(readings: readonly Reading[], { time, durationMs }: KeptAt): string | undefined {
  const seen = clockIn(readings);
  if (!seen || durationMs === undefined) return undefined;
  const kept = time * 1000;
  const room = durationMs + ROUNDED_MS;
  const local = Date.parse(`${seen.iso}Z`);
  const shown = local - offsetOf(seen, local, kept) * MINUTE;
  const drift = driftOf({ from: kept - room, to: kept + room, shown, stepMs: 1000 });
  return `The meter’s clock said ${seen.iso.replace('T', ' ')}: ${driftWords(drift)}; ${OUR_CLOCK}.`;
}

function clockIn(readings: readonly Reading[]): MeterTime | undefined {
  const timeAt = (label: RegExp) => {
    const value = readings.find(
      (one) => label.test(one.label) && one.kind !== 'stored' && one.state === 'whole',
    )?.value;
    return value?.type === 'time' && value.time.invalid !== true ? value.time : undefined;
  };
  const whole = timeAt(CLOCKS) ?? timeAt(DATE);
  if (whole && /T\d\d:\d\d:\d\d$/.test(whole.iso)) return whole;
  const [date, time] = [timeAt(DATE), timeAt(TIME)];
  if (!date || !time || date.iso.length !== 10 || !/^\d\d:\d\d:\d\d$/.test(time.iso)) return undefined;
  const season = time.season ?? date.season;
  return { iso: `${date.iso}T${time.iso}`, ...(season ? { season } : {}) };
}

/** Minutes ahead of UTC: as the meter says, else the zone in which it is the least off. */
function offsetOf({ season }: MeterTime, local: number, wall: number): number {
  const { normal, now } = zoneOf(new Date(wall));
  if (season === 'utc') return 0;
  if (season !== undefined) return season === 'summer' ? normal + 60 : normal;
  const off = (offset: number) => Math.abs(local - offset * MINUTE - wall);
  // Nobody keeps summer time in winter: such a clock was not put back.
  const [nearest = now] = [now, normal, 0].toSorted((a, b) => off(a) - off(b));
  return off(nearest) < ZONE_MS ? nearest : now;
}
