const POLYNOMIAL = 0x8408;

const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >> 1) ^ POLYNOMIAL : value >> 1;
  return value;
});

/** The frame check sequence of HDLC (CRC-16/X-25); sent low byte first. */
export function fcs(bytes: Uint8Array): number {
  let value = 0xffff;
  for (const byte of bytes) value = (value >> 8) ^ (table[(value ^ byte) & 0xff] ?? 0);
  return value ^ 0xffff;
}

/** Whether the two bytes behind `end` are the check sequence of those from `start` up to it. */
export function isChecked(bytes: Uint8Array, start: number, end: number): boolean {
  const sum = fcs(bytes.subarray(start, end));
  return bytes[end] === (sum & 0xff) && bytes[end + 1] === sum >> 8;
}
