import type { Draft } from '../../mbus/draft.ts';
import { amount, date, dateG, littleEndian, type Layout } from './layout.ts';

/** Bmeters Hydroclima: temperatures and history behind its records, in words of two bytes. */
const NONE = 0x8000;
const LENGTH = 48;

export const hydroclima: Layout = {
  title: 'Hydroclima',
  of: { record: '0F' },
  fits: ({ meter, bytes, start, end }) =>
    meter.maker === 'BMP' && meter.medium === 8 && bytes[start] === 0x11 && end - start >= LENGTH - 1,
  read({ bytes, start }) {
    const temperature = (label: string, quantity: string, from: number, storage = 0): Draft => {
      const value = littleEndian(bytes, start + from, 2);
      const none = value === NONE ? { state: 'not available' as const, note: 'none yet' } : {};
      return amount(label, quantity, [(value << 16) >> 16, -2], '°C', [start + from, start + from + 2], {
        storage,
        ...none,
      });
    };
    const history = (n: number): Draft => {
      const from = start + 21 + 2 * n;
      return amount(
        `history ${n + 1}`,
        'Heat cost allocation',
        [littleEndian(bytes, from, 2), 0],
        'HCA',
        [from, from + 2],
        {
          storage: 1 + n,
        },
      );
    };
    return [
      date('now', 'Date', dateG(bytes, start + 5), [start + 5, start + 7]),
      date('opened', 'Opened on', dateG(bytes, start + 7), [start + 7, start + 9]),
      temperature('heater', 'Average heater temperature', 9),
      temperature('room', 'Average room temperature', 11),
      temperature('room max', 'Highest room temperature', 13),
      temperature('heater', 'Average heater temperature', 17, 1),
      temperature('room', 'Average room temperature', 19, 1),
      ...[0, 1, 2, 3].map(history),
      ...[0, 1, 2].map((n) => temperature(`room ${n + 1}`, 'Average room temperature', 29 + 2 * n, 1 + n)),
      amount('total', 'Heat cost allocation, all periods', [littleEndian(bytes, start + 44, 3), 0], 'HCA', [
        start + 44,
        start + 47,
      ]),
    ];
  },
  example: {
    hex: '44 B009 78563412 8508 7A FB 00 0000 036E 2D0000 0F 11 0000 B960 4734 CE2E D007 9808 FC08 8832 6407 6C07 0000 0000 0000 0000 6C07 0080 0080 00000000000000000000 220000 000000',
    says: [
      'Average heater temperature 20.00 °C',
      'Average room temperature 22.00 °C',
      'Highest room temperature 23.00 °C',
      'Average room temperature ',
    ],
  },
};
