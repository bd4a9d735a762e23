import { inPairs, toHex, toLatin1 } from '../common/bytes.ts';

/** Control characters that a readout's text may hold: SOH–EOT, ACK, tab, line ends, NAK. */
const TEXT_CONTROLS = new Set([1, 2, 3, 4, 6, 9, 10, 13, 0x15]);

/**
 * What stands in a dropped file or a shared link, as text to be recognized: text as it is (UTF-8, UTF-16 with its mark,
 * else ISO 8859-1), anything else as hexadecimal.
 */
export function textOfBytes(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if (!bytes.every((byte, at) => byte >= 0x20 || TEXT_CONTROLS.has(byte) || isCheckCharacter(bytes, at)))
    return inPairs(toHex(bytes));
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // No UTF-8. A readout in a meter's own character set has letters; a frame of high bytes has hardly any.
    const plain = bytes.filter((byte) => byte < 0x7f).length;
    return 10 * plain >= 9 * bytes.length ? toLatin1(bytes) : inPairs(toHex(bytes));
  }
}

/** After ETX or EOT any character may come. */
function isCheckCharacter(bytes: Uint8Array, at: number): boolean {
  return bytes[at - 1] === 0x03 || bytes[at - 1] === 0x04;
}
