import type { Draft } from '../../mbus/draft.ts';
import { BCD_VALUE } from '../../../common/bcd.ts';
import { readBcd } from '../../mbus/numbers.ts';
import { amount, date, isoDay, littleEndian, words, type Layout } from './layout.ts';

/** B Meters: the module RFM-TX1, and what Hydrodigit adds to its records. */

/** One row for each byte of the counter; which of the sixteen, says the access number (wmbusmeters#101). */
const MASKS = [
  [0x7a, 0x70, 0xb9, 0x79, 0x07, 0x32, 0x9c, 0xb4, 0x0a, 0xf0, 0x16, 0x0c, 0x4a, 0x77, 0xbd, 0x39],
  [0x10, 0x13, 0x0b, 0x07, 0x9a, 0xa1, 0x7e, 0xc4, 0xce, 0x05, 0x98, 0xc9, 0x48, 0x2e, 0x78, 0x6f],
  [0x1a, 0x22, 0x8e, 0x4a, 0xcb, 0x39, 0x60, 0x80, 0x19, 0xa5, 0x11, 0x7d, 0xe4, 0x8a, 0x57, 0x28],
  [0x0a, 0x13, 0x99, 0x16, 0x69, 0x0e, 0x99, 0xa3, 0x03, 0x86, 0x5e, 0xa2, 0x1f, 0xe8, 0x8c, 0x05],
];
const COUNTER = 16;
const CLOCK = 27;
const OWN_MODE = 16;

const rfmTx1: Layout = {
  title: 'B Meters RFM-TX1',
  of: 'telegram',
  fits: ({ meter, header, end }) =>
    meter.maker === 'BMT' && meter.version === 5 && meter.medium === 7 && header.mode === OWN_MODE && end >= CLOCK + 6,
  read({ bytes, header }) {
    const { access } = header;
    const counter = Uint8Array.from(MASKS, (row, n) => (bytes[COUNTER + n] ?? 0) ^ access ^ (row[access & 15] ?? 0));
    const value = readBcd(counter, 0, 4);
    if (typeof value !== 'number') return undefined;
    const [second = 0, minute = 0, hour = 0, day = 0, month = 0, year = 0] = Array.from(
      { length: 6 },
      (_, n) => BCD_VALUE[bytes[CLOCK + n] ?? 0] ?? -1,
    );
    const time = `${hour}:${minute}:${second}`.replaceAll(/\b\d\b/g, '0$&');
    const iso = isoDay(2000 + year, month, day);
    return [
      amount('total', 'Volume', [value, -3], 'm³', [COUNTER, COUNTER + 4]),
      date('clock', 'Date and time', iso === '' ? '' : `${iso}T${time}`, [CLOCK, CLOCK + 6]),
    ];
  },
  example: {
    hex: '44 B409 78563412 0507 7A 05 00 0610 1115 72873D0B 0F1D1E20000000 300410310320',
    says: ['Volume 12.345 m³', 'Date and time 2020-03-31T10:04:30'],
  },
};

const BATTERY = 0x01;
const BACK_FLOW = 0x04;
const MONTHS = 0x10;
const LEAK = 0x80;
/** Of the others it is not known how long they are. */
const KNOWN = BATTERY | BACK_FLOW | MONTHS | LEAK;
const NO_MONTH = 0xffffff;
/** In hundredths of a volt, as far as they have been seen. */
const VOLTAGES = new Map([
  [0x0, 370],
  [0xa, 305],
  [0xb, 320],
]);

const hydrodigit: Layout = {
  title: 'B Meters Hydrodigit',
  of: { record: '0F' },
  fits: ({ meter }) => meter.maker === 'BMT' && [0x13, 0x15, 0x17].includes(meter.version),
  read({ bytes, start, end }) {
    const content = bytes[start] ?? 0;
    const readings: Draft[] = [];
    let at = start + 1;
    const take = (length: number) => (at += length) - length;
    if ((content & BATTERY) !== 0) {
      const from = take(1);
      const step = (bytes[from] ?? 0) & 15;
      const volts = VOLTAGES.get(step);
      const where = [from, from + 1] as const;
      readings.push(
        volts === undefined
          ? words('battery', 'Battery', `step ${step}`, where)
          : amount('battery', 'Battery voltage', [volts, -2], 'V', where),
      );
    }
    if ((content & ~KNOWN) !== 0) return readings;
    if ((content & LEAK) !== 0) {
      const from = take(3);
      const [year = -1, month = -1, day = -1] = [0, 1, 2].map((n) => BCD_VALUE[bytes[from + n] ?? 0] ?? -1);
      readings.push(
        date('leak', 'Date of the leak', year < 0 ? '' : isoDay(2000 + year, month, day), [from, from + 3]),
      );
    }
    if ((content & BACK_FLOW) !== 0) {
      const from = take(4);
      readings.push(
        amount('back flow', 'Volume, backward only', [littleEndian(bytes, from, 4), -3], 'm³', [from, from + 4]),
      );
    }
    if ((content & MONTHS) !== 0) {
      for (const [n, name] of NAMES.entries()) {
        const from = take(3);
        const value = littleEndian(bytes, from, 3);
        const extra = value === NO_MONTH ? { state: 'not available' as const, note: 'none yet' } : {};
        readings.push(
          amount(name, `Volume at the end of ${name}`, [value, -2], 'm³', [from, from + 3], {
            storage: 1 + n,
            ...extra,
          }),
        );
      }
    }
    return at > end ? undefined : readings;
  },
  example: {
    hex: '44 B409 78563412 13 07 7A 9C 00 0000 0C13 64390400 046D 212F1635 0F 05 2A 0F000000',
    says: ['Battery voltage 3.05 V', 'Volume, backward only 0.015 m³'],
  },
};

const NAMES = 'January February March April May June July August September October November December'.split(' ');

export const bMeters: readonly Layout[] = [rfmTx1, hydrodigit];
