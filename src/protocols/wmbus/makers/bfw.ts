import type { Draft } from '../../mbus/draft.ts';
import { BCD_VALUE } from '../../../common/bcd.ts';
import { amount, date, isoDay, type Layout } from './layout.ts';

/**
 * BFW 240 radio: behind the check bytes figures high byte first and twelve bits each. What reads it as records finds
 * plausible nonsense (wmbusmeters#1710).
 */
const TRIPLETS = 9;

export const bfw: Layout = {
  title: 'BFW 240 radio',
  of: 'telegram',
  fits: ({ meter, start, end }) =>
    meter.maker === 'BFW' && meter.version === 2 && meter.medium === 8 && end - start >= 40,
  read({ bytes, start: fillers }) {
    const start = fillers + 2;
    const big = (at: number) => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    const from = start + 8;
    const stamp = from + 3 * TRIPLETS;
    const [day = 0, month = 0, year = -1] = [0, 1, 2].map((n) => BCD_VALUE[bytes[stamp + n] ?? 0] ?? -1);
    const iso = year < 0 ? '' : isoDay(2000 + year, month, day);
    if (iso === '') return undefined;
    const quantity = 'Heat cost allocation';
    const readings: Draft[] = [
      amount('current', quantity, [big(start + 4), 0], 'HCA', [start + 4, start + 6]),
      amount('last', `${quantity} of the last period`, [big(start + 2), 0], 'HCA', [start + 2, start + 4], {
        storage: 1,
      }),
      date('date', 'Date', iso, [stamp, stamp + 3]),
    ];
    for (let n = 0; n < TRIPLETS; n++) {
      const at = stamp - 3 * (n + 1);
      const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3);
      const pair = [((b & 15) << 8) | c, ((b >> 4) << 8) | a];
      for (const [half, value] of pair.entries()) {
        const months = 2 * n + half + 1;
        const extra = { storage: 1 + months };
        readings.push(amount(`month ${months}`, `${quantity}, months ago`, [value, 0], 'HCA', [at, at + 3], extra));
      }
    }
    return readings;
  },
  example: {
    hex: '44 D708 78563412 02 08 7A 8B C0 0000 2F2F 011F 01F4 007B 152A 000000000000000000000000000000000000000000 000000 2D007B 010321',
    says: [
      'Heat cost allocation 123 HCA',
      'Heat cost allocation of the last period 500 HCA',
      'Date 2021-03-01',
      'Heat cost allocation, months ago 123 HCA',
      'Heat cost allocation, months ago 45 HCA',
    ],
  },
};
