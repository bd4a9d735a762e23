import { toHex } from '../../../common/bytes.ts';
import { cursorOver } from '../axdr/cursor.ts';
import { timeOf } from '../cosem/date-time.ts';
import { dlmsError } from '../errors.ts';
import { GENERAL_DEDICATED, GENERAL_GLOBAL } from '../security/ciphered.ts';
import { pushValues, type PushValue } from './body.ts';

/** What a meter pushed, without an envelope. */
export interface Push {
  readonly time: Uint8Array | undefined;
  readonly values: readonly PushValue[];
}

const NOTIFICATION = 0x0f;
const OCTET_STRING = 0x09;
const TIME_BYTES = 12;
/** What a meter says unasked: in the open, or in an envelope with its title. */
export const isPush = ([tag]: Uint8Array): boolean =>
  tag === NOTIFICATION || tag === GENERAL_GLOBAL || tag === GENERAL_DEDICATED;

/** Throws a MeterError 'form' for what is none, or damaged. */
export function readPush(message: Uint8Array): Push {
  const [tag] = message;
  if (tag !== NOTIFICATION) throw dlmsError('form', `${toHex(message.subarray(0, 1))} is no message that meters push.`);
  const cursor = cursorOver(message.subarray(1));
  cursor.number(4);
  // Some meters write the time with a tag, some without, some leave it out.
  if (cursor.peek() === OCTET_STRING) cursor.number(1);
  const time = cursor.octets().slice();
  const isTime = time.length === TIME_BYTES && timeOf(time) !== undefined;
  return { time: isTime ? time : undefined, values: pushValues(cursor) };
}
