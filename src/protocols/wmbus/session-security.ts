import { AES_BLOCK, runCtr } from './aes.ts';
import type { ExtendedLink } from './layers.ts';

/** Repeaters change bits 4 and 1 of the communication control: they are no part of the counter. */
export const UNCHANGED_BY_REPEATERS = 0xed;

/**
 * The telegram with everything behind the number of its session deciphered, the check sum in front included. The counter
 * block is manufacturer, number, version, medium, communication control and session as sent, then the number of the block.
 */
export function openSession(key: Uint8Array, body: Uint8Array, extended: ExtendedLink, sessionAt: number): Uint8Array {
  const block = new Uint8Array(AES_BLOCK);
  const addressAt = extended.addressAt ?? 1;
  block.set(body.subarray(addressAt, addressAt + 8));
  block[8] = extended.control & UNCHANGED_BY_REPEATERS;
  block.set(body.subarray(sessionAt, sessionAt + 4), 9);
  const from = sessionAt + 4;
  const bytes = body.slice();
  bytes.set(runCtr(key, block, body.slice(from)), from);
  return bytes;
}
