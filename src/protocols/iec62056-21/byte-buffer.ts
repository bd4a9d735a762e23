/** Bytes that grow up to a limit: no allocation per character, no growth beyond `limit` whatever comes in. */
export interface ByteBuffer {
  readonly length: number;
  /** False when the buffer is full; the byte was not taken then. */
  push(byte: number): boolean;
  at(index: number): number;
  /** A view, valid until the next push. */
  view(start?: number, end?: number): Uint8Array;
  clear(): void;
}

export function byteBuffer(limit: number): ByteBuffer {
  let bytes = new Uint8Array(Math.min(limit, 1024));
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(byte) {
      if (length >= limit) return false;
      if (length === bytes.length) {
        const larger = new Uint8Array(Math.min(limit, 2 * length));
        larger.set(bytes);
        bytes = larger;
      }
      bytes[length++] = byte;
      return true;
    },
    at: (index) => bytes[index] ?? 0,
    view: (start = 0, end = length) => bytes.subarray(start, Math.min(end, length)),
    clear() {
      length = 0;
    },
  };
}
