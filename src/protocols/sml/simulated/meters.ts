import { counted, householdHours, sunHours, type Load } from '../../../simulator/load.ts';
import { power, voltage } from '../../../simulator/registers.ts';
import { absent, list, message, octets, signed, text, transmission, unsigned } from './writer.ts';

/** All numbers are invented. */
export interface SmlMeterSpec {
  /** The ten bytes of its number. */
  readonly id: Uint8Array;
  readonly maker: string;
  readonly everyMs: number;
  /** Of each that many the optics lose a byte. */
  readonly losesOneIn?: number;
  entries(own: Pick<SmlMeterSpec, 'id' | 'maker'>, time: number): readonly Uint8Array[];
}

const OPEN = 0x0101;
const LIST = 0x0701;
const CLOSE = 0x0201;
const [WATT, VOLT, WATT_HOUR] = [27, 35, 30];
const IN_SERVICE = Date.UTC(2023, 3, 4, 8);
const SECOND = 1000;

/** What it says at a wall clock time. */
export function transmissionAt({ id, maker, entries }: SmlMeterSpec, time: number): Uint8Array {
  const seconds = Math.floor((time - IN_SERVICE) / SECOND);
  const sensor = list(unsigned(1, 1), unsigned(seconds, 4));
  const listName = octets(Uint8Array.of(1, 0, 0x62, 0x0a, 0xff, 0xff));
  const open = list(absent, absent, octets(Uint8Array.of(0, 1)), octets(id), sensor, absent);
  const values = list(absent, octets(id), listName, sensor, list(...entries({ id, maker }, time)), absent, absent);
  const first = (seconds * 3) & 0xffffff;
  return transmission([
    message(first, OPEN, open),
    message(first + 1, LIST, values),
    message(first + 2, CLOSE, list(absent)),
  ]);
}

const name = (c: number, d: number, e: number, f = 255) => octets(Uint8Array.of(1, 0, c, d, e, f));

function entry(
  code: Uint8Array,
  value: Uint8Array,
  more: { readonly status?: Uint8Array; readonly unit?: number; readonly scaler?: number } = {},
): Uint8Array {
  const { status = absent, unit, scaler } = more;
  const [unitPart, scalerPart] = [
    unit === undefined ? absent : unsigned(unit, 1),
    scaler === undefined ? absent : signed(scaler, 1),
  ];
  return list(code, status, absent, unitPart, scalerPart, value, absent);
}

const idOf = (maker: string, number: number) =>
  Uint8Array.of(0x0a, 1, ...[...maker].map((letter) => letter.charCodeAt(0)), 0, ...bytesOf(number));
const bytesOf = (number: number) => [24, 16, 8, 0].map((shift) => (number >> shift) & 0xff);

const plate = (id: Uint8Array, maker: string) => [
  entry(name(96, 50, 1, 1), text(maker)),
  entry(name(96, 1, 0), octets(id)),
];

function household(seed: number, perDay: number): Load {
  return { seed, perDay, hours: householdHours, season: 0.3, since: IN_SERVICE, initial: 0 };
}
const roof = (seed: number, perDay: number): Load => ({ ...household(seed, perDay), hours: sunHours, season: -0.7 });

const KILO = 1000;
const tenths = (kwh: number) => Math.floor(kwh * KILO * 10);
/** Import is what the house takes beyond what the roof gives; neither load knows the other. */
const SHARES = [0.45, 0.32, 0.23];

/** Three phases, power with a sign, a solar roof. */
export const solarHouse: SmlMeterSpec = {
  id: idOf('OHU', 10_020_030),
  maker: 'OHU',
  everyMs: 1000,
  entries({ id, maker }, time) {
    const [taken, given] = [household(411, 7.9), roof(412, 9.4)];
    const watts = Math.round((power(taken, time) - power(given, time)) * KILO);
    const isExport = watts < 0;
    const status = unsigned(0x1c0004 | (isExport ? 0x7800 : 0), 4);
    return [
      ...plate(id, maker),
      entry(name(1, 8, 0), unsigned(tenths(counted(taken, time)), 5), { status, unit: WATT_HOUR, scaler: -1 }),
      entry(name(2, 8, 0), unsigned(tenths(counted(given, time)), 5), { unit: WATT_HOUR, scaler: -1 }),
      entry(name(16, 7, 0), signed(watts), { unit: WATT, scaler: 0 }),
      ...SHARES.map((share, phase) =>
        entry(name(36 + 20 * phase, 7, 0), signed(Math.round(watts * share)), { unit: WATT, scaler: 0 }),
      ),
      ...SHARES.map((_, phase) =>
        entry(name(32 + 20 * phase, 7, 0), unsigned(Math.round(voltage(411, phase, time) * 10), 2), {
          unit: VOLT,
          scaler: -1,
        }),
      ),
    ];
  },
};

/** Nobody has entered its PIN: whole kilowatt hours, no power. */
export const lockedFlat: SmlMeterSpec = {
  id: idOf('OHU', 10_020_047),
  maker: 'OHU',
  everyMs: 2000,
  entries({ id, maker }, time) {
    const kwh = Math.floor(counted(household(421, 5.2), time));
    const status = unsigned(0x040004, 3);
    return [...plate(id, maker), entry(name(1, 8, 0), unsigned(kwh, 4), { status, unit: WATT_HOUR, scaler: 3 })];
  },
};

/** An older one with power without a sign, and a head that sits askew. */
export const oldCellar: SmlMeterSpec = {
  id: idOf('OHU', 10_020_051),
  maker: 'OHU',
  everyMs: 4000,
  losesOneIn: 3,
  entries({ id, maker }, time) {
    const load = household(431, 11.3);
    const status = unsigned(0x0182, 2);
    return [
      entry(octets(Uint8Array.of(0x81, 0x81, 0xc7, 0x82, 3, 0xff)), text(maker)),
      entry(name(0, 0, 9), octets(id)),
      entry(name(1, 8, 0), unsigned(tenths(counted(load, time)), 5), { status, unit: WATT_HOUR, scaler: -1 }),
      entry(name(15, 7, 0), signed(Math.round(power(load, time) * KILO * 10), 4), { unit: WATT, scaler: -1 }),
    ];
  },
};
