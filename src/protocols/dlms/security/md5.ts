const ROUNDS = 64;
const shifts = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const;
const sines = Int32Array.from({ length: ROUNDS }, (_, at) => Math.floor(Math.abs(Math.sin(at + 1)) * 2 ** 32));

/** MD5 (RFC 1321): meters of authentication mechanism 3 want it, and browsers do not have it. */
export function md5(text: Uint8Array): Uint8Array {
  const blocks = Math.ceil((text.length + 9) / 64);
  const view = new DataView(new ArrayBuffer(64 * blocks));
  text.forEach((byte, at) => view.setUint8(at, byte));
  view.setUint8(text.length, 0x80);
  view.setBigUint64(64 * blocks - 8, BigInt(text.length) * 8n, true);
  let state: readonly [number, number, number, number] = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476];
  for (let start = 0; start < view.byteLength; start += 64) {
    let [a, b, c, d] = state;
    for (let step = 0; step < ROUNDS; step++) {
      const round = step >> 4;
      const [mixed, word] = [
        [(b & c) | (~b & d), step],
        [(d & b) | (~d & c), 5 * step + 1],
        [b ^ c ^ d, 3 * step + 5],
        [c ^ (b | ~d), 7 * step],
      ][round] ?? [0, 0];
      const sum = (a + (mixed ?? 0) + (sines[step] ?? 0) + view.getInt32(start + 4 * ((word ?? 0) % 16), true)) | 0;
      const shift = shifts[round]?.[step % 4] ?? 0;
      [a, d, c, b] = [d, c, b, (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0];
    }
    state = [(state[0] + a) | 0, (state[1] + b) | 0, (state[2] + c) | 0, (state[3] + d) | 0];
  }
  const result = new DataView(new ArrayBuffer(16));
  state.forEach((word, at) => result.setInt32(4 * at, word, true));
  return new Uint8Array(result.buffer);
}
