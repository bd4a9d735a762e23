import { cursorOver } from '../axdr/cursor.ts';
import { readData } from '../axdr/read-data.ts';
import type { Data } from '../axdr/data.ts';
import { expectTag } from './exception.ts';

export const NOTIFICATION = 0x0f;
const OCTET_STRING = 0x09;

/** What a meter pushes. */
export interface Notification {
  readonly id: number;
  /** Twelve bytes; empty where it names no time. */
  readonly time: Uint8Array;
  readonly body: Data;
}

/** Throws a MeterError 'form'. Some meters write the time with a tag, some without. */
export function readNotification(message: Uint8Array): Notification {
  expectTag(message, NOTIFICATION);
  const cursor = cursorOver(message.subarray(1));
  const id = cursor.number(4);
  if (cursor.peek() === OCTET_STRING) cursor.number(1);
  const time = cursor.octets().slice();
  return { id, time, body: readData(cursor) };
}
