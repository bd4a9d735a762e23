import { counted, heatingHours, HOUR, type Load } from '../../../simulator/load.ts';
import { seedOf } from '../../../simulator/random.ts';
import type { SenderSpec } from './meter.ts';

const load: Load = {
  seed: seedOf('LOTOS 301'),
  perDay: 85,
  hours: heatingHours,
  season: 0.8,
  since: Date.UTC(2021, 5, 1),
  initial: 40,
};

const QUARTER = HOUR / 4;

/** Energy, volume, power, two temperatures, hours, and the outdoor temperature, which may be below zero. */
export const heatMeter: SenderSpec = {
  everyMs: 5000,
  values(time) {
    // Averaged, as such meters do: it does not jump from one cycle to the next.
    const kilowatts = (counted(load, time) - counted(load, time - QUARTER)) / (QUARTER / HOUR);
    return [
      [1, counted(load, time).toFixed(3)],
      [2, (counted(load, time) / 23).toFixed(2)],
      [10, kilowatts.toFixed(2)],
      [20, (55 + Math.min(20, kilowatts)).toFixed(1)],
      [21, (38 + Math.min(12, kilowatts / 2)).toFixed(1)],
      [30, String(Math.floor((time - load.since) / 3_600_000))],
      [101, (4 - kilowatts).toFixed(1)],
    ];
  },
};
