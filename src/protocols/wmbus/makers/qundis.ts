import type { Draft } from '../../mbus/draft.ts';
import { readBcd } from '../../mbus/numbers.ts';
import { PRIMARY_VIFS } from '../../mbus/vif-primary.ts';
import { amount, date, dateG, littleEndian, type Layout } from './layout.ts';

/**
 * Qundis and Siemens (QDS, LSE) alternate plain records with a block of their own, `0D FF5F 35`: figures of today, of the due
 * date and of the last month, and twelve months of differences. `q` is where it begins, behind its length.
 */
const BLOCK = 53;
const PLAIN_KINDS = new Set([0xb0, 0xc0, 0xc1]);
const NO_MONTH = 0x8000;

export const qundis: Layout = {
  title: 'Qundis walk-by',
  of: { record: '0DFF5F' },
  fits: ({ meter, bytes, start, end }) =>
    (meter.maker === 'QDS' || meter.maker === 'LSE') &&
    end - start === BLOCK &&
    // Of other kinds what follows is enciphered (wmbusmeters#825).
    PLAIN_KINDS.has(bytes[start + 8] ?? 0),
  read({ bytes, start, end }) {
    const q = start;
    const meaning = PRIMARY_VIFS[(bytes[q + 9] ?? 0) & 0x7f];
    if (meaning === undefined || meaning.unit === '') return undefined;
    const { quantity, unit, exponent } = meaning;
    const figure = (label: string, at: number, storage: number, iso?: string): Draft[] => {
      const value = readBcd(bytes, at, 4);
      return typeof value === 'number'
        ? [amount(label, quantity, [value, exponent], unit, [at, at + 4], { storage, iso })]
        : [];
    };
    const dueDate = dateG(bytes, q + 16);
    const monthEnd = dateG(bytes, q + 22);
    const readings: Draft[] = [
      ...figure('q12', q + 12, 0),
      ...figure('q18', q + 18, 1, dueDate),
      date('q16', 'Date', dueDate, [q + 16, q + 18], { storage: 1 }),
      ...figure('q24', q + 24, 17, monthEnd),
      date('q22', 'Date', monthEnd, [q + 22, q + 24], { storage: 17 }),
      date('q10', 'Date of the error', dateG(bytes, q + 10), [q + 10, q + 12]),
    ];
    for (let n = 0, at = q + 28; at + 2 <= end; n++, at += 2) {
      const value = littleEndian(bytes, at, 2);
      const extra = {
        storage: 18 + n,
        ...(value === NO_MONTH && { state: 'not available' as const, note: 'none yet' }),
      };
      readings.push(
        amount(`q${28 + 2 * n}`, `${quantity} of a month`, [(value << 16) >> 16, exponent], unit, [at, at + 2], extra),
      );
    }
    return readings;
  },
  example: {
    hex: '44 9344 78563412 17 06 78 0DFF5F35 0082 3A000060 0107C113 FFFF 45230100 FF2C 34120000 1E3B 23010100 0A00 6500 7500 7300 5B00 7000 7D00 6100 5B00 4200 1600 0080 2F046D1E0F113C',
    says: [
      'Volume 12.345 m³',
      'Volume 1.234 m³',
      'Date 2023-12-31',
      'Volume 10.123 m³',
      'Volume of a month 0.010 m³',
      'Volume of a month ',
      'Date and time 2024-12-17T15:30',
    ],
  },
};
