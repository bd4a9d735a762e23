import { fromHex } from '../../../common/bytes.ts';
import { x25 } from '../dongles/imst.ts';
import type { RadioMeter, StickSpec } from './stick.ts';

/** A stick iU891A in the cellar of a house: what it answers, and who speaks around it. */

const END = 0xc0;

/** SLIP, as the stick has it; written anew, so that a fault of the driver shows. */
function slip(...inner: readonly number[]): Uint8Array {
  const crc = x25(Uint8Array.from(inner));
  const all = [...inner, crc & 0xff, crc >> 8];
  return Uint8Array.from([
    END,
    ...all.flatMap((byte) => (byte === END ? [0xdb, 0xdc] : byte === 0xdb ? [0xdb, 0xdd] : [byte])),
    END,
  ]);
}

const FIRMWARE = [0, 1, 1, 5, 0, ...[...'17.01.2026iU891A, simulated'].map((letter) => letter.charCodeAt(0))];
const CONFIGURATION = [0, 1, 0, 0, 0, 12, 0, 0, 0, 0, 0];

export const cellarStick: StickSpec = {
  baudRate: 115_200,
  answer(received) {
    const end = received.lastIndexOf(END);
    if (end !== received.length - 1) return undefined;
    const begin = received.lastIndexOf(END, end - 1);
    const [point, message] = received.subarray(begin + 1, end);
    if (begin < 0 || point === undefined || message === undefined) return undefined;
    if (point === 1 && message === 1) return slip(1, 2, 0);
    if (point === 1 && message === 5) return slip(1, 6, ...FIRMWARE);
    if (point === 9 && message === 1) return slip(9, 2, ...CONFIGURATION);
    return point === 9 && message === 3 ? slip(9, 4, 0) : undefined;
  },
  given: (body, dBm) => slip(9, 0x20, 0, 0, 0, 0, 0, 0, 2, dBm & 0xff, body.length, ...body),
};

const telegram = (hex: string) => fromHex(hex.replaceAll(' ', '')) ?? new Uint8Array(0);

const bcd = (value: number) =>
  Uint8Array.from({ length: 4 }, (_, n) =>
    Number.parseInt(
      String(Math.floor(value))
        .padStart(8, '0')
        .slice(6 - 2 * n, 8 - 2 * n),
      16,
    ),
  );

/** It counts, a liter a minute. */
function waterAt(at: number): Uint8Array {
  const bytes = telegram('44 153D 01000026 03 07 7A 00 00 0000 0C13 00000000 02FD17 0000');
  bytes[10] = Math.floor(at / 16_000) & 0xff;
  bytes.set(bcd(123_456 + at / 60_000), 16);
  return bytes;
}

export const cellarMeters: readonly RadioMeter[] = [
  { telegramAt: waterAt, everyMs: 16_000, dBm: -58 },
  {
    telegramAt: () => telegram('44 153D 02000026 03 08 7A 2A 00 0000 0B6E 660300 426C 7F2C 4B6E 040300'),
    everyMs: 120_000,
    dBm: -77,
  },
];
