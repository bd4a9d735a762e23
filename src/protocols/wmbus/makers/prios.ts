import type { Draft } from '../../mbus/draft.ts';
import { isPacked } from '../identity.ts';
import { amount, bitWords, date, dateG, littleEndian, words, type Layout, type Own } from './layout.ts';

/**
 * Diehl and Sappel PRIOS (IZAR): enciphered by name only, with one of two keys that all meters have. A shift register of 32
 * bits, begun with the address, gives the bytes; the first one must be 4B (wmbusmeters, "izar").
 */
const MAKERS = new Set(['DME', 'EWT', 'HYD', 'SAP', 'SPL']);
const KEYS = [0xdfd109e8, 0xb71f0ae8];
const FIRST = 0x4b;
const FROM = 14;

const bigEndian = (bytes: Uint8Array, at: number) =>
  (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0;

/** What stands behind `FROM`; undefined where neither key opens it. */
function deciphered(bytes: Uint8Array, end: number): Uint8Array | undefined {
  const address = bigEndian(bytes, 1) ^ bigEndian(bytes, 5) ^ bigEndian(bytes, 9);
  for (const key of KEYS) {
    let state = (address ^ key) >>> 0;
    const plain = bytes.slice(FROM, end).map((byte) => {
      for (let n = 0; n < 8; n++) {
        const bit = ((state >>> 1) ^ (state >>> 2) ^ (state >>> 11) ^ (state >>> 31)) & 1;
        state = ((state << 1) | bit) >>> 0;
      }
      return byte ^ (state & 0xff);
    });
    if (plain[0] === FIRST) return plain;
  }
  return undefined;
}

export const prios: Layout = {
  title: 'Diehl and Sappel PRIOS',
  of: 'telegram',
  fits: ({ meter, header }) => MAKERS.has(meter.maker) && header.ci >= 0xa0 && header.ci <= 0xa7,
  read(own) {
    const { bytes, end } = own;
    const plain = deciphered(bytes, end);
    if (plain === undefined || plain.length < 5) return undefined;
    return [...named(own), ...volumes(bytes, plain, end), ...states(bytes)];
  },
  example: {
    hex: '44 A511 0703 78563412 A2 11 98 00 13 CD96F3931A577D29F9F45C',
    says: [
      'Volume 12.345 m³',
      'Volume 10.000 m³',
      'Date 2019-12-31',
      'Status leak',
      'Remaining battery life 12.0 year',
      'Interval of the telegrams 8 s',
    ],
  },
};

/** Sappel: letters, year and number, as on the plate. */
function named({ bytes, meter, header }: Own): readonly Draft[] {
  if (!isPacked(meter.maker, header)) return [];
  const [b3 = 0, b4 = 0, b5 = 0, b6 = 0, b7 = 0, b8 = 0] = bytes.subarray(3, 9);
  const digits = String(((b6 & 3) << 24) | (b5 << 16) | (b4 << 8) | b3).padStart(8, '0');
  const letter = (n: number) => String.fromCharCode(0x40 + n);
  const [supplier, type, diameter] = [((b8 & 15) << 1) | (b7 >> 7), (b7 & 0x7c) >> 2, ((b7 & 3) << 3) | (b6 >> 5)];
  const text = `${letter(supplier)}${digits.slice(0, 2)}${letter(type)}${letter(diameter)} ${digits.slice(2)}`;
  return [words('PRIOS', 'Serial number', text, [3, 9])];
}

function volumes(bytes: Uint8Array, plain: Uint8Array, end: number): readonly Draft[] {
  // 13h and the like: the low bits are those of the VIF of a volume.
  const exponent = ((bytes[13] ?? 0) & 7) - 6;
  const at = (from: number, length: number) => [FROM + from, Math.min(end, FROM + from + length)] as const;
  const readings = [amount('PRIOS 1', 'Volume', [littleEndian(plain, 1, 4), exponent], 'm³', at(1, 4))];
  if (plain.length < 9) return readings;
  const iso = plain.length >= 11 ? dateG(plain, 9) : '';
  readings.push(
    amount('PRIOS 5', 'Volume', [littleEndian(plain, 5, 4), exponent], 'm³', at(5, 4), { storage: 1, iso }),
  );
  if (plain.length >= 11) readings.push(date('PRIOS 9', 'Date', iso, at(9, 2), { storage: 1 }));
  return readings;
}

function states(bytes: Uint8Array): readonly Draft[] {
  const [b10 = 0, b11 = 0, b12 = 0] = bytes.subarray(10, 13);
  const now = bitWords(((b10 & 0x80) << 16) | (b11 << 8) | b12, NOW);
  const before = bitWords((b11 << 8) | b12, BEFORE);
  return [
    words('PRIOS state', 'Status', now, [10, 13], { kind: now === 'OK' ? 'instantaneous' : 'error' }),
    words('PRIOS past', 'Earlier alarms', before, [11, 13]),
    // Half years; as the standard counts a battery.
    amount('PRIOS battery', 'Remaining battery life', [(b11 & 0x1f) * 5, -1], 'year', [11, 12]),
    amount('PRIOS period', 'Interval of the telegrams', [2 ** ((b10 & 15) + 2), 0], 's', [10, 11]),
  ];
}

const NOW = [
  [0x80_0000, 'alarm'],
  [0x8000, 'leak'],
  [0x2000, 'meter blocked'],
  [0x80, 'back flow'],
  [0x40, 'low flow'],
  [0x20, 'high flow'],
  [0x10, 'submerged'],
  [0x08, 'sensor fraud'],
  [0x02, 'mechanical fraud'],
] as const;

const BEFORE = [
  [0x4000, 'leak'],
  [0x04, 'sensor fraud'],
  [0x01, 'mechanical fraud'],
] as const;
