import { smlError } from './errors.ts';

/** What a type-length field begins, with where in the payload it stands: half open, its own field included. */
export type Element = { readonly start: number; readonly end: number } & (
  | { readonly kind: 'octets'; readonly bytes: Uint8Array }
  | { readonly kind: 'integer'; readonly value: bigint; readonly isSigned: boolean; readonly size: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'list'; readonly items: readonly Element[] }
  /** An optional one that is left out, or an octet string without octets. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'end of message' }
);

const DEEPEST = 10;
const MOST_LENGTH_BYTES = 4;
const LARGEST_INTEGER = 8;

/**
 * The element at that place. Integers may have any width from one byte to eight; lengths are bounded before anything is
 * laid out for them. Throws MeterError 4390920.
 */
export function readElement(bytes: Uint8Array, start: number, depth = 0): Element {
  const first = byteAt(bytes, start);
  if (first === 0) return { kind: 'end of message', start, end: start + 1 };
  let length = first & 0x0f;
  let at = start + 1;
  for (let more = first; (more & 0x80) !== 0; at++) {
    if (at - start >= MOST_LENGTH_BYTES) throw refused(start, 'its length takes more than four bytes');
    more = byteAt(bytes, at);
    // Hager repeats the type in the second byte.
    length = (length << 4) | (more & 0x0f);
  }
  const type = (first >> 4) & 7;
  if (type === 7) return readList(bytes, start, at, length, depth);
  const end = start + length;
  if (end < at) throw refused(start, 'it is shorter than its own length');
  if (end > bytes.length) throw refused(start, 'it is longer than what came');
  const content = bytes.subarray(at, end);
  switch (type) {
    case 0:
      return content.length === 0 ? { kind: 'absent', start, end } : { kind: 'octets', bytes: content, start, end };
    case 4:
      if (content.length !== 1) throw refused(start, 'a boolean has one byte');
      return { kind: 'boolean', value: content[0] !== 0, start, end };
    case 5:
    case 6:
      if (content.length === 0 || content.length > LARGEST_INTEGER)
        throw refused(start, `an integer of ${content.length} bytes`);
      return {
        kind: 'integer',
        value: integerOf(content, type === 5),
        isSigned: type === 5,
        size: content.length,
        start,
        end,
      };
    default:
      throw refused(start, `type ${type} is not in use`);
  }
}

function readList(bytes: Uint8Array, start: number, from: number, length: number, depth: number): Element {
  if (depth >= DEEPEST) throw refused(start, 'lists within lists are nested too deep');
  if (length > bytes.length - from) throw refused(start, 'more elements than bytes');
  const items: Element[] = [];
  let at = from;
  while (items.length < length) {
    const item = readElement(bytes, at, depth + 1);
    items.push(item);
    at = item.end;
  }
  return { kind: 'list', items, start, end: at };
}

function integerOf(bytes: Uint8Array, isSigned: boolean): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return isSigned ? BigInt.asIntN(8 * bytes.length, value) : value;
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw refused(at, 'the data ends here');
  return byte;
}

const refused = (at: number, why: string) => smlError('form', `At byte ${at} of the messages: ${why}.`);

export const octetsOf = (element: Element | undefined): Uint8Array | undefined =>
  element?.kind === 'octets' ? element.bytes : undefined;

/** A number that fits; undefined for anything else. */
export const numberOf = (element: Element | undefined): number | undefined =>
  element?.kind === 'integer' && element.value >= -0x80000000n && element.value <= 0xffffffffn
    ? Number(element.value)
    : undefined;

export const itemsOf = (element: Element | undefined): readonly Element[] =>
  element?.kind === 'list' ? element.items : [];
