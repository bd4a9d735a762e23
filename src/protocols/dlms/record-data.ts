import { fromHex, toHex } from '../../common/bytes.ts';
import { nameOf, nameText, type Attribute } from './apdu/attribute.ts';
import type { Result } from './apdu/get.ts';

/** A record's data is kept up to here, in characters. */
export const MOST_DATA = 1024 * 1024;
const REFUSED = 'ERR';

/** `3:1-0:1.8.0*255:2`: class, name and number of an attribute. */
export const attributeText = ({ classId, name, number }: Attribute): string => `${classId}:${nameText(name)}:${number}`;

/** `<attribute>=<hex of its value in A-XDR>`, or `<attribute>=ERR<data-access-result>` where the meter refused it. */
export function resultText(attribute: Attribute, result: Result): string {
  return `${attributeText(attribute)}=${result.kind === 'data' ? toHex(result.bytes) : `${REFUSED}${result.reason}`}`;
}

export interface KeptValue {
  readonly attribute: Attribute;
  /** Undefined: refused. */
  readonly bytes: Uint8Array | undefined;
  readonly reason: number;
  /** Its hex was cut off, or is none. */
  readonly isCut: boolean;
  /** Where its bytes begin in all of them, one after the other. */
  readonly start: number;
}

const ITEM = /^(\d{1,5}):([^:]+:[^:]+):(-?\d{1,3})=(.*)$/s;

/** The values in a record's data, with commas between; what is none is passed over. */
export function keptValues(data: string): readonly KeptValue[] {
  const kept: KeptValue[] = [];
  let start = 0;
  for (const part of data.split(',')) {
    const [, classText = '', code = '', numberText = '', text = ''] = ITEM.exec(part.trim()) ?? [];
    const name = nameOf(code);
    if (!name) continue;
    const attribute = { classId: Number(classText), name, number: Number(numberText) };
    if (text.startsWith(REFUSED)) {
      kept.push({ attribute, bytes: undefined, reason: Number(text.slice(REFUSED.length)) || 0, isCut: false, start });
      continue;
    }
    const bytes = fromHex(text.slice(0, text.length & ~1)) ?? new Uint8Array(0);
    kept.push({ attribute, bytes, reason: 0, isCut: bytes.length * 2 !== text.length, start });
    start += bytes.length;
  }
  return kept;
}

const PUSHED = 'PUSH=';

/** What a meter pushed, as received and without the frames around it; it may be enciphered. */
export const pushedText = (message: Uint8Array): string => `${PUSHED}${toHex(message)}`;

/** Undefined for the data of a read. */
export const pushedIn = (data: string): Uint8Array | undefined =>
  data.startsWith(PUSHED) ? fromHex(data.slice(PUSHED.length)) : undefined;
