import { cbc, cmac, ctr } from '@noble/ciphers/aes.js';

/** AES-128 in the modes that radio telegrams use; keys have 16 bytes. */

export const AES_KEY = 16;
export const AES_BLOCK = 16;

/** Whole blocks. */
export const openCbc = (key: Uint8Array, iv: Uint8Array, cipher: Uint8Array): Uint8Array =>
  cbc(key, iv, { disablePadding: true }).decrypt(cipher);

/** Enciphers and deciphers; the block counter is the end of the first counter block. */
export const runCtr = (key: Uint8Array, counterBlock: Uint8Array, text: Uint8Array): Uint8Array =>
  ctr(key, counterBlock).encrypt(text);

/** RFC 4493. */
export const macOf = (key: Uint8Array, text: Uint8Array): Uint8Array => cmac(text, key);

export interface Ccm {
  readonly nonce: Uint8Array;
  readonly additional: Uint8Array;
  /** Bytes of the tag. */
  readonly tagLength: number;
}

/** AES-CCM (RFC 3610); undefined where the tag does not fit. */
export function openCcm(key: Uint8Array, cipher: Uint8Array, tag: Uint8Array, ccm: Ccm): Uint8Array | undefined {
  const plain = runCtr(key, counterBlock(ccm, 1), cipher);
  const right = ccmTag(key, plain, ccm);
  return tag.length === ccm.tagLength && tag.every((byte, at) => byte === right[at]) ? plain : undefined;
}

const lengthBytes = ({ nonce }: Ccm) => AES_BLOCK - 1 - nonce.length;

function counterBlock(ccm: Ccm, count: number): Uint8Array {
  const block = new Uint8Array(AES_BLOCK);
  block[0] = lengthBytes(ccm) - 1;
  block.set(ccm.nonce, 1);
  block[AES_BLOCK - 1] = count;
  return block;
}

function ccmTag(key: Uint8Array, plain: Uint8Array, ccm: Ccm): Uint8Array {
  const { additional, tagLength } = ccm;
  const first = counterBlock(ccm, 0);
  first[0] = (additional.length > 0 ? 0x40 : 0) | (((tagLength - 2) / 2) << 3) | (lengthBytes(ccm) - 1);
  first[AES_BLOCK - 2] = plain.length >> 8;
  first[AES_BLOCK - 1] = plain.length & 0xff;
  const head = additional.length > 0 ? 2 + additional.length : 0;
  const filled = (length: number) => Math.ceil(length / AES_BLOCK) * AES_BLOCK;
  const text = new Uint8Array(AES_BLOCK + filled(head) + filled(plain.length));
  text.set(first);
  if (head > 0) text.set([additional.length >> 8, additional.length & 0xff, ...additional], AES_BLOCK);
  text.set(plain, AES_BLOCK + filled(head));
  const chained = cbc(key, new Uint8Array(AES_BLOCK), { disablePadding: true }).encrypt(text).slice(-AES_BLOCK);
  return runCtr(key, counterBlock(ccm, 0), chained).slice(0, tagLength);
}
