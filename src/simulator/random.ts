/** A number in [0, 1) that depends on nothing but its arguments: the same meter shows the same figures everywhere. */
export function scatter(seed: number, index: number): number {
  let h = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index | 0, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 2 ** 32;
}

/** The numbers of {@link scatter} one after another. */
export function randomSource(seed: number): () => number {
  let index = 0;
  return () => scatter(seed, index++);
}

/** A number that differs between texts, so that every meter has its own chance. */
export function seedOf(text: string): number {
  return Array.from(text).reduce((seed, character) => (Math.imul(seed, 31) + character.charCodeAt(0)) | 0, 7);
}
