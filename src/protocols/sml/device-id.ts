import { littleEndianDigits } from '../../common/bcd.ts';
import { toHex, toLatin1 } from '../../common/bytes.ts';
import { decodeManufacturer } from '../mbus/manufacturer.ts';

const DIN = new Set([0x09, 0x0a]);
const [WIRELESS, WIRED] = [0x01, 0x02];
const LARGEST = 99_999_999;

/**
 * A device's number as its plate has it. DIN 43863-5: medium, three letters, two hexadecimal digits, eight decimals, in ten
 * bytes; or an M-Bus address; or text. Anything else is shown in hex.
 */
export function deviceNumber(id: Uint8Array): string {
  if (id.length === 10 && DIN.has(id[0] ?? 0)) return dinNumber(id) ?? toHex(id);
  if (id.length === 9 && (id[0] === WIRELESS || id[0] === WIRED)) {
    const maker = decodeManufacturer((id[1] ?? 0) | ((id[2] ?? 0) << 8));
    return /^[A-Z]{3}$/.test(maker) ? littleEndianDigits(id, 3, 7) : toHex(id);
  }
  return isPrintable(id) ? toLatin1(id).trim() : toHex(id);
}

function dinNumber(id: Uint8Array): string | undefined {
  const letters = toLatin1(id.subarray(2, 5));
  const number = id.subarray(6).reduce((sum, byte) => sum * 256 + byte, 0);
  const medium = id[1] ?? 0;
  if (!/^[A-Z]{3}$/.test(letters) || number > LARGEST || medium > 0x0f) return undefined;
  return `${medium.toString(16).toUpperCase()}${letters}${toHex(id.subarray(5, 6))}${number.toString().padStart(8, '0')}`;
}

/** The three letters of its maker; empty where the number has none. */
export function makerIn(id: Uint8Array): string {
  if (id.length === 10 && DIN.has(id[0] ?? 0) && dinNumber(id) !== undefined) return toLatin1(id.subarray(2, 5));
  if (id.length === 9 && id[0] === WIRELESS) return decodeManufacturer((id[1] ?? 0) | ((id[2] ?? 0) << 8));
  return '';
}

export const isPrintable = (bytes: Uint8Array): boolean =>
  bytes.length > 0 && bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
