import { fromHex, fromLatin1, toLatin1 } from '../../../common/bytes.ts';
import { protocols } from '../../../protocols/registry.ts';
import type { Recognized } from '../../../protocols/recognized.ts';

/** Bytes a link carries at most; 8000 characters still pass through mail and chat. */
export const MOST_LINK_BYTES = 6000;

/** base64url of a frame for the fragment of a link (RFC 4648, 5); undefined where it would be too long. */
export function linkPartOf({
  protocol,
  data,
  message,
}: Pick<Recognized, 'protocol' | 'data' | 'message'>): string | undefined {
  const bytes =
    protocols.find(protocol)?.data === 'text' ? fromLatin1(message ?? data) : (fromHex(data) ?? fromLatin1(data));
  if (bytes.length === 0 || bytes.length > MOST_LINK_BYTES) return undefined;
  return btoa(toLatin1(bytes)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** The bytes of a link; undefined where it is damaged or longer than this app makes them. */
export function bytesOfLinkPart(part: string): Uint8Array | undefined {
  if (part.length > Math.ceil((MOST_LINK_BYTES * 4) / 3) || !/^[\w-]+$/.test(part) || part.length % 4 === 1)
    return undefined;
  return fromLatin1(atob(part.replaceAll('-', '+').replaceAll('_', '/')));
}
