/** What the sticks of IMST have in common: the check sum of X.25, low byte first. */
export function x25(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >> 1 : (crc >> 1) ^ 0x8408;
  }
  return crc ^ 0xffff;
}

export const isX25Right = (bytes: Uint8Array, start: number, end: number): boolean =>
  x25(bytes.subarray(start, end)) === ((bytes[end] ?? 0) | ((bytes[end + 1] ?? 0) << 8));
