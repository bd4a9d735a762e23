import type { Draft } from '../../mbus/draft.ts';
import { AES_KEY, openCbc } from '../aes.ts';
import { amount, bitWords, date, isoDay, littleEndian, words, type Layout, type Own } from './layout.ts';

/** Apator. Facts of wmbusmeters' issues #793 and #1215, and of telegrams. */

const isApator = ({ meter: { maker } }: Own, ...makers: readonly string[]) => makers.includes(maker);

/** 3000 pulses make a cubic meter: thirds of a liter, to a millionth of a cubic meter. */
const thirds = (count: number) => [Math.round((count * 1000) / 3), -6] as const;

const at08: Layout = {
  title: 'Apator AT-WMBUS-08',
  of: 'telegram',
  fits: (own) =>
    isApator(own, 'APT') &&
    own.header.ci === 0xa0 &&
    ((own.meter.version === 3 && own.meter.medium === 3) || (own.meter.version === 15 && own.meter.medium === 15)) &&
    own.end - own.start >= 4,
  read: ({ bytes, start }) => [
    amount('total', 'Volume', thirds(littleEndian(bytes, start, 4)), 'm³', [start, start + 4]),
  ],
  example: { hex: '44 1486 78563412 03 03 A0 D2 04 00 00', says: ['Volume 0.411333 m³'] },
};

const at172: Layout = {
  title: 'Apator AT-WMBUS-17-2',
  of: 'telegram',
  fits: (own) =>
    isApator(own, 'APT') &&
    own.header.ci === 0xa0 &&
    own.meter.version === 4 &&
    own.meter.medium === 17 &&
    own.end - own.start >= 4,
  read: ({ bytes, start }) => [
    amount('total', 'Volume', thirds(littleEndian(bytes, start, 4)), 'm³', [start, start + 4], {
      state: 'unchecked',
      note: 'it is not known for sure that it counts liters',
    }),
  ],
  example: { hex: '44 1486 78563412 04 11 A0 D2 04 00 00', says: ['Volume 0.411333 m³'] },
};

/** Lengths of the items of a 16-2 behind their tags. */
const ITEMS = new Map<number, number>([
  [0x00, 4],
  [0x01, 3],
  [0x10, 4],
  [0x11, 2],
  [0x40, 6],
  [0x41, 2],
  [0x42, 4],
  [0x43, 2],
  [0x44, 3],
  ...Array.from({ length: 12 }, (_, n): [number, number] => [0x71 + n, 1 + 4 * (2 + n)]),
  ...[0x80, 0x81, 0x82, 0x83, 0x84, 0x86, 0x87].map((tag): [number, number] => [tag, 10]),
  ...[0x85, 0x88, 0x8f].map((tag): [number, number] => [tag, 11]),
  [0x8a, 9],
  [0x8b, 6],
  [0x8c, 6],
  [0x8e, 7],
  ...[0xa0, 0xa1, 0xa4].map((tag): [number, number] => [tag, 4]),
  ...[0xa2, 0xa5, 0xa9, 0xaf].map((tag): [number, number] => [tag, 1]),
  [0xa3, 7],
  [0xa6, 3],
  ...[0xa7, 0xa8, 0xaa, 0xab, 0xac, 0xad].map((tag): [number, number] => [tag, 2]),
  [0xb0, 5],
  [0xb1, 8],
  [0xb2, 16],
  [0xb3, 8],
  [0xb4, 2],
  [0xb5, 16],
  ...Array.from({ length: 18 }, (_, n): [number, number] => [0xb6 + n, 3]),
  [0xd0, 3],
  [0xd3, 3],
  [0xf0, 4],
]);

const TOTAL = 0x10;
const END = 0xff;
const STATE_BYTES = 7;

const at162: Layout = {
  title: 'Apator AT-WMBUS-16-2',
  of: { record: '0F' },
  fits: (own) => isApator(own, 'APA') && own.meter.version === 5 && (own.meter.medium === 6 || own.meter.medium === 7),
  read({ bytes, start, end }) {
    for (let at = start + STATE_BYTES; at < end && bytes[at] !== END;) {
      const tag = bytes[at] ?? END;
      const length = ITEMS.get(tag);
      if (length === undefined || at + 1 + length > end) return undefined;
      if (tag === TOTAL) return [amount('10', 'Volume', [littleEndian(bytes, at + 1, 4), -3], 'm³', [at + 1, at + 5])];
      at += 1 + length;
    }
    return undefined;
  },
  example: {
    hex: '44 0106 78563412 05 07 7A 9A 00 6005 2F2F 0F 0A734393CC0000 43 5B01 10 39300000 FF',
    says: ['Volume 12.345 m³'],
  },
};

const MARKER = 0xa0;

/** With five bits for the year. */
function seasonDay(word: number): string {
  return isoDay(2000 + ((word >> 9) & 31), (word >> 5) & 15, word & 31);
}

const eitn: Layout = {
  title: 'Apator E.ITN 30',
  of: 'telegram',
  fits: (own) =>
    isApator(own, 'APA', 'APT') &&
    own.meter.version === 4 &&
    own.meter.medium === 8 &&
    (own.header.ci === 0xb6 || own.header.ci === MARKER),
  read({ bytes, header, start, end }) {
    const q = header.ci === MARKER ? header.ciAt : start + 1 + (bytes[start] ?? 0);
    if (bytes[q] !== MARKER || q + 16 > end) return undefined;
    const quantity = 'Heat cost allocation';
    const word = (at: number) => littleEndian(bytes, q + at, 2);
    const at = (from: number) => [q + from, q + from + 2] as const;
    const sealBroken = word(6);
    // In 256ths of a degree.
    const temperature = (from: number) => [word(from) * 390_625, -8] as const;
    const readings: Draft[] = [
      amount('q8', quantity, [word(8), 0], 'HCA', at(8)),
      amount('q4', `${quantity} of the last period`, [word(4), 0], 'HCA', at(4), { storage: 1 }),
      date('q10', 'Date', seasonDay(word(10)), at(10)),
      date('q0', 'Begin of the season', seasonDay((MARKER << 8) | (bytes[q + 1] ?? 0)), at(0)),
      amount('q14', 'Average room temperature', temperature(14), '°C', at(14)),
      amount('q12', 'Average room temperature', temperature(12), '°C', at(12), { storage: 1 }),
    ];
    if (sealBroken !== 0) readings.push(date('q6', 'Seal broken', seasonDay(sealBroken), at(6), { kind: 'error' }));
    return readings;
  },
  example: {
    hex: '44 1486 78563412 04 08 B6 02 FFFF A0A1 0000 7B00 0000 2D00 1F2D 0016 8019',
    says: [
      'Heat cost allocation 45 HCA',
      'Heat cost allocation of the last period 123 HCA',
      'Date 2022-08-31',
      'Begin of the season 2016-05-01',
    ],
  },
};

const NA1_STATES = [
  [0x80, 'low flow'],
  [0x40, 'high flow'],
  [0x20, 'reverse flow'],
  [0x10, 'no change'],
  [0x08, 'leak'],
  [0x04, 'disconnected'],
  [0x02, 'magnet'],
  [0x01, 'battery'],
] as const;

const SINCE_2000 = Date.UTC(2000, 0, 1);
const isoTime = (seconds: number) => new Date(SINCE_2000 + 1000 * seconds).toISOString().slice(0, 16);

const na1: Layout = {
  title: 'Apator NA-1',
  of: 'telegram',
  fits: (own) =>
    isApator(own, 'APA') &&
    own.meter.version === 0x14 &&
    own.meter.medium === 7 &&
    (own.header.ci === 0xa0 || own.header.ci === 0xa1) &&
    own.end - own.start >= 18,
  read({ bytes, start, keys }) {
    const iv = new Uint8Array(16).fill(bytes[start] ?? 0);
    iv.set(bytes.subarray(1, 9));
    // They leave the factory with a key of zeros.
    const all = [...keys.filter((key) => key.length === AES_KEY), new Uint8Array(AES_KEY)];
    const sealed = bytes.slice(start + 2, start + 18);
    const plain = all.map((key) => openCbc(key, iv, sealed)).find(([first]) => first === 0x2f);
    if (plain === undefined) return undefined;
    const [, d1 = 0, , , , , , , , d9 = 0, d10 = 0, d11 = 0, d12 = 0, d13 = 0, d14 = 0, d15 = 0] = plain;
    const power = ((d1 >> 4) & 3) - 3;
    const total = Math.floor(littleEndian(plain, 1, 4) / 256) * 16 + (d1 & 15);
    const difference = d13 * 2 ** 18 + d12 * 2 ** 10 + d11 * 4 + (d10 & 3);
    const now = littleEndian(plain, 5, 4);
    const hours = d9 + (d10 >> 2) * 256;
    const at = (from: number, to: number) => [start + 2 + from, start + 2 + to] as const;
    const then = isoTime(now - 3600 * hours);
    return [
      amount('d1', 'Volume', [total, power], 'm³', at(1, 5)),
      date('d5', 'Date and time', isoTime(now), at(5, 9)),
      amount('d10', 'Volume', [total - difference, power], 'm³', at(9, 14), { storage: 1, iso: then }),
      amount('d9', 'Age of the stored value', [hours, 0], 'h', at(9, 11)),
      words('d14', 'Status', bitWords(d14, NA1_STATES), at(14, 15), { kind: d14 === 0 ? 'instantaneous' : 'error' }),
      words('d15', 'Status when the value was stored', bitWords(d15, NA1_STATES), at(15, 16), { storage: 1 }),
    ];
  },
  example: {
    hex: '44 0106 78563412 1407 A0 2A20 EBC72A8B912819D5CCF227E9413E9E2A',
    says: [
      'Volume 12.345 m³',
      'Date and time 2026-12-04T16:27',
      'Volume 8.345 m³',
      'Age of the stored value 72 h',
      'Status leak',
    ],
  },
};

export const apator: readonly Layout[] = [at08, at172, at162, eitn, na1];
