/**
 * Block check character: XOR of the seven-bit characters after the first SOH or STX up to and including ETX or EOT
 * (IEC 62056-21, 5.9; ISO/IEC 1155).
 */
export function blockCheckCharacter(bytes: Uint8Array): number {
  let check = 0;
  for (const byte of bytes) check ^= byte;
  return check & 0x7f;
}

/** Energomera's variant over the same range: sum of the characters modulo 128 (latonita/esphome-energomera-iec#1). */
export function sevenBitSum(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum += byte & 0x7f;
  return sum & 0x7f;
}

/** CRC-16 of DSMR P1 telegrams from version 4 on: reflected polynomial A001, start 0, over `/` up to and including `!`. */
export function dsmrCrc(...parts: readonly Uint8Array[]): number {
  let crc = 0;
  for (const part of parts) {
    for (const byte of part) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
    }
  }
  return crc;
}
