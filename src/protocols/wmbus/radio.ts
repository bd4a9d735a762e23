import { littleEndianDigits } from '../../common/bcd.ts';
import { fromHex } from '../../common/bytes.ts';
import { decodeManufacturer } from '../mbus/manufacturer.ts';
import { MEDIUM_NAMES } from '../mbus/medium.ts';
import type { Explainer } from '../protocol.ts';
import type { Recognizer } from '../recognizer.ts';

interface RadioHeader {
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
function radioHeader(bytes: Uint8Array): RadioHeader | undefined {
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

export const wmbusRecognizer: Recognizer = { sees: (bytes) => (radioHeader(bytes) ? 'whole' : undefined) };

export const wmbusExplainer: Explainer = {
  describe({ data, facts }) {
    const bytes = fromHex(data) ?? new Uint8Array(0);
    // The SmartCOM's WMBUS records leave the L field out.
    const header = radioHeader(bytes) ?? radioHeader(Uint8Array.of(bytes.length & 0xff, ...bytes));
    const rows: readonly (readonly [string, string])[] = header
      ? [
          ...facts,
          ['Manufacturer', header.manufacturer],
          ['Number', header.identification],
          ['Medium', header.medium],
          ['Version', String(header.version)],
        ]
      : facts;
    return {
      kind: 'Wireless M-Bus telegram',
      meter: header ? `${header.manufacturer} ${header.identification} · ${header.medium}` : '',
      facts: rows,
      limit: 'It looks like a radio telegram. This version reads its sender only; the values in it are not decoded.',
    };
  },
};
