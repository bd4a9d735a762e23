const POLYNOMIAL = 0x8408;

const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >> 1) ^ POLYNOMIAL : value >> 1;
  return value;
});

function remainder(bytes: Uint8Array, start: number): number {
  let value = start;
  for (const byte of bytes) value = (value >> 8) ^ (table[(value ^ byte) & 0xff] ?? 0);
  return value;
}

/** CRC-16/X-25, the check of HDLC and SML: 906E for "123456789". */
export const crcX25 = (bytes: Uint8Array): number => remainder(bytes, 0xffff) ^ 0xffff;

/** CRC-16/KERMIT: 2189 for "123456789". */
export const crcKermit = (bytes: Uint8Array): number => remainder(bytes, 0);
