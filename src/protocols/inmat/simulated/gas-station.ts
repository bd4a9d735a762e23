import { fromLatin1 } from '../../../common/bytes.ts';
import { counted, heatingHours, type Load } from '../../../simulator/load.ts';
import { power } from '../../../simulator/registers.ts';
import { seedOf } from '../../../simulator/random.ts';
import type { StationSpec } from './station.ts';

const load: Load = {
  seed: seedOf('INMAT 51 gas'),
  perDay: 620,
  hours: heatingHours,
  season: 0.8,
  since: Date.UTC(2016, 3, 1),
  initial: 1200,
};
const PRESSURE_BAR = 2.1;
const BASE_BAR = 1.01325;

const temperature = (time: number) => 9 + 3 * Math.sin(time / 86_400_000);
/** Cubic meters at base conditions in one at the line's. */
const conversion = (time: number) => ((PRESSURE_BAR / BASE_BAR) * 288.15) / (273.15 + temperature(time));

/** An INMAT 51 behind a gas meter: volumes and flow at base conditions, pressure, temperature, conversion. */
export const gasStation: StationSpec = {
  station: 12,
  identification: 'INMAT 51 (simulated)',
  checkSum: 'ones',
  variables: {
    0x01: { type: 'S', values: () => 'Gas, line 1' },
    0x80: { type: 'F', values: (time) => [counted(load, time)] },
    0x81: { type: 'F', values: (time) => [power(load, time)] },
    0x82: { type: 'F', values: () => [PRESSURE_BAR] },
    0x83: { type: 'F', values: (time) => [temperature(time)] },
    0x84: { type: 'F', values: (time) => [conversion(time)] },
    0x90: { type: 'L', values: (time) => [(time - load.since) / 3_600_000] },
  },
  memory: fromLatin1('INMAT 51 simulated program 2.11 '),
};
