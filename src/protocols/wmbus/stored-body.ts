import { toHex } from '../../common/bytes.ts';
import { readHex } from '../mbus/hex.ts';
import { readFrame } from './frame.ts';
import { isRadioLink } from './link.ts';

export interface StoredBody {
  /** From the C field on. */
  readonly bytes: Uint8Array;
  /** Its upper-case hex. */
  readonly hex: string;
  /** What is wrong with the frame it came in. */
  readonly fault: string;
}

/** The telegram in the data of a record, from its C field on, as records keep it, or from its L field; undefined for no hex. */
export function storedBody(data: string): StoredBody | undefined {
  const hex = readHex(data);
  if (hex === undefined) return undefined;
  const bytes = hex.bytes.slice(0, hex.length);
  const frame = isRadioLink(bytes, 0) ? undefined : readFrame(bytes);
  return frame
    ? { bytes: frame.body, hex: toHex(frame.body), fault: frame.fault }
    : { bytes, hex: hex.text, fault: '' };
}
