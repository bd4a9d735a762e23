/** Bytes as upper-case hexadecimal without separators, the form the SmartCOM uses in its records. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0').toUpperCase();
  return text;
}

/** Hexadecimal as people like to read it: pairs with blanks between. */
export const inPairs = (hex: string): string => hex.replace(/..(?=.)/g, '$& ');

/** Bytes from hexadecimal; blanks, line ends, commas, colons, dashes and 0x prefixes are skipped. Undefined when anything else is in it. */
export function fromHex(text: string): Uint8Array | undefined {
  const digits = text.replace(/0[xX]|[\s,;:-]/g, '');
  if (digits.length % 2 !== 0 || /[^0-9a-fA-F]/.test(digits)) return undefined;
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** One character per byte (ISO 8859-1), so that nothing received is lost or replaced. */
export function toLatin1(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return text;
}

/** The inverse of {@link toLatin1}; characters beyond U+00FF are cut to their low byte. */
export function fromLatin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
