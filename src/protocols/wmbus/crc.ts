/** Check sums of EN 13757-4: polynomial 3D65, not reflected, the complement sent high byte first. "123456789" has C2B7. */
const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x3d65;
  return crc & 0xffff;
});

/** Of `bytes[start, end)`. */
export function radioCrc(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0;
  for (let at = start; at < end; at++) crc = ((crc << 8) ^ (TABLE[(crc >> 8) ^ (bytes[at] ?? 0)] ?? 0)) & 0xffff;
  return crc ^ 0xffff;
}
