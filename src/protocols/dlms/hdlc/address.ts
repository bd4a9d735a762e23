/** An HDLC address: 7 or 14 bits for the logical device, and as many for the physical one where it is there. */
export interface HdlcAddress {
  /** Logical device of a server; the whole of a client. */
  readonly upper: number;
  /** Physical device; absent in an address of one byte. */
  readonly lower?: number;
  /** How many bytes it has on the wire. */
  readonly size: 1 | 2 | 4;
}

const LAST = 0x01;

export const clientAddress = (client: number): HdlcAddress => ({ upper: client, size: 1 });

/** The shortest form in which a server can be called, or the wanted one of four bytes. */
export function serverAddress(upper: number, lower?: number, isLong = false): HdlcAddress {
  if (isLong || upper > 0x7f || (lower ?? 0) > 0x7f) return { upper, lower: lower ?? 0, size: 4 };
  return lower === undefined ? { upper, size: 1 } : { upper, lower, size: 2 };
}

export function addressBytes({ upper, lower = 0, size }: HdlcAddress): Uint8Array {
  switch (size) {
    case 1:
      return Uint8Array.of((upper << 1) | LAST);
    case 2:
      return Uint8Array.of(upper << 1, (lower << 1) | LAST);
    case 4:
      return Uint8Array.of((upper >> 7) << 1, (upper & 0x7f) << 1, (lower >> 7) << 1, ((lower & 0x7f) << 1) | LAST);
  }
}

/** The address that begins at `at`; undefined while it is not whole, 'wrong' where none begins there. */
export function addressAt(bytes: Uint8Array, at: number, end = bytes.length): HdlcAddress | 'wrong' | undefined {
  const parts: number[] = [];
  while (parts.length < 4) {
    if (at + parts.length >= end) return undefined;
    const byte = bytes[at + parts.length] ?? 0;
    parts.push(byte >> 1);
    if ((byte & LAST) === LAST) break;
    if (parts.length === 4) return 'wrong';
  }
  const [first = 0, second = 0, third = 0, fourth = 0] = parts;
  switch (parts.length) {
    case 1:
      return { upper: first, size: 1 };
    case 2:
      return { upper: first, lower: second, size: 2 };
    case 4:
      return { upper: (first << 7) | second, lower: (third << 7) | fourth, size: 4 };
    default:
      return 'wrong';
  }
}

/** Meters may write their own address with another length than they are called with: only the values count. */
export const isSameAddress = (a: HdlcAddress, b: HdlcAddress): boolean =>
  a.upper === b.upper && (a.lower ?? 0) === (b.lower ?? 0);

/** "1", "1/17". */
export const addressText = ({ upper, lower }: HdlcAddress): string =>
  lower === undefined ? String(upper) : `${upper}/${lower}`;
