import { HEX_PAIR, littleEndianDigits } from '../common/bcd.ts';
import { decodeManufacturer } from './mbus/manufacturer.ts';
import { frameProgress } from './mbus/frame.ts';
import { MEDIUM_NAMES } from './mbus/medium.ts';
import { nextTelegram, parseTelegrams, telegramCursor } from './mbus/telegram.ts';

/** What bytes are, as far as they tell it themselves. */
export type BytesKind = 'M-Bus' | 'IEC 62056-21' | 'wireless M-Bus' | 'HDLC' | 'unknown';

export function recognizeBytes(bytes: Uint8Array): BytesKind {
  if (holdsMbusFrame(bytes)) return 'M-Bus';
  if (isIecText(bytes)) return 'IEC 62056-21';
  if (radioHeader(bytes) !== undefined) return 'wireless M-Bus';
  if (bytes.length >= 9 && bytes[0] === 0x7e && ((bytes[1] ?? 0) & 0xf0) === 0xa0) return 'HDLC';
  // A start that fits, even if the frame broke off or its lengths do not agree.
  return bytes[0] === 0x68 || bytes[0] === 0x10 ? 'M-Bus' : 'unknown';
}

function holdsMbusFrame(bytes: Uint8Array): boolean {
  const telegram = telegramCursor(bytes, bytes.length);
  let acknowledgments = 0;
  while (nextTelegram(telegram)) {
    if (telegram.kind === 'long' || telegram.kind === 'short') return true;
    if (telegram.kind === 'acknowledge') acknowledgments++;
  }
  return bytes.length > 0 && acknowledgments === bytes.length;
}

/** Characters of a readout, with or without a parity bit, that begin as one does. */
function isIecText(bytes: Uint8Array): boolean {
  if (bytes.length < 5) return false;
  let brackets = 0;
  for (const byte of bytes) {
    const code = byte & 0x7f;
    if (code === 0x28) brackets++;
    const isText = code >= 0x20 || (code >= 0x01 && code <= 0x0d) || code === 0x15;
    if (!isText || code === 0x7f) return false;
  }
  const first = (bytes[0] ?? 0) & 0x7f;
  return brackets > 0 || (first === 0x2f && bytes.some((byte) => (byte & 0x7f) === 0x0a));
}

export interface RadioHeader {
  readonly manufacturer: string;
  readonly identification: string;
  readonly version: number;
  readonly medium: string;
}

/** C fields of EN 13757-4: what meters send, and what is sent to them. */
const RADIO_CONTROL = new Set([
  0x00, 0x06, 0x08, 0x18, 0x28, 0x38, 0x40, 0x43, 0x44, 0x46, 0x47, 0x48, 0x53, 0x73, 0x5b, 0x7b,
]);
const RADIO_ADDRESS_END = 10;

/** The first block of a wireless M-Bus telegram that begins with its L field; undefined where the bytes are none. */
export function radioHeader(bytes: Uint8Array): RadioHeader | undefined {
  const length = bytes[0] ?? 0;
  if (bytes.length < RADIO_ADDRESS_END + 1 || length < 10 || !RADIO_CONTROL.has(bytes[1] ?? 0xff)) return undefined;
  // L counts neither itself nor, in format A, the check sums: two bytes for the first block of 9, two for every 16 on.
  const withChecks = length + 1 + 2 * (1 + Math.ceil((length - 9) / 16));
  if (bytes.length !== length + 1 && bytes.length !== withChecks) return undefined;
  const manufacturer = decodeManufacturer((bytes[2] ?? 0) | ((bytes[3] ?? 0) << 8));
  if (!/^[A-Z]{3}$/.test(manufacturer)) return undefined;
  return {
    manufacturer,
    identification: littleEndianDigits(bytes, 4, 8),
    version: bytes[8] ?? 0,
    medium: MEDIUM_NAMES[bytes[9] ?? 0] ?? '',
  };
}

/** What is wrong with the frames in M-Bus data, in sentences with the figures seen; empty when nothing is. */
export function mbusProblems(bytes: Uint8Array): string[] {
  const problems: string[] = [];
  const telegrams = parseTelegrams(bytes);
  for (const { start, end, kind, fault } of telegrams) {
    if (fault === '') continue;
    const where = telegrams.length > 1 ? `At byte ${start}: ` : '';
    const progress = frameProgress(bytes, start, end);
    const text =
      kind === 'stray'
        ? `${counted(end - start)} ${progress.state === 'wrong' ? `belong to no frame. ${progress.text.replace('The answer begins', 'They begin')}` : `look like the beginning of a frame that is cut off`}`
        : progress.state === 'wrong'
          ? progress.text
          : `The frame is ${fault}`;
    problems.push(`${where}${text.replace(/([^.])$/, '$1.')}`);
  }
  return problems;
}

const counted = (count: number) => `${count} ${count === 1 ? 'byte' : 'bytes'}`;

/** Bytes as people like to read them: pairs with blanks between. */
export function spacedHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => HEX_PAIR[byte] ?? '').join(' ');
}
