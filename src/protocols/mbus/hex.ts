import { fromHex, toHex } from '../../common/bytes.ts';

/** Value of a hexadecimal digit by its character code; 255 for anything else. */
const DIGIT = new Uint8Array(128).fill(255);
for (let n = 0; n < 16; n++) {
  DIGIT['0123456789ABCDEF'.charCodeAt(n)] = n;
  DIGIT['0123456789abcdef'.charCodeAt(n)] = n;
}

export interface HexBytes {
  /** Upper-case hex, two digits a byte, nothing else. */
  text: string;
  /** Valid up to `length`; only until the next call. */
  bytes: Uint8Array;
  length: number;
}

const result: HexBytes = { text: '', bytes: new Uint8Array(1024), length: 0 };

/**
 * Stored data as bytes, in a buffer that is used again: the log's form goes through a table, everything else through
 * `fromHex`. Undefined when it is no hex at all.
 */
export function readHex(text: string): HexBytes | undefined {
  const length = text.length >> 1;
  if (result.bytes.length < length) result.bytes = new Uint8Array(2 * length);
  const { bytes } = result;
  let bad = text.length & 1;
  for (let i = 0; i < length; i++) {
    const high = DIGIT[text.charCodeAt(2 * i)] ?? 255;
    const low = DIGIT[text.charCodeAt(2 * i + 1)] ?? 255;
    bytes[i] = (high << 4) | low;
    bad |= (high | low) & 0x80;
  }
  if (bad === 0) {
    result.text = text;
    result.length = length;
    return result;
  }
  const parsed = fromHex(text);
  if (parsed === undefined) return undefined;
  if (result.bytes.length < parsed.length) result.bytes = new Uint8Array(2 * parsed.length);
  result.bytes.set(parsed);
  result.text = toHex(parsed);
  result.length = parsed.length;
  return result;
}
