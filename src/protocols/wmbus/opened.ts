import type { Authentication, ExtendedLink, Transport } from './layers.ts';

/** How far the protection of a telegram is off. */
type Security =
  /** There was none, or it had been taken off before. */
  | 'plain'
  | 'taken off before'
  | 'opened'
  /** Opened, though the bytes that show it are others: some meters send their own (wmbusmeters#2042). */
  | 'opened, check bytes differ'
  | 'no key'
  | 'wrong key'
  | 'not supported';

export interface OpenedTelegram {
  /** The telegram from its C field on, what was enciphered replaced by what it says, byte by byte. */
  readonly bytes: Uint8Array;
  readonly extended?: ExtendedLink;
  readonly authentication?: Authentication;
  /** Absent where it is enciphered with all that follows, or the telegram ends before. */
  readonly transport?: Transport;
  /** What is behind the header and readable; without `transport`, what is not. */
  readonly start: number;
  readonly end: number;
  /** Where what could not be opened begins and ends; of no length where nothing is left closed. */
  readonly closed: { readonly start: number; readonly end: number };
  readonly security: Security;
  /** "mode 5", "AES-CTR of the link layer": empty where nothing is enciphered. */
  readonly cipher: string;
  /** A check sum or a tag inside the enciphered part vouches for the telegram. */
  readonly isProved: boolean;
  /** One of them says that it came damaged. */
  readonly isDamaged?: true;
  /** Which of the keys fitted, from 0; -1 where none was needed or none did. */
  readonly key: number;
}
