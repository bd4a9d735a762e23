import { concatBytes } from '../../../common/bytes.ts';
import { crcKermit, crcX25 } from '../../../common/crc16.ts';

/** What a meter writes, part by part. */
export const absent = Uint8Array.of(0x01);
const endOfMessage = Uint8Array.of(0x00);

function field(type: number, length: number): Uint8Array {
  return length <= 0x0f
    ? Uint8Array.of((type << 4) | length)
    : Uint8Array.of(0x80 | (type << 4) | (length >> 4), length & 0x0f);
}

export function octets(bytes: Uint8Array): Uint8Array {
  const short = bytes.length + 1;
  return concatBytes(field(0, short <= 0x0f ? short : bytes.length + 2), bytes);
}

export const text = (words: string): Uint8Array => octets(Uint8Array.from(words, (letter) => letter.charCodeAt(0)));

/** In as few bytes as it takes, or in so many. */
function integer(type: 5 | 6, value: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let rest = BigInt(value);
  for (let at = size - 1; at >= 0; at--) {
    bytes[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return concatBytes(field(type, size + 1), bytes);
}

export const unsigned = (value: number, size: number): Uint8Array => integer(6, value, size);

export const signed = (value: number, size = sizeOf(value)): Uint8Array => integer(5, value, size);

function sizeOf(value: number): number {
  for (let size = 1; size < 8; size++) {
    const limit = 2 ** (8 * size - 1);
    if (value >= -limit && value < limit) return size;
  }
  return 8;
}

export const list = (...items: readonly Uint8Array[]): Uint8Array => concatBytes(field(7, items.length), ...items);

export type CheckKind = 'x25' | 'kermit';

function check(bytes: Uint8Array, kind: CheckKind): readonly [number, number] {
  const sum = kind === 'x25' ? crcX25(bytes) : crcKermit(bytes);
  return kind === 'x25' ? [sum & 0xff, sum >> 8] : [sum >> 8, sum & 0xff];
}

/** A message with its check. */
export function message(transaction: number, tag: number, body: Uint8Array, kind: CheckKind = 'x25'): Uint8Array {
  const id = octets(Uint8Array.of((transaction >> 16) & 0xff, (transaction >> 8) & 0xff, transaction & 0xff));
  const start = concatBytes(field(7, 6), id, unsigned(0, 1), unsigned(0, 1), list(unsigned(tag, 2), body));
  return concatBytes(start, Uint8Array.of(0x63, ...check(start, kind)), endOfMessage);
}

/** Messages as they go over the line. */
export function transmission(messages: readonly Uint8Array[], kind: CheckKind = 'x25'): Uint8Array {
  const payload = [...concatBytes(...messages)];
  const bytes = [0x1b, 0x1b, 0x1b, 0x1b, 1, 1, 1, 1];
  let run = 0;
  for (const byte of payload) {
    bytes.push(byte);
    run = byte === 0x1b ? run + 1 : 0;
    if (run === 4) {
      bytes.push(0x1b, 0x1b, 0x1b, 0x1b);
      run = 0;
    }
  }
  const fill = (4 - (bytes.length % 4)) % 4;
  bytes.push(...Array<number>(fill).fill(0), 0x1b, 0x1b, 0x1b, 0x1b, 0x1a, fill);
  return Uint8Array.from([...bytes, ...check(Uint8Array.from(bytes), kind)]);
}
