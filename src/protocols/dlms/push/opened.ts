import { toHex } from '../../../common/bytes.ts';
import { MeterError } from '../../../common/meter-error.ts';
import type { KeysFor } from '../../protocol.ts';
import { AUTHENTICATION_KEY, BROADCAST_KEY, ENCRYPTION_KEY } from '../secrets.ts';
import { deciphered, titleIn } from '../security/ciphered.ts';
import { AUTHENTICATED, ENCIPHERED } from '../security/protection.ts';

/** A pushed message without its envelope, or why it stays in it. */
export type OpenedPush =
  | {
      readonly plain: Uint8Array;
      /** For people: "authenticated and encrypted". */
      readonly security: string;
      /** A tag was there and fits, or none was needed. */
      readonly isAuthenticated: boolean;
    }
  | { readonly closed: string };

/** By what people may have written down the keys of a meter with this title: the number in it, and the title itself. */
export function numbersOfTitle(title: Uint8Array): readonly string[] {
  const letters = String.fromCharCode(...title.subarray(0, 3));
  const [type = 0, high = 0, ...low] = title.subarray(3);
  // Maker, type of device, four bits of what it can do, and the number on its plate.
  const serial = low.reduce((value, byte) => value * 256 + byte, high & 0x0f);
  const isNumbered = /^[A-Z]{3}$/.test(letters) && type < 0x80;
  const plate = String(serial).padStart(8, '0');
  return [toHex(title), ...(isNumbered ? [`${letters}${plate}`, plate] : [])];
}

/** Opens it with what is kept for the meter that its title names. Rejects for nothing that the message holds. */
export async function openPush(message: Uint8Array, keys?: KeysFor): Promise<OpenedPush> {
  try {
    const envelope = titleIn(message);
    if (!envelope) return { plain: message, security: 'no security', isAuthenticated: true };
    const { title } = envelope;
    const numbers = numbersOfTitle(title);
    const global = await keys?.(numbers, ENCRYPTION_KEY);
    if (!global)
      return {
        closed: `It is encrypted, and no encryption key is kept for the meter ${numbers.at(-1)} (${toHex(title)}).`,
      };
    const authentication = await keys?.(numbers, AUTHENTICATION_KEY);
    const broadcast = await keys?.(numbers, BROADCAST_KEY);
    const opened = deciphered(message, {
      global: global.bytes,
      ...(authentication ? { authentication: authentication.bytes } : {}),
      ...(broadcast ? { broadcast: broadcast.bytes } : {}),
    });
    if (!opened) return { plain: message, security: 'no security', isAuthenticated: true };
    const isEnciphered = (opened.control & ENCIPHERED) !== 0;
    const isTagged = (opened.control & AUTHENTICATED) !== 0;
    const words = opened.isAuthenticated
      ? isEnciphered
        ? 'authenticated and encrypted'
        : 'authenticated, not encrypted'
      : `${isEnciphered ? 'encrypted' : 'not encrypted'}, not authenticated${isTagged ? ': its authentication key is not kept' : ''}`;
    return { plain: opened.plain, security: words, isAuthenticated: opened.isAuthenticated };
  } catch (error) {
    // A key that does not fit, a message that is cut off, a store that is locked: all in words.
    if (error instanceof MeterError || error instanceof Error) return { closed: error.message };
    throw error;
  }
}
