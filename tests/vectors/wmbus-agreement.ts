import { fromHex, toHex } from '../../src/common/bytes.ts';
import { decimalToNumber } from '../../src/common/decimal.ts';
import type { Reading } from '../../src/common/reading.ts';
import { decodeRadio } from '../../src/protocols/wmbus/decode.ts';
import { readFrame } from '../../src/protocols/wmbus/frame.ts';

/** How far what a driver of others makes of a telegram is among what ours makes of it: by values, not by names. */

export interface DriverRow {
  readonly driver: string;
  readonly id: string;
  readonly bus: string;
  readonly hex: string;
  readonly key?: string;
  readonly expected: Readonly<Record<string, unknown>>;
}

export interface Agreement {
  readonly asked: number;
  readonly missing: readonly string[];
}

/** Every telegram in the bytes: some tests of others send two, one behind the other. */
export function readingsOf(hex: string, key?: string): readonly Reading[] {
  const keys = key === undefined ? [] : [fromHex(key) ?? new Uint8Array(0)];
  const readings: Reading[] = [];
  let bytes = fromHex(hex) ?? new Uint8Array(0);
  for (let frame = readFrame(bytes); frame; frame = readFrame(bytes)) {
    readings.push(...decodeRadio({ identification: '', data: toHex(frame.body) }, { keys }));
    bytes = frame.behind;
  }
  return readings;
}

/** By the end of a field's name: what one of our units is in it. */
const UNITS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  kwh: { Wh: 1e-3, kWh: 1, MWh: 1e3, J: 1 / 3.6e6, MJ: 1 / 3.6, GJ: 1 / 3.6e-3 },
  mj: { MJ: 1, GJ: 1e3, J: 1e-6 },
  gj: { GJ: 1, MJ: 1e-3 },
  m3: { 'm³': 1, l: 1e-3 },
  l: { 'm³': 1e3, l: 1 },
  m3h: { 'm³/h': 1, 'm³/min': 60, 'm³/s': 3600 },
  lh: { 'm³/h': 1e3 },
  kw: { W: 1e-3, kW: 1, MW: 1e3, 'J/h': 1 / 3.6e6, 'GJ/h': 1 / 3.6e-3 },
  c: { '°C': 1, K: 1 },
  h: { s: 1 / 3600, min: 1 / 60, h: 1, d: 24 },
  s: { s: 1, min: 60, h: 3600, d: 86_400 },
  d: { d: 1, h: 1 / 24, s: 1 / 86_400 },
  y: { d: 1 / 365.2425, year: 1 },
  v: { V: 1, mV: 1e-3 },
  a: { A: 1, mA: 1e-3 },
  rh: { '%': 1, '%RH': 1 },
  bar: { bar: 1 },
  hz: { Hz: 1 },
  kvarh: { kvarh: 1 },
  kvah: { kVAh: 1 },
  kvar: { kvar: 1, var: 1e-3 },
  kva: { kVA: 1, VA: 1e-3 },
  pct: { '%': 1, '': 1 },
  ppm: { ppm: 1, '': 1 },
};

const IGNORED = new Set(['_', 'media', 'meter', 'name', 'id', 'timestamp', 'device', 'rssi_dbm']);

function fits(name: string, wanted: unknown, reading: Reading): boolean {
  const { value, unit } = reading;
  if (typeof wanted === 'string') {
    const iso = value.type === 'time' ? value.time.iso : (reading.time?.iso ?? '');
    if (iso !== '' && iso.startsWith(wanted.replace(' ', 'T'))) return true;
    return reading.time !== undefined && reading.time.iso.startsWith(wanted.replace(' ', 'T'));
  }
  if (value.type !== 'number' || typeof wanted !== 'number') return false;
  const factors = UNITS[name.slice(name.lastIndexOf('_') + 1)];
  const factor = factors === undefined ? 1 : factors[unit];
  if (factor === undefined) return false;
  const have = decimalToNumber(value.decimal) * factor;
  return Math.abs(have - wanted) <= Math.max(1e-6, Math.abs(wanted) * 1e-6);
}

const isDate = (text: string) => /^\d{4}-\d\d(-\d\d)?/.test(text);

/** Numbers and dates; words of a driver's own are no part of what a telegram says. */
export function agreementOf(row: DriverRow): Agreement {
  const readings = readingsOf(row.hex, row.key);
  const asked = Object.entries(row.expected).filter(
    ([name, wanted]) =>
      !IGNORED.has(name) && (typeof wanted === 'number' || (typeof wanted === 'string' && isDate(wanted))),
  );
  const missing = asked.filter(([name, wanted]) => !readings.some((reading) => fits(name, wanted, reading)));
  return { asked: asked.length, missing: missing.map(([name, wanted]) => `${name} ${String(wanted)}`) };
}
