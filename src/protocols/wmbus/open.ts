import { AES_KEY } from './aes.ts';
import { radioCrc } from './crc.ts';
import type { ExtendedLink } from './layers.ts';
import { authentication, behindNetwork, extendedLink, transport } from './layers.ts';
import { LINK_END } from './link.ts';
import { openSession } from './session-security.ts';
import type { OpenedTelegram } from './opened.ts';
import { openTransport } from './transport-security.ts';

/** Opens a telegram, as far as one of the keys does it. Pure; never throws for what the telegram holds. */
export function openTelegram(body: Uint8Array, keys: readonly Uint8Array[]): OpenedTelegram {
  const extended = extendedLink(body);
  const session = extended?.session;
  if (extended === undefined || session === undefined) return behindLink(body, extended, keys, NOTHING);
  const check = session.at + SESSION;
  const isPlain = (bytes: Uint8Array) => radioCrc(bytes, check + 2, bytes.length) === wordAt(bytes, check);
  // Some receivers take the protection off and leave the number of the session as it was: the check sum tells.
  if (isPlain(body))
    return behindLink(body, extended, keys, {
      ...NOTHING,
      security: session.isEncrypted ? 'taken off before' : 'plain',
      cipher: session.isEncrypted ? SESSION_CIPHER : '',
      isProved: true,
    });
  const closed = { start: check, end: body.length };
  const shut = {
    bytes: body,
    extended,
    start: check,
    end: body.length,
    closed,
    cipher: SESSION_CIPHER,
    isProved: false,
  };
  if (!session.isEncrypted) return behindLink(body, extended, keys, { ...NOTHING, isDamaged: true });
  if (keys.length === 0) return { ...shut, security: 'no key', key: -1 };
  for (const [n, key] of keys.entries()) {
    const bytes = key.length === AES_KEY && openSession(key, body, extended, session.at);
    if (bytes && isPlain(bytes))
      return behindLink(bytes, extended, keys, { security: 'opened', cipher: SESSION_CIPHER, isProved: true, key: n });
  }
  return { ...shut, security: 'wrong key', key: -1 };
}

const SESSION = 4;
const SESSION_CIPHER = 'AES-CTR of the link layer';

type SoFar = Pick<OpenedTelegram, 'security' | 'cipher' | 'isProved' | 'isDamaged' | 'key'>;

const NOTHING: SoFar = { security: 'plain', cipher: '', isProved: false, key: -1 };

const wordAt = (bytes: Uint8Array, at: number) => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);

function behindLink(
  bytes: Uint8Array,
  extended: ExtendedLink | undefined,
  keys: readonly Uint8Array[],
  soFar: SoFar,
): OpenedTelegram {
  const behind = extended?.end ?? LINK_END;
  const afl = authentication(bytes, behindNetwork(bytes, behind));
  const at = behindNetwork(bytes, afl?.end ?? behind);
  const end = bytes.length;
  const layers = { ...(extended && { extended }), ...(afl && { authentication: afl }) };
  const nowhere = { start: end, end };
  if (at >= end) return { bytes, ...layers, start: end, end, closed: nowhere, ...soFar };
  const header = transport(bytes, at);
  const inner = openTransport(bytes, header, afl, keys);
  if (inner.security === 'plain')
    return { bytes, ...layers, transport: header, start: header.dataStart, end, closed: nowhere, ...soFar };
  return { ...layers, transport: header, start: header.dataStart, ...inner };
}
