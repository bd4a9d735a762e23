import { inOrder, wordsOf, type NumberType, type WordOrder } from '../numbers.ts';

/** Registers of a number, the inverse of `figureOf` as far as simulated meters need it: integers and floats. */
export function wordsFor(value: number, type: NumberType, order: WordOrder, scale: number): readonly number[] {
  const bytes = new Uint8Array(2 * wordsOf(type));
  const view = new DataView(bytes.buffer);
  const raw = value / 10 ** scale;
  if (type === 'f32') view.setFloat32(0, Math.fround(Math.round(raw * 1000) / 1000));
  else if (type === 'f64') view.setFloat64(0, Math.round(raw * 1000) / 1000);
  else {
    // Highest byte first; what a register can't hold rolls over as a counter does.
    let rest = BigInt.asUintN(8 * bytes.length, BigInt(Math.round(raw)));
    for (let at = bytes.length - 1; at >= 0; at--) {
      bytes[at] = Number(rest & 0xffn);
      rest >>= 8n;
    }
  }
  return wordsIn(inOrder(bytes, order));
}

const wordsIn = (bytes: Uint8Array): readonly number[] =>
  Array.from({ length: bytes.length / 2 }, (_, at) => ((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0));

/** Text in so many registers, two characters each, filled up with zeros. */
export function textWords(text: string, registers: number): readonly number[] {
  const bytes = new Uint8Array(2 * registers);
  for (let at = 0; at < Math.min(text.length, bytes.length); at++) bytes[at] = text.charCodeAt(at);
  return wordsIn(bytes);
}
