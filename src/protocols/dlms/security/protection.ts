import { concatBytes } from '../../../common/bytes.ts';
import { cursorOver, numberBytes } from '../axdr/cursor.ts';
import { dlmsError } from '../errors.ts';
import { KeyError } from './key-error.ts';
import { open, seal, TAG_BYTES, withoutTag } from './gcm.ts';

export const AUTHENTICATED = 0x10;
export const ENCIPHERED = 0x20;
const BROADCAST = 0x40;
const COMPRESSED = 0x80;
export const SUITE = 0x0f;
/** Bytes of the keys of each suite: all are AES in Galois/counter mode. */
export const KEY_BYTES = [16, 16, 32] as const;

/** What a message is protected with. */
export interface Protection {
  /** Security control: suite in the low bits, 10 authenticated, 20 enciphered, 40 with the broadcast key. */
  readonly control: number;
  /** Of this message: it is never used twice with one key. */
  readonly counter: number;
  /** Eight bytes of whoever sends it. */
  readonly title: Uint8Array;
  readonly key: Uint8Array;
  /** Without it no tag can be made, or checked. */
  readonly authenticationKey?: Uint8Array;
}

const nonceOf = ({ title, counter }: Pick<Protection, 'title' | 'counter'>) =>
  concatBytes(title, numberBytes(counter, 4));

function additional(control: number, authenticationKey: Uint8Array, plain: Uint8Array): Uint8Array {
  const head = concatBytes(Uint8Array.of(control), authenticationKey);
  return (control & ENCIPHERED) === 0 ? concatBytes(head, plain) : head;
}

/** Security header, text and tag of a message. Throws a MeterError 'security' where a key is missing. */
export function protect(plain: Uint8Array, protection: Protection): Uint8Array {
  const { control, counter, key, authenticationKey } = protection;
  const header = concatBytes(Uint8Array.of(control), numberBytes(counter, 4));
  const isEnciphered = (control & ENCIPHERED) !== 0;
  const nonce = nonceOf(protection);
  if ((control & AUTHENTICATED) === 0) return concatBytes(header, isEnciphered ? withoutTag(key, nonce, plain) : plain);
  if (!authenticationKey) throw dlmsError('security', 'There is no authentication key.');
  const { cipher, tag } = seal(
    key,
    nonce,
    additional(control, authenticationKey, plain),
    isEnciphered ? plain : new Uint8Array(0),
  );
  return concatBytes(header, isEnciphered ? cipher : plain, tag);
}

export interface Opened {
  readonly plain: Uint8Array;
  readonly control: number;
  readonly counter: number;
  /** A tag vouches for it; false: it had none, or there was no key to check it with. */
  readonly isAuthenticated: boolean;
}

/** The keys that a received message may be protected with. */
export interface ReceiveKeys {
  readonly title: Uint8Array;
  readonly key: Uint8Array;
  readonly broadcastKey?: Uint8Array;
  readonly authenticationKey?: Uint8Array;
}

/**
 * Throws a KeyError where a key does not fit, a MeterError 'security' where the protection is not known, 'form' where bytes
 * are missing. Deciphered with the wrong key, a text begins like no message: so it is told which one is wrong.
 */
export function unprotect(protectedText: Uint8Array, keys: ReceiveKeys): Opened {
  const cursor = cursorOver(protectedText);
  const control = cursor.number(1);
  const counter = cursor.number(4);
  const keyBytes = KEY_BYTES[control & SUITE];
  if (keyBytes === undefined || (control & COMPRESSED) !== 0)
    throw dlmsError(
      'security',
      `The meter protects with suite ${control & SUITE}${control >= COMPRESSED ? ' and compresses' : ''}, which is not known here.`,
    );
  const key = (control & BROADCAST) === 0 ? keys.key : (keys.broadcastKey ?? keys.key);
  if (key.length !== keyBytes)
    throw new KeyError(
      'encryption key',
      `The meter enciphers with suite ${control & SUITE}, whose keys have ${keyBytes} bytes; this one has ${key.length}.`,
    );
  const nonce = nonceOf({ title: keys.title, counter });
  const isEnciphered = (control & ENCIPHERED) !== 0;
  if ((control & AUTHENTICATED) === 0) {
    const text = cursor.rest();
    return {
      plain: isEnciphered ? withoutTag(key, nonce, text) : text.slice(),
      control,
      counter,
      isAuthenticated: false,
    };
  }
  const text = cursor.take(Math.max(0, cursor.left - TAG_BYTES));
  const tag = cursor.take(TAG_BYTES);
  const { authenticationKey } = keys;
  // Operators often give out the encryption key only.
  if (!authenticationKey)
    return {
      plain: isEnciphered ? withoutTag(key, nonce, text) : text.slice(),
      control,
      counter,
      isAuthenticated: false,
    };
  const plain = isEnciphered
    ? open(key, nonce, additional(control, authenticationKey, text), text, tag)
    : open(key, nonce, additional(control, authenticationKey, text), new Uint8Array(0), tag) && text.slice();
  if (!plain) throw wrongTag(isEnciphered ? withoutTag(key, nonce, text) : undefined);
  return { plain, control, counter, isAuthenticated: true };
}

/** @param text deciphered; undefined: it was never enciphered */
function wrongTag(text: Uint8Array | undefined): KeyError {
  if (text && !isMessage(text))
    return new KeyError(
      'encryption key',
      'The encryption key (EK) does not fit: what the meter sends, deciphered with it, is no message.',
    );
  if (text)
    return new KeyError(
      'authentication key',
      'The authentication key (AK) does not fit: the encryption key opens what the meter sends, and its tag is another one.',
    );
  return new KeyError(
    'any',
    'The tag of an answer is wrong: the encryption key (EK) or the authentication key (AK) does not fit.',
  );
}

/** Initiates, reads, writes and their answers, service errors, pushes, GET, SET and ACTION and their answers, texts of P1. */
const FIRST_BYTES = [
  0x01, 0x05, 0x06, 0x08, 0x0c, 0x0d, 0x0e, 0x0f, 0x16, 0x18, 0x2f, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc7, 0xd8,
];
const [WITH_KIND, MOST_KIND] = [0xc0, 7] as const;

/** It begins like one: one of a hundred texts deciphered with a wrong key does, too. */
export const isMessage = ([first = 0, second = 0]: Uint8Array): boolean =>
  FIRST_BYTES.includes(first) && (first < WITH_KIND || second <= MOST_KIND);
