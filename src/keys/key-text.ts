import { fromHex, fromLatin1 } from '../common/bytes.ts';
import type { SecretField } from '../common/secret.ts';

/** In the place of a key, for none: lists of keys are filled up with it. */
export const NO_KEY = 'Zeros alone stand for no key.';

/**
 * The bytes of a password or key as people write it; in place of them, why it can be none, without repeating it. Keys
 * come as hex with or without `0x`, blanks, dashes and colons, or as printable characters, one for each byte: in quotes
 * where they would be hex too, for half a key is a likelier slip.
 */
export function bytesOfKey(
  text: string,
  { kind, length, orLength = length }: Pick<SecretField, 'kind' | 'length' | 'orLength'>,
): Uint8Array | string {
  if (kind === 'either' && /^\s*0x/i.test(text)) {
    const bytes = fromHex(text) ?? new Uint8Array(0);
    return bytes.length > 0 && bytes.length <= length ? bytes : `After 0x come 2 to ${2 * length} hexadecimal digits.`;
  }
  if (kind !== 'hex') return bytesOfText(text, length);
  const fits = (count = 0) => count === length || count === orLength;
  const bytes = fromHex(text);
  if (bytes && fits(bytes.length)) return bytes.every((byte) => byte === 0) ? NO_KEY : bytes;
  const characters = /^"(.*)"$/.exec(text)?.[1] ?? (bytes ? '' : text);
  if (fits(characters.length) && /^[\x20-\x7E]+$/.test(characters)) return fromLatin1(characters);
  if (text.trim() === '') return 'It is empty.';
  const digits = length === orLength ? `${2 * length}` : `${2 * length} or ${2 * orLength}`;
  return `It needs ${digits} hexadecimal digits${bytes ? `, and has ${2 * bytes.length}` : ''}.`;
}

function bytesOfText(text: string, length: number): Uint8Array | string {
  if (text === '') return 'It is empty.';
  if (!/^[\x20-\x7E\xA0-\xFF]*$/.test(text)) return 'It has a character that no meter knows.';
  return text.length <= length ? fromLatin1(text) : `It has ${text.length} characters; at most ${length} can be sent.`;
}
