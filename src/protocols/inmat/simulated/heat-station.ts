import { fromLatin1 } from '../../../common/bytes.ts';
import { counted, DAY, heatingHours, type Load } from '../../../simulator/load.ts';
import { power } from '../../../simulator/registers.ts';
import { seedOf } from '../../../simulator/random.ts';
import type { StationSpec } from './station.ts';

const load: Load = {
  seed: seedOf('INMAT 66 heat'),
  perDay: 1900,
  hours: heatingHours,
  season: 0.8,
  since: Date.UTC(2019, 8, 1),
  initial: 0,
};
const GIGAJOULES_PER_KWH = 0.0036;
const MONTHS = 12;
const MONTH = 30 * DAY;

const energy = (time: number) => counted(load, time) * GIGAJOULES_PER_KWH;
const flowTemperature = (time: number) => 62 + Math.min(28, power(load, time) / 8);

/** An INMAT 66 whose program counts the heat of a small district. */
export const heatStation: StationSpec = {
  station: 5,
  identification: 'INMAT 66 (simulated)',
  checkSum: 'sum8',
  variables: {
    0x01: { type: 'I', values: () => [0] },
    0x10: { type: 'F', values: (time) => [energy(time)] },
    0x11: { type: 'F', values: (time) => [power(load, time)] },
    0x12: { type: 'F', values: (time) => [flowTemperature(time)] },
    0x13: { type: 'F', values: (time) => [flowTemperature(time) - 24.5] },
    0x14: { type: 'L', values: (time) => [(time - load.since) / 3_600_000] },
    0x20: { type: 'S', values: () => 'Boiler house' },
    // Month after month, the last first: energy and highest power.
    0x30: {
      type: 'F',
      columns: 2,
      values: (time) =>
        Array.from({ length: MONTHS }, (_, ago) => [
          energy(time - ago * MONTH),
          power(load, time - ago * MONTH),
        ]).flat(),
    },
  },
  memory: Uint8Array.from({ length: 1024 }, (_, at) => fromLatin1('INMAT 66 simulated program 1.07 ')[at % 32] ?? 0),
};
