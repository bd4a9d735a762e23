import { fromHex, fromLatin1 } from '../common/bytes.ts';
import type { SecretField } from '../common/secret.ts';

/**
 * The bytes of a password or key as people write it; in place of them, why it can be none, without repeating it. Keys
 * come as hex with or without `0x`, blanks, dashes and colons, or as printable characters, one for each byte: in quotes
 * where they would be hex too, for half a key is a likelier slip.
 */
export function bytesOfKey(text: string, { kind, length }: Pick<SecretField, 'kind' | 'length'>): Uint8Array | string {
  if (kind === 'text') return bytesOfText(text, length);
  const bytes = fromHex(text);
  if (bytes?.length === length) return bytes;
  const characters = /^"(.*)"$/.exec(text)?.[1] ?? (bytes ? '' : text);
  if (characters.length === length && /^[\x20-\x7E]+$/.test(characters)) return fromLatin1(characters);
  if (text.trim() === '') return 'It is empty.';
  return `It needs ${2 * length} hexadecimal digits${bytes ? `, and has ${2 * bytes.length}` : ''}.`;
}

function bytesOfText(text: string, length: number): Uint8Array | string {
  if (text === '') return 'It is empty.';
  if (!/^[\x20-\x7E\xA0-\xFF]*$/.test(text)) return 'It has a character that no meter knows.';
  return text.length <= length ? fromLatin1(text) : `It has ${text.length} characters; at most ${length} can be sent.`;
}
