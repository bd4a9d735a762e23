import type { Register } from './vif-meaning.ts';

/** C and D of the codes that a register has in one medium group; E is the tariff. */
type Codes = Partial<Record<Register, string>>;

const ELECTRICITY: Codes = {
  energy: '1-0:1.8',
  'energy export': '1-0:2.8',
  'reactive energy': '1-0:3.8',
  'reactive energy export': '1-0:4.8',
  'apparent energy': '1-0:9.8',
  power: '1-0:1.7',
  'power export': '1-0:2.7',
  'reactive power': '1-0:3.7',
  'apparent power': '1-0:9.7',
  frequency: '1-0:14.7',
  voltage: '1-0:12.7',
  'voltage L1': '1-0:32.7',
  'voltage L2': '1-0:52.7',
  'voltage L3': '1-0:72.7',
  current: '1-0:11.7',
  'current L1': '1-0:31.7',
  'current L2': '1-0:51.7',
  'current L3': '1-0:71.7',
};

/** Heat (6) and cooling (5) have the same codes. */
function thermal(group: 5 | 6): Codes {
  return {
    energy: `${group}-0:1.0`,
    volume: `${group}-0:2.0`,
    power: `${group}-0:8.0`,
    'volume flow': `${group}-0:9.0`,
    'flow temperature': `${group}-0:10.0`,
    'return temperature': `${group}-0:11.0`,
    'temperature difference': `${group}-0:12.0`,
  };
}

const HEAT = thermal(6);
const COOLING = thermal(5);
const COLD_WATER: Codes = { volume: '8-0:1.0', 'volume flow': '8-0:2.0' };
const WARM_WATER: Codes = { volume: '9-0:1.0', 'volume flow': '9-0:2.0' };
const GAS: Codes = { volume: '7-0:3.0' };
const HEAT_COST: Codes = { 'heat cost': '4-0:1.0' };

/** EN 13757-1, "A" groups by medium of the header. Media without a group (other, bus …) have no codes. */
const GROUPS: Readonly<Record<number, Codes>> = {
  0x02: ELECTRICITY,
  0x03: GAS,
  0x04: HEAT,
  0x06: WARM_WATER,
  0x07: COLD_WATER,
  0x08: HEAT_COST,
  0x0a: COOLING,
  0x0b: COOLING,
  0x0c: HEAT,
  0x0d: HEAT,
  0x15: WARM_WATER,
  0x16: COLD_WATER,
};

const MOST_TARIFFS = 10;

/** Codes by medium and register, one string for every tariff, made once. */
const CODES: readonly (ReadonlyMap<Register, readonly string[]> | undefined)[] = Array.from(
  { length: 256 },
  (_, medium) => {
    const group = GROUPS[medium];
    if (group === undefined) return undefined;
    const rows = Object.entries(group) as [Register, string][];
    return new Map(
      rows.map(([register, code]) => [
        register,
        Array.from({ length: MOST_TARIFFS }, (_row, tariff) => `${code}.${tariff}`),
      ]),
    );
  },
);

/**
 * Reduced OBIS code "A-B:C.D.E" of a current value of the meter itself (storage 0, subunit 0); undefined where the
 * standard defines none. Storage numbers have no fixed meaning as billing periods, so stored values get no code.
 */
export function obisCode(medium: number, register: Register, tariff: number): string | undefined {
  return CODES[medium]?.get(register)?.[tariff];
}
