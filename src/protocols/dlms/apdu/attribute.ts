import { concatBytes } from '../../../common/bytes.ts';
import { numberBytes, type Cursor } from '../axdr/cursor.ts';
import type { Data } from '../axdr/data.ts';
import { readData } from '../axdr/read-data.ts';
import { dataBytes } from '../axdr/write-data.ts';

/** An attribute of an object, or one of its methods. */
export interface Attribute {
  readonly classId: number;
  /** Six bytes. */
  readonly name: Uint8Array;
  /** Negative numbers are of the maker. */
  readonly number: number;
}

/** A part of an attribute only. */
export interface Selection {
  readonly selector: number;
  readonly parameter: Data;
}

export const attributeBytes = ({ classId, name, number }: Attribute): Uint8Array =>
  concatBytes(numberBytes(classId, 2), name, Uint8Array.of(number & 0xff));

export function attributeAt(cursor: Cursor): Attribute {
  return { classId: cursor.number(2), name: cursor.take(6), number: (cursor.number(1) << 24) >> 24 };
}

export const selectionBytes = (selection: Selection | undefined): Uint8Array =>
  selection ? concatBytes(Uint8Array.of(1, selection.selector), dataBytes(selection.parameter)) : Uint8Array.of(0);

export function selectionAt(cursor: Cursor): Selection | undefined {
  return cursor.number(1) === 0 ? undefined : { selector: cursor.number(1), parameter: readData(cursor) };
}

/** "1-0:1.8.0*255". */
export function nameText(name: Uint8Array): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = name;
  return `${a}-${b}:${c}.${d}.${e}*${f}`;
}

const NAME = /^(\d{1,3})-(\d{1,3}):(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\*(\d{1,3}))?$/;

/** Undefined for what is no such text; the last part is 255 where it is left out. */
export function nameOf(text: string): Uint8Array | undefined {
  const match = NAME.exec(text);
  if (!match) return undefined;
  const parts = match.slice(1).map((part: string | undefined) => (part === undefined ? 255 : Number(part)));
  return parts.every((part) => part <= 255) ? Uint8Array.from(parts) : undefined;
}
