import { crcKermit, crcX25 } from '../../common/crc16.ts';

/** Which check fits: X-25 with the low byte first as the specification says; Holley computes KERMIT, high byte first. */
export type Check = 'x25' | 'kermit' | 'bad';

/** @param first and @param second the two bytes of the check, as they came */
export function checkOf(bytes: Uint8Array, first: number, second: number): Check {
  if (crcX25(bytes) === (first | (second << 8))) return 'x25';
  return crcKermit(bytes) === ((first << 8) | second) ? 'kermit' : 'bad';
}
