import { toHex } from '../../../common/bytes.ts';
import { dlmsError } from '../errors.ts';

/** Reads a message from front to back; throws a MeterError 'form' where it ends too early. */
export interface Cursor {
  readonly at: number;
  readonly left: number;
  /** An unsigned number of so many bytes, 4 at most, the highest first. */
  number(bytes: number): number;
  /** The next byte, left where it is; undefined at the end. */
  peek(): number | undefined;
  /** The next bytes, left where they are: as many as there are. */
  ahead(count: number): Uint8Array;
  /** So many bytes, copied by nobody. */
  take(count: number): Uint8Array;
  /** A length as A-XDR and BER write it: below 80 itself, else 81 to 84 and so many bytes. */
  length(): number;
  /** A length, and as many bytes. */
  octets(): Uint8Array;
  rest(): Uint8Array;
  /** A copy of what was read from a place on. */
  since(start: number): Uint8Array;
  /** How many things follow; each has a byte at least, and more than there are bytes are refused before they are laid out. */
  count(): number;
}

export function cursorOver(bytes: Uint8Array): Cursor {
  let at = 0;
  const take = (count: number) => {
    if (count > bytes.length - at)
      throw dlmsError('form', `A message ends after ${bytes.length} bytes; at ${at} it should have ${count} more.`);
    at += count;
    return bytes.subarray(at - count, at);
  };
  const number = (count: number) => take(count).reduce((value, byte) => value * 256 + byte, 0);
  const length = () => {
    const first = number(1);
    if (first < 0x80) return first;
    if (first === 0x80 || first > 0x84)
      throw dlmsError('form', `${toHex(Uint8Array.of(first))} at ${at - 1} is no length.`);
    return number(first & 0x7f);
  };
  return {
    get at() {
      return at;
    },
    get left() {
      return bytes.length - at;
    },
    number,
    peek: () => bytes[at],
    ahead: (count) => bytes.subarray(at, at + count),
    take,
    length,
    octets: () => take(length()),
    rest: () => take(bytes.length - at),
    since: (start) => bytes.slice(start, at),
    count() {
      const count = length();
      if (count > bytes.length - at)
        throw dlmsError('form', `${count} parts are announced where ${bytes.length - at} bytes are left.`);
      return count;
    },
  };
}

/** A length as short as it can be written. */
export function lengthBytes(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  if (length < 0x100) return Uint8Array.of(0x81, length);
  if (length < 0x10000) return Uint8Array.of(0x82, length >> 8, length & 0xff);
  return Uint8Array.of(0x84, ...numberBytes(length, 4));
}

/** An unsigned number in so many bytes, the highest first. */
export function numberBytes(value: number, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, at) => Math.floor(value / 256 ** (bytes - 1 - at)) % 256);
}
