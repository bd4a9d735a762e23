import { ctr, ecb, gcm } from '@noble/ciphers/aes.js';
import { concatBytes } from '../../../common/bytes.ts';

/** Bytes of a tag: DLMS takes the first of the sixteen that GCM has. */
export const TAG_BYTES = 12;
const BLOCK = 16;
/** GCM enciphers from the second value of its block counter on, the first makes the tag. */
const FIRST_BLOCK = Uint8Array.of(0, 0, 0, 2);

/** AES-GCM with the shorter tag of DLMS; the nonce has twelve bytes. */
export function seal(
  key: Uint8Array,
  nonce: Uint8Array,
  additional: Uint8Array,
  plain: Uint8Array,
): { readonly cipher: Uint8Array; readonly tag: Uint8Array } {
  const sealed = gcm(key, nonce, additional).encrypt(plain);
  return { cipher: sealed.slice(0, plain.length), tag: sealed.slice(plain.length, plain.length + TAG_BYTES) };
}

/** Deciphers, or enciphers, without looking at a tag. */
export const withoutTag = (key: Uint8Array, nonce: Uint8Array, cipher: Uint8Array): Uint8Array =>
  ctr(key, concatBytes(nonce, FIRST_BLOCK)).encrypt(cipher);

/** Undefined where the tag does not fit. */
export function open(
  key: Uint8Array,
  nonce: Uint8Array,
  additional: Uint8Array,
  cipher: Uint8Array,
  tag: Uint8Array,
): Uint8Array | undefined {
  const plain = withoutTag(key, nonce, cipher);
  return isEqual(seal(key, nonce, additional, plain).tag, tag) ? plain : undefined;
}

/** Looks at all bytes, wherever they differ. */
export function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  let difference = one.length ^ other.length;
  for (let at = 0; at < one.length; at++) difference |= (one[at] ?? 0) ^ (other[at] ?? 0);
  return difference === 0;
}

/** AES without any mode, of as many whole blocks as the text, filled up with zeros, has. */
export function encipherBlocks(key: Uint8Array, text: Uint8Array): Uint8Array {
  const filled = new Uint8Array(Math.max(BLOCK, Math.ceil(text.length / BLOCK) * BLOCK));
  filled.set(text);
  return ecb(key, { disablePadding: true }).encrypt(filled);
}
