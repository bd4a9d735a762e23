const A = 64;

/** Three letters of the FLAG code as the header's 16-bit number; undefined when they are not A–Z. */
export function encodeManufacturer(letters: string): number | undefined {
  if (!/^[A-Z]{3}$/.test(letters)) return undefined;
  return ((letters.charCodeAt(0) - A) * 32 + letters.charCodeAt(1) - A) * 32 + letters.charCodeAt(2) - A;
}

/** The three letters of a manufacturer number: 0x32A7 → "LUG". Bit 15 (OMS: soft address) is not part of them. */
export function decodeManufacturer(code: number): string {
  return String.fromCharCode(A + ((code >> 10) & 31), A + ((code >> 5) & 31), A + (code & 31));
}
