import { AES_BLOCK, macOf } from './aes.ts';

/** The keys of one message, of the key of the meter and the message counter (OMS volume 2, "KDF-A"). */
export interface MessageKeys {
  readonly encryption: Uint8Array;
  readonly authentication: Uint8Array;
}

/** Bytes of a number, low byte first, as they stand in the telegram: `counter` and `number` have four each. */
export function messageKeys(key: Uint8Array, counter: Uint8Array, number: Uint8Array): MessageKeys {
  return { encryption: derived(key, 0x00, counter, number), authentication: derived(key, 0x01, counter, number) };
}

/** From the meter; 10 and 11 are the other direction. */
function derived(key: Uint8Array, purpose: 0x00 | 0x01, counter: Uint8Array, number: Uint8Array): Uint8Array {
  const text = new Uint8Array(AES_BLOCK).fill(0x07);
  text[0] = purpose;
  text.set(counter, 1);
  text.set(number, 5);
  return macOf(key, text);
}
