import { concatBytes } from '../../../common/bytes.ts';
import { householdHours, heatingHours, waterHours, counted, rate } from '../../../simulator/load.ts';
import type { Load } from '../../../simulator/load.ts';
import { bcdRecord, dateRecord, dateTimeRecord, integerRecord, textRecord } from './records.ts';
import type { MbusMeterSpec } from './slave.ts';
import { seedOf } from '../../../simulator/random.ts';
import {
  current,
  energies,
  hoursSince,
  monthStart,
  monthlyMaximum,
  power,
  voltage,
} from '../../../simulator/registers.ts';

/** All numbers are invented; each stands for the way a kind of meter speaks. */

function load(identification: string, perDay: number, hours: Load['hours'], season: number, year: number): Load {
  return { seed: seedOf(identification), perDay, hours, season, since: Date.UTC(year, 4, 11, 9), initial: 0 };
}

/** The due date of most billing: the last first of January. */
function yearStart(time: number): number {
  const date = new Date(time);
  return monthStart(time, date.getUTCMonth());
}

const HEAT_NUMBER = '00770041';
const heatLoad = load(HEAT_NUMBER, 38, heatingHours, 0.85, 2019);
/** Energy in kWh, volume in l, flow and return temperatures, fifteen months back: one telegram. */
const heat: MbusMeterSpec = {
  identification: HEAT_NUMBER,
  manufacturer: 'LUG',
  version: 7,
  medium: 0x04,
  primaryAddress: 1,
  fabrication: '00770041',
  telegrams: (time) => {
    const litersPerKwh = 24;
    const flow = 68 + 6 * Math.sin(time / 7e6);
    const back = 41 + 3 * Math.sin(time / 9e6);
    return [
      concatBytes(
        bcdRecord([0x06], counted(heatLoad, time)),
        bcdRecord([0x13], counted(heatLoad, time) * litersPerKwh),
        bcdRecord([0x2d], power(heatLoad, time) * 10, {}, 6),
        bcdRecord([0x3b], rate(heatLoad, time) * litersPerKwh, {}, 6),
        bcdRecord([0x5a], flow * 10, {}, 4),
        bcdRecord([0x5e], back * 10, {}, 4),
        bcdRecord([0x61], (flow - back) * 100, {}, 6),
        bcdRecord([0x23], hoursSince(heatLoad, time) / 24, {}, 4),
        dateTimeRecord(time),
        bcdRecord([0x06], counted(heatLoad, yearStart(time)), { storage: 1 }),
        dateRecord(yearStart(time), { storage: 1 }),
        bcdRecord([0x2d], monthlyMaximum(heatLoad, time).rate * 10, { function: 1 }, 6),
      ),
    ];
  },
};

function waterRecords(volume: Load, time: number): Uint8Array {
  return concatBytes(
    bcdRecord([0x13], counted(volume, time) * 1000),
    bcdRecord([0x3b], rate(volume, time) * 1000, {}, 6),
    dateTimeRecord(time),
    bcdRecord([0x13], counted(volume, yearStart(time)) * 1000, { storage: 1 }),
    dateRecord(yearStart(time), { storage: 1 }),
    integerRecord([0xfd, 0x17], 0, 2),
  );
}

function water(identification: string, manufacturer: string, version: number, primaryAddress: number): MbusMeterSpec {
  const volume = load(identification + manufacturer, 0.31, waterHours, -0.1, 2021);
  return {
    identification,
    manufacturer,
    version,
    medium: 0x07,
    primaryAddress,
    telegrams: (time) => [waterRecords(volume, time)],
  };
}

const ELECTRICITY_NUMBER = '10230017';
const supply = load(ELECTRICITY_NUMBER, 9.4, householdHours, 0.25, 2020);
/** Three telegrams: energies and power, phases, months. */
const electricity: MbusMeterSpec = {
  identification: ELECTRICITY_NUMBER,
  manufacturer: 'EMH',
  version: 0x21,
  medium: 0x02,
  primaryAddress: 5,
  telegrams: (time) => {
    const { total, tariff } = energies(supply, time);
    const phases = [0, 1, 2].flatMap((phase) => {
      const place = { subunit: phase + 1 };
      return [
        integerRecord([0xfd, 0x48], voltage(supply.seed, phase, time) * 10, 2, place),
        integerRecord([0xfd, 0x59], current(supply, phase, time) * 1000, 4, place),
      ];
    });
    const months = Array.from({ length: 12 }, (_, ago) => {
      const place = { storage: ago + 1 };
      const due = monthStart(time, ago);
      return concatBytes(bcdRecord([0x03], counted(supply, due) * 1000, place), dateRecord(due, place));
    });
    return [
      concatBytes(
        textRecord([0xfd, 0x11], 'OHU-TEST'),
        bcdRecord([0x03], total * 1000, {}, 12),
        ...tariff.map((value, index) => bcdRecord([0x03], value * 1000, { tariff: index + 1 }, 12)),
        integerRecord([0x2b], power(supply, time) * 1000, 4),
        dateTimeRecord(time),
      ),
      concatBytes(...phases),
      concatBytes(...months),
    ];
  },
};

const GAS_NUMBER = '20450088';
const gasLoad = load(GAS_NUMBER, 5.1, heatingHours, 0.85, 2016);
const gas: MbusMeterSpec = {
  identification: GAS_NUMBER,
  manufacturer: 'ELS',
  version: 0x10,
  medium: 0x03,
  primaryAddress: 12,
  telegrams: (time) => [
    concatBytes(
      bcdRecord([0x14], counted(gasLoad, time) * 100),
      dateTimeRecord(time),
      integerRecord([0xfd, 0x17], 0, 2),
    ),
  ],
};

const ALLOCATOR_NUMBER = '30001200';
const units = load(ALLOCATOR_NUMBER, 6, heatingHours, 0.9, 2022);
/** Never given an address: 0, as delivered. */
const allocator: MbusMeterSpec = {
  identification: ALLOCATOR_NUMBER,
  manufacturer: 'QDS',
  version: 0x34,
  medium: 0x08,
  primaryAddress: 0,
  telegrams: (time) => [
    concatBytes(
      bcdRecord([0x6e], counted(units, time), {}, 6),
      bcdRecord([0x6e], counted(units, yearStart(time)), { storage: 1 }, 6),
      dateRecord(yearStart(time), { storage: 1 }),
    ),
  ],
};

/** Two meters that two manufacturers gave the same number, at the same primary address even. */
const twins = [water('40404040', 'SEN', 0x0c, 20), water('40404040', 'ZRI', 0x81, 20)];

/** Two of the meters have the same number and differ in the manufacturer only; the electricity meter sends three telegrams. */
export const house = [heat, water('55500047', 'HYD', 0x2a, 3), electricity, gas, allocator, ...twins] as const;

/** The least there is to an M-Bus readout: link reset, request, one telegram. */
export const single = [water('55500063', 'SEN', 0x0c, 1)] as const;

const POWER_NUMBER = '10630220';
const powerLoad = load(POWER_NUMBER, 21, householdHours, 0.1, 2023);
/** Tells energies when it is asked, and what is present only to a control frame of its maker's. */
export const present = [
  {
    identification: POWER_NUMBER,
    manufacturer: 'OHU',
    version: 1,
    medium: 0x02,
    primaryAddress: 1,
    own: {
      controlInformation: 0xb1,
      records: (time) =>
        concatBytes(
          integerRecord([0xfd, 0x48], voltage(powerLoad.seed, 0, time) * 10, 2),
          integerRecord([0xfd, 0x59], current(powerLoad, 0, time) * 1000, 4),
          integerRecord([0x2b], power(powerLoad, time) * 1000, 4),
        ),
    },
    telegrams: (time) => [bcdRecord([0x03], counted(powerLoad, time) * 1000, {}, 12)],
  },
] as const satisfies readonly MbusMeterSpec[];

/** A heat meter on a battery, which is read with an optical head and hears nothing before it was woken. */
export const sleeping = [
  { ...heat, identification: '00770063', fabrication: '00770063', primaryAddress: 0, sleeps: true },
] as const satisfies readonly MbusMeterSpec[];
