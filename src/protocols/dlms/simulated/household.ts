import { fromLatin1 } from '../../../common/bytes.ts';
import { counted, householdHours, METER_ZONE, type Load } from '../../../simulator/load.ts';
import { seedOf } from '../../../simulator/random.ts';
import { energies, power } from '../../../simulator/registers.ts';
import type { Selection } from '../apdu/attribute.ts';
import type { Data } from '../axdr/data.ts';
import { serverAddress } from '../hdlc/address.ts';
import type { MeterSpec, SimulatedObject } from './server.ts';

const load: Load = {
  seed: seedOf('DLMS household'),
  perDay: 11,
  hours: householdHours,
  season: 0.25,
  since: Date.UTC(2021, 4, 1),
  initial: 0,
};
const QUARTER = 900_000;
const ROWS = 96 * 31;
const [WH, W, V] = [30, 27, 35] as const;

const structure = (...items: readonly Data[]): Data => ({ type: 'structure', items });
const octets = (bytes: Uint8Array): Data => ({ type: 'octet-string', bytes });
const name = (...parts: readonly number[]) => Uint8Array.from(parts);

/** Twelve bytes of the meter's own time: UTC+1 all year, an hour behind in the deviation. */
function stamp(time: number): Data {
  const local = new Date(time + METER_ZONE);
  const year = local.getUTCFullYear();
  const weekday = local.getUTCDay() || 7;
  const deviation = [0xff, 0xc4];
  return octets(
    Uint8Array.of(
      year >> 8,
      year & 0xff,
      local.getUTCMonth() + 1,
      local.getUTCDate(),
      weekday,
      local.getUTCHours(),
      local.getUTCMinutes(),
      local.getUTCSeconds(),
      0,
      ...deviation,
      0,
    ),
  );
}

const scalerUnit = (scaler: number, unit: number): Data =>
  structure({ type: 'int8', value: scaler }, { type: 'enum', value: unit });

const register = (code: Uint8Array, value: (time: number) => Data, scaler: number, unit: number): SimulatedObject => ({
  classId: 3,
  version: 0,
  name: code,
  attributes: { 2: value, 3: () => scalerUnit(scaler, unit) },
});

const whole = (value: number): Data => ({ type: 'uint32', value: Math.round(value) });
const total = (time: number) => energies(load, time).total;
const imported = name(1, 0, 1, 8, 0, 255);
const clock = name(0, 0, 1, 0, 0, 255);

/** Rows by their number, from 1 on: null in the clock's column from the second on, a quarter of an hour later each. */
function rows(time: number, from: number, to: number): Data {
  const last = Math.floor(time / QUARTER) * QUARTER;
  const items = Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => {
    const when = last - (ROWS - from - at) * QUARTER;
    return structure(at === 0 ? stamp(when) : { type: 'null' }, whole(1000 * total(when)));
  });
  return { type: 'array', items };
}

/** Wall clock of twelve bytes of the meter's time; the deviation is not looked at. */
function instant(data: Data | undefined): number {
  if (data?.type !== 'octet-string' || data.bytes.length !== 12) return NaN;
  const [high = 0, low = 0, month = 1, day = 1, , hour = 0, minute = 0, second = 0] = data.bytes;
  return Date.UTC(high * 256 + low, month - 1, day, hour, minute, second) - METER_ZONE;
}

/** By range of the clock, ends included, and by number. */
function select(time: number, { selector, parameter }: Selection): Data | undefined {
  const [first, from, to] = parameter.type === 'structure' ? parameter.items : [];
  const last = Math.floor(time / QUARTER) * QUARTER;
  if (selector === 1) {
    const number = (ms: number, round: (value: number) => number) => ROWS - round((last - ms) / QUARTER);
    const [begins, ends] = [number(instant(from), Math.floor), number(instant(to), Math.ceil)];
    return Number.isNaN(begins + ends) ? undefined : rows(time, Math.max(1, begins), Math.min(ROWS, ends));
  }
  if (selector !== 2 || first?.type !== 'uint32' || from?.type !== 'uint32') return undefined;
  return rows(time, Math.max(1, first.value), from.value === 0 ? ROWS : Math.min(ROWS, from.value));
}

const column = (classId: number, code: Uint8Array): Data =>
  structure({ type: 'uint16', value: classId }, octets(code), { type: 'int8', value: 2 }, { type: 'uint16', value: 0 });

/** A household's meter on RS-485, without security. */
export const household: MeterSpec = {
  address: serverAddress(1, 17),
  objects: [
    {
      classId: 1,
      version: 0,
      name: name(0, 0, 42, 0, 0, 255),
      attributes: { 2: () => octets(fromLatin1('OHU0000000081402')) },
    },
    {
      classId: 1,
      version: 0,
      name: name(0, 0, 96, 1, 0, 255),
      attributes: { 2: () => octets(fromLatin1('00081402')) },
    },
    {
      classId: 8,
      version: 0,
      name: clock,
      attributes: { 2: stamp, 3: () => ({ type: 'int16', value: -60 }), 4: () => ({ type: 'uint8', value: 0 }) },
    },
    register(imported, (time) => whole(1000 * total(time)), 0, WH),
    register(name(1, 0, 1, 8, 1, 255), (time) => whole(1000 * (energies(load, time).tariff[0] ?? 0)), 0, WH),
    register(name(1, 0, 1, 8, 2, 255), (time) => whole(1000 * (energies(load, time).tariff[1] ?? 0)), 0, WH),
    register(name(1, 0, 2, 8, 0, 255), () => whole(0), 0, WH),
    register(name(1, 0, 1, 7, 0, 255), (time) => whole(1000 * power(load, time)), 0, W),
    register(
      name(1, 0, 32, 7, 0, 255),
      (time) => ({ type: 'uint16', value: 2300 + Math.round(20 * Math.sin(time / 61_000)) }),
      -1,
      V,
    ),
    {
      classId: 4,
      version: 0,
      name: name(1, 0, 1, 6, 0, 255),
      attributes: {
        2: (time) => whole(3200 + (counted(load, time) % 700)),
        3: () => scalerUnit(0, W),
        4: () => ({ type: 'null' }),
        5: (time) => stamp(Math.floor(time / 86_400_000) * 86_400_000 + 18 * 3_600_000 - 86_400_000),
      },
    },
    {
      classId: 7,
      version: 1,
      name: name(1, 0, 99, 1, 0, 255),
      attributes: {
        2: (time) => rows(time, 1, ROWS),
        3: () => ({ type: 'array', items: [column(8, clock), column(3, imported)] }),
        4: () => ({ type: 'uint32', value: QUARTER / 1000 }),
        // The oldest row first.
        5: () => ({ type: 'enum', value: 1 }),
        7: () => ({ type: 'uint32', value: ROWS }),
        8: () => ({ type: 'uint32', value: ROWS }),
      },
      select,
    },
  ],
};
