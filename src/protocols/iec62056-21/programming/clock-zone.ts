import { zoneOf } from '../../../common/clock-drift.ts';
import type { MeterTime } from '../../../common/reading.ts';

/** The season digit and how far the meter's time is ahead of UTC, minutes. */
export interface Zone {
  readonly digit: '0' | '1' | '2';
  readonly offset: number;
}

const MINUTE = 60_000;

/** As the meter says; else the one it was given, or the one in which it is the least off. */
export function zoneOfMeter(
  { season }: MeterTime,
  { local, wall, then }: { readonly local: number; readonly wall: number; readonly then: Zone | undefined },
): Zone {
  const { normal, now } = zoneOf(new Date(wall));
  const digit = { winter: '0', summer: '1', utc: '2', none: '' }[season ?? 'none'];
  const said = ZONES(normal).find((zone) => zone.digit === digit);
  if (said ?? then) return said ?? then ?? here(normal, now);
  const off = ({ offset }: Zone) => Math.abs(local - offset * MINUTE - wall);
  // Nobody keeps summer time in winter: such a clock was not put back.
  const [nearest] = [here(normal, now), ...ZONES(normal).filter(({ digit: is }) => is !== '1')].toSorted(
    (a, b) => off(a) - off(b),
  );
  // Further off than that it is in none.
  return nearest && off(nearest) < 20 * MINUTE ? nearest : here(normal, now);
}

const ZONES = (normal: number): readonly Zone[] => [
  { digit: '0', offset: normal },
  { digit: '1', offset: normal + 60 },
  { digit: '2', offset: 0 },
];

export const here = (normal: number, now: number): Zone => ({ digit: now === normal ? '0' : '1', offset: now });
