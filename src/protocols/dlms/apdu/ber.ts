import { concatBytes } from '../../../common/bytes.ts';
import { cursorOver, lengthBytes } from '../axdr/cursor.ts';

/** A field in BER: its tag, its length, its contents. */
export function ber(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const whole = concatBytes(...contents);
  return concatBytes(Uint8Array.of(tag), lengthBytes(whole.length), whole);
}

/** The fields of BER contents by their tag; the first of each counts. Throws a MeterError 'form' where one is cut off. */
export function berFields(contents: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const cursor = cursorOver(contents);
  const fields = new Map<number, Uint8Array>();
  while (cursor.left > 0) {
    const tag = cursor.number(1);
    const value = cursor.octets();
    if (!fields.has(tag)) fields.set(tag, value);
  }
  return fields;
}

/** The contents of the one field that other contents are: an OCTET STRING, an INTEGER. Empty where there is none. */
export function inner(contents: Uint8Array | undefined): Uint8Array {
  if (!contents || contents.length === 0) return new Uint8Array(0);
  const cursor = cursorOver(contents);
  cursor.number(1);
  return cursor.octets();
}
