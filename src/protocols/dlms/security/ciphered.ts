import { concatBytes, toHex } from '../../../common/bytes.ts';
import { cursorOver, lengthBytes } from '../axdr/cursor.ts';
import { dlmsError } from '../errors.ts';
import { KeyError } from './key-error.ts';
import { isMessage, protect, unprotect, type Opened, type Protection, type ReceiveKeys } from './protection.ts';

export const GENERAL_GLOBAL = 0xdb;
export const GENERAL_DEDICATED = 0xdc;

/** Tags of messages: plain, with the global key, with the dedicated one. */
const tags: readonly (readonly [plain: number, global: number, dedicated: number])[] = [
  [0x01, 0x21, 0x41],
  [0x05, 0x25, 0x45],
  [0x06, 0x26, 0x46],
  [0x08, 0x28, 0x48],
  [0x0c, 0x2c, 0x4c],
  [0x0d, 0x2d, 0x4d],
  [0x0e, 0x2e, 0x4e],
  [0x16, 0x36, 0x56],
  [0x18, 0x38, 0x58],
  [0xc0, 0xc8, 0xd0],
  [0xc1, 0xc9, 0xd1],
  [0xc2, 0xca, 0xd2],
  [0xc3, 0xcb, 0xd3],
  [0xc4, 0xcc, 0xd4],
  [0xc5, 0xcd, 0xd5],
  [0xc7, 0xcf, 0xd7],
];

export type KeyUse = 'global' | 'dedicated';
/** How the envelope is written: by the kind of message, or one for all kinds with the sender's title. */
export type Envelope = 'by kind' | 'general';

/** A message in its envelope. */
export function ciphered(plain: Uint8Array, use: KeyUse, envelope: Envelope, protection: Protection): Uint8Array {
  const text = protect(plain, protection);
  const body = concatBytes(lengthBytes(text.length), text);
  if (envelope === 'general') {
    const { title } = protection;
    const tag = use === 'global' ? GENERAL_GLOBAL : GENERAL_DEDICATED;
    return concatBytes(Uint8Array.of(tag, title.length), title, body);
  }
  const row = tags.find(([tag]) => tag === plain[0]);
  if (!row) throw dlmsError('security', `A message ${toHex(plain.subarray(0, 1))} cannot be ciphered by its kind.`);
  return concatBytes(Uint8Array.of(use === 'global' ? row[1] : row[2]), body);
}

/** Keys of an association or a push; what is missing is not known. */
export interface Keys {
  readonly global?: Uint8Array;
  readonly dedicated?: Uint8Array;
  readonly broadcast?: Uint8Array;
  readonly authentication?: Uint8Array;
  /** Of the meter, where its envelopes do not say it. */
  readonly title?: Uint8Array;
}

export interface Deciphered extends Opened {
  readonly use: KeyUse;
  readonly title: Uint8Array;
}

/** The title in a general envelope, and where the envelope ends; undefined for another message. Throws 'form' where it is cut off. */
export function titleIn(message: Uint8Array): { readonly title: Uint8Array; readonly end: number } | undefined {
  if (message[0] !== GENERAL_GLOBAL && message[0] !== GENERAL_DEDICATED) return undefined;
  const cursor = cursorOver(message.subarray(1));
  const title = cursor.octets();
  cursor.octets();
  return { title, end: cursor.at + 1 };
}

/** Undefined for a message that is in no envelope. Throws a MeterError 'security' or 'form'. */
export function deciphered(message: Uint8Array, keys: Keys): Deciphered | undefined {
  const [tag = 0] = message;
  const isGeneral = tag === GENERAL_GLOBAL || tag === GENERAL_DEDICATED;
  const row = tags.find(([, global, dedicated]) => tag === global || tag === dedicated);
  if (!isGeneral && !row) return undefined;
  const use: KeyUse = tag === GENERAL_DEDICATED || tag === row?.[2] ? 'dedicated' : 'global';
  const cursor = cursorOver(message.subarray(1));
  const stated = isGeneral ? cursor.octets() : undefined;
  const title = stated && stated.length > 0 ? stated : keys.title;
  const key = keys[use];
  if (!title)
    throw dlmsError('security', 'The meter enciphers, and its system title is not known.', {
      hint: 'Put it at Settings, Passwords and keys: “System title of the meter”. It stands on some plates, and in what the meter pushes.',
    });
  if (!key) throw dlmsError('security', `The meter enciphers with the ${use} key, which is not known.`);
  const receive: ReceiveKeys = {
    title,
    key,
    ...(keys.broadcast ? { broadcastKey: keys.broadcast } : {}),
    ...(keys.authentication ? { authenticationKey: keys.authentication } : {}),
  };
  const opened = unprotect(cursor.octets(), receive);
  if (row && opened.plain[0] !== row[0])
    throw new KeyError(
      'encryption key',
      'The encryption key (EK) does not fit: what was deciphered is no message of its kind.',
    );
  if (!row && !isMessage(opened.plain))
    throw new KeyError('encryption key', 'The encryption key (EK) does not fit: what was deciphered is no message.');
  return { ...opened, use, title };
}
