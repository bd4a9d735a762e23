import { crcX25 } from '../../../common/crc16.ts';

/** Whether the two bytes behind `end` are the check sequence of those from `start` up to it. */
export function isChecked(bytes: Uint8Array, start: number, end: number): boolean {
  const sum = crcX25(bytes.subarray(start, end));
  return bytes[end] === (sum & 0xff) && bytes[end + 1] === sum >> 8;
}
