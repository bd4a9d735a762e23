import type { Draft } from '../../mbus/draft.ts';
import { amount, date, isoDay, littleEndian, words, type Layout, type Own } from './layout.ts';

/** Techem: nothing is enciphered, nothing is as the standard has it. `p` is what stands behind the CI field. */

const isTechem = ({ meter: { maker }, header: { ci } }: Own) => maker === 'TCH' && ci >= 0xa0 && ci <= 0xa2;

const isOne = (own: Own, versions: readonly number[], media: readonly number[], least: number) =>
  isTechem(own) &&
  versions.includes(own.meter.version) &&
  media.includes(own.meter.medium) &&
  own.end - own.start >= least;

/** Day, month and year since 2000 in sixteen bits. */
function day(bytes: Uint8Array, at: number): string {
  const word = littleEndian(bytes, at, 2);
  return isoDay(2000 + ((word >> 9) & 0x7f), (word >> 5) & 15, word & 31);
}

/** Day and month only: the first such day behind the billing day. */
function dayBehind(bytes: Uint8Array, at: number, billing: string): string {
  const word = littleEndian(bytes, at, 2);
  const [month, dayOfMonth] = [(word >> 9) & 15, (word >> 4) & 31];
  const year = Number(billing.slice(0, 4));
  if (billing === '') return '';
  const same = isoDay(year, month, dayOfMonth);
  return same > billing ? same : isoDay(year + 1, month, dayOfMonth);
}

interface Periods {
  readonly quantity: string;
  readonly unit: string;
  readonly exponent: number;
  readonly length: 2 | 3;
  /** Where the figures of the last and of this period begin in `p`. */
  readonly last: number;
  readonly current: number;
}

/** The last period and this one, and what they come to. */
function periods(
  { bytes, start }: Own,
  { quantity, unit, exponent, length, last, current }: Periods,
): readonly Draft[] {
  const read = (at: number) => littleEndian(bytes, start + at, length);
  const at = (from: number) => [start + from, start + from + length] as const;
  const billing = day(bytes, start + 1);
  const hasDates = length === 2;
  const iso = hasDates ? billing : undefined;
  return [
    amount('total', quantity, [read(last) + read(current), exponent], unit, [start + last, start + current + length], {
      note: 'both periods together',
    }),
    amount('current', `${quantity} of this period`, [read(current), exponent], unit, at(current)),
    amount('last', `${quantity} of the last period`, [read(last), exponent], unit, at(last), { storage: 1, iso }),
    ...(hasDates
      ? [
          date('last date', 'End of the last period', billing, [start + 1, start + 3], { storage: 1 }),
          date('now', 'Date', dayBehind(bytes, start + 5, billing), [start + 5, start + 7]),
        ]
      : []),
  ];
}

const WATER: Periods = { quantity: 'Volume', unit: 'm³', exponent: -1, length: 2, last: 3, current: 7 };

const mkRadio3: Layout = {
  title: 'Techem MK Radio 3 and 4',
  of: 'telegram',
  fits: (own) => isOne(own, [0x74, 0x70, 0x95, 0x52], [0x62, 0x72], 9),
  read: (own) => periods(own, WATER),
  example: {
    hex: '44 6850 78563412 74 62 A2 06 9F27 7B00 6010 2D00 0000',
    says: ['Volume 16.8 m³', 'Volume of this period 4.5 m³', 'Volume of the last period 12.3 m³', 'Date 2020-08-06'],
  },
};

const mkRadio3a: Layout = {
  title: 'Techem MK Radio 3a',
  of: 'telegram',
  fits: (own) => isOne(own, [0x50], [0x72], 11),
  read({ bytes, start, end }) {
    const today = day(bytes, start + 2);
    const readings: Draft[] = [
      amount('total', 'Volume', [littleEndian(bytes, start + 4, 3), -1], 'm³', [start + 4, start + 7]),
      date('now', 'Date', today, [start + 2, start + 4]),
    ];
    const [year = 0, month = 0] = today.split('-').map(Number);
    for (let n = 1, at = start + 8; at + 2 <= end && today !== ''; n++, at += 3) {
      const halves = (bytes[at] ?? 0) + (bytes[at + 1] ?? 0);
      // The first is the month that is not over yet.
      const iso = n === 1 ? today : new Date(Date.UTC(year, month - n + 1, 0)).toISOString().slice(0, 10);
      readings.push(amount(`month ${n}`, 'Volume of the month', [halves, -1], 'm³', [at, at + 2], { storage: n, iso }));
    }
    return readings;
  },
  example: {
    hex: '44 6850 78563412 50 72 A2 0C00 7C31 102700 00 2934 00 373A 00',
    says: ['Volume 1000.0 m³', 'Date 2024-11-28', 'Volume of the month 9.3 m³', 'Volume of the month 11.3 m³'],
  },
};

const allocator: Layout = {
  title: 'Techem FHKV data',
  of: 'telegram',
  fits: (own) => isOne(own, [0x61, 0x64, 0x69, 0x94], [0x80], 13),
  read(own) {
    const { bytes, start, meter } = own;
    const figures = {
      quantity: 'Heat cost allocation',
      unit: 'HCA',
      exponent: 0,
      length: 2,
      last: 3,
      current: 7,
    } as const;
    const [, ...readings] = periods(own, figures);
    if (meter.version === 0x61 || meter.version === 0x64) return readings;
    const shift = (bytes[start] ?? 0) === 0x0f ? 1 : 0;
    const temperature = (label: string, quantity: string, at: number) =>
      amount(label, quantity, [littleEndian(bytes, at, 2), -2], '°C', [at, at + 2]);
    return [
      ...readings,
      temperature('room', 'Room temperature', start + 9 + shift),
      temperature('radiator', 'Radiator temperature', start + 11 + shift),
    ];
  },
  example: {
    hex: '44 6850 78563412 69 80 A0 11 9F27 F401 8004 7B00 C408 F709 00',
    says: [
      'Heat cost allocation of this period 123 HCA',
      'Heat cost allocation of the last period 500 HCA',
      'Room temperature 22.44 °C',
      'Radiator temperature 25.51 °C',
    ],
  },
};

const vario451: Layout = {
  title: 'Techem Vario 4.5.1',
  of: 'telegram',
  fits: (own) => isOne(own, [0x27], [0x04, 0xc3], 9),
  read: (own) => periods(own, { quantity: 'Energy', unit: 'GJ', exponent: -3, length: 2, last: 3, current: 7 }),
  example: {
    hex: '44 6850 78563412 27 C3 A2 12 9F25 E803 0086 F401',
    says: ['Energy 1.500 GJ', 'Energy of this period 0.500 GJ', 'Energy of the last period 1.000 GJ'],
  },
};

const compactV: Layout = {
  title: 'Techem Compact V',
  of: 'telegram',
  fits: (own) => isOne(own, [0x45, 0x22, 0x39], [0x43, 0x04, 0xc3], 10),
  read: (own) => periods(own, { quantity: 'Energy', unit: 'kWh', exponent: 0, length: 3, last: 3, current: 7 }),
  example: {
    hex: '44 6850 78563412 45 43 A1 00 9F27 102700 60 780000 00',
    says: ['Energy 10120 kWh', 'Energy of this period 120 kWh', 'Energy of the last period 10000 kWh'],
  },
};

const smoke: Layout = {
  title: 'Techem TSD2',
  of: 'telegram',
  fits: (own) => isOne(own, [0x76], [0xf0], 3),
  read({ bytes, start }) {
    const state = bytes[start] ?? 0;
    const known = ['OK', 'smoke'][state];
    const text = known ?? `state ${state.toString(16).padStart(2, '0').toUpperCase()}`;
    return [
      words('state', 'Smoke alarm', text, [start, start + 1], { kind: state === 0 ? 'instantaneous' : 'error' }),
      date('date', 'Date', day(bytes, start + 1), [start + 1, start + 3]),
    ];
  },
  example: { hex: '44 6850 78563412 76 F0 A0 01 9F27 00', says: ['Smoke alarm smoke', 'Date 2019-12-31'] },
};

export const techem: readonly Layout[] = [mkRadio3, mkRadio3a, allocator, vario451, compactV, smoke];
