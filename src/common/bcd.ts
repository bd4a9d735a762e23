/** Binary coded decimals: two digits a byte, as meters of several protocols send them. */

/** The two digits of a byte as 0–99; -1 where a nibble is not a decimal digit. */
export const BCD_VALUE: Int8Array = Int8Array.from({ length: 256 }, (_, byte) => {
  const high = byte >> 4;
  const low = byte & 15;
  return high > 9 || low > 9 ? -1 : high * 10 + low;
});

/** Two upper-case hexadecimal digits for every byte. */
export const HEX_PAIR: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0').toUpperCase(),
);

/** The nibbles of `bytes[start, end)` as text, last byte first: the digits of a little-endian BCD number, A–F kept. */
export function littleEndianDigits(bytes: Uint8Array, start: number, end: number): string {
  let digits = '';
  for (let i = end - 1; i >= start; i--) digits += HEX_PAIR[bytes[i] ?? 0] ?? '';
  return digits;
}

/** The nibbles of `bytes[start, end)` as text, first byte first. */
export function bigEndianDigits(bytes: Uint8Array, start: number, end: number): string {
  let digits = '';
  for (let i = start; i < end; i++) digits += HEX_PAIR[bytes[i] ?? 0] ?? '';
  return digits;
}

/**
 * `digits` (0–9 and A–F, at most `2 · length` of them) as little-endian BCD of `length` bytes.
 * Undefined when the text holds anything else or does not fit.
 */
export function littleEndianBcd(digits: string, length: number): Uint8Array | undefined {
  const padded = digits.padStart(2 * length, '0');
  if (padded.length > 2 * length || /[^0-9A-Fa-f]/.test(padded)) return undefined;
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    const at = padded.length - 2 * (i + 1);
    bytes[i] = Number.parseInt(padded.slice(at, at + 2), 16);
  }
  return bytes;
}
