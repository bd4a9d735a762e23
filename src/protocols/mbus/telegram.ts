import type { MeterError } from '../../common/meter-error.ts';
import { CONTROL_INFORMATION } from './control-information.ts';
import { mbusError } from './errors.ts';
import type { MbusFrame } from './frame.ts';
import { ACKNOWLEDGE, checksum, START_LONG, START_SHORT, STOP } from './frame.ts';
import type { MeterHeader } from './header.ts';
import { readHeader } from './header.ts';
import { applicationErrorText } from './status.ts';

/**
 * Walks the telegrams in stored data: whole frames one after the other, as the log keeps them, but also what a
 * broken read left behind. Nothing is refused; `fault` says what is wrong. Filled again for every telegram.
 */
export interface TelegramCursor {
  bytes: Uint8Array;
  position: number;
  /** End of the data, exclusive. */
  limit: number;
  kind: 'long' | 'short' | 'acknowledge' | 'stray';
  start: number;
  end: number;
  control: number;
  address: number;
  controlInformation: number;
  /** User data after the CI field. */
  dataStart: number;
  dataEnd: number;
  fault: string;
}

export function telegramCursor(bytes: Uint8Array, length: number): TelegramCursor {
  return {
    bytes,
    position: 0,
    limit: length,
    kind: 'stray',
    start: 0,
    end: 0,
    control: 0,
    address: 0,
    controlInformation: 0,
    dataStart: 0,
    dataEnd: 0,
    fault: '',
  };
}

/** Fills the cursor with the next telegram; false at the end. Every byte belongs to exactly one telegram or stray run. */
export function nextTelegram(cursor: TelegramCursor): boolean {
  const { bytes, limit } = cursor;
  const start = cursor.position;
  if (start >= limit) return false;
  cursor.start = start;
  cursor.fault = '';
  if (isLong(bytes, start, limit)) return long(cursor, start);
  if (bytes[start] === ACKNOWLEDGE) return found(cursor, 'acknowledge', start + 1);
  if (isShort(bytes, start, limit)) {
    cursor.control = bytes[start + 1] ?? 0;
    cursor.address = bytes[start + 2] ?? 0;
    return found(cursor, 'short', start + 5);
  }
  let end = start + 1;
  while (end < limit && !isLong(bytes, end, limit)) end++;
  cursor.fault = 'not a frame';
  return found(cursor, 'stray', end);
}

function found(cursor: TelegramCursor, kind: TelegramCursor['kind'], end: number): boolean {
  cursor.kind = kind;
  cursor.end = cursor.position = end;
  return true;
}

function isLong(bytes: Uint8Array, at: number, limit: number): boolean {
  if (bytes[at] !== START_LONG || at + 7 > limit || bytes[at + 3] !== START_LONG) return false;
  const size = bytes[at + 1] ?? 0;
  return size >= 3 && bytes[at + 2] === size;
}

function isShort(bytes: Uint8Array, at: number, limit: number): boolean {
  return (
    bytes[at] === START_SHORT &&
    at + 5 <= limit &&
    bytes[at + 4] === STOP &&
    bytes[at + 3] === checksum(bytes, at + 1, at + 3)
  );
}

function long(cursor: TelegramCursor, start: number): boolean {
  const { bytes, limit } = cursor;
  const dataEnd = start + 4 + (bytes[start + 1] ?? 0);
  cursor.control = bytes[start + 4] ?? 0;
  cursor.address = bytes[start + 5] ?? 0;
  cursor.controlInformation = bytes[start + 6] ?? 0;
  cursor.dataStart = start + 7;
  cursor.dataEnd = Math.min(dataEnd, limit);
  if (dataEnd + 2 > limit) cursor.fault = `cut off: ${limit - start} of ${dataEnd + 2 - start} bytes`;
  else if (bytes[dataEnd] !== checksum(bytes, start + 4, dataEnd)) cursor.fault = 'wrong checksum';
  else if (bytes[dataEnd + 1] !== STOP) cursor.fault = 'wrong stop character';
  return found(cursor, 'long', Math.min(dataEnd + 2, limit));
}

/** One telegram with its header, for showing; its records come from `decodeMbus`. Positions are bytes, half open. */
export interface Telegram {
  readonly start: number;
  readonly end: number;
  readonly kind: TelegramCursor['kind'];
  readonly control?: number;
  readonly address?: number;
  readonly controlInformation?: number;
  readonly header?: MeterHeader;
  /** What is wrong with the frame; empty when nothing is. */
  readonly fault: string;
}

/** All telegrams in stored bytes, in order. Never throws. */
export function parseTelegrams(bytes: Uint8Array): readonly Telegram[] {
  const telegrams: Telegram[] = [];
  const cursor = telegramCursor(bytes, bytes.length);
  while (nextTelegram(cursor)) {
    const { start, end, kind, fault, control, address, controlInformation } = cursor;
    if (kind === 'short') telegrams.push({ start, end, kind, fault, control, address });
    else if (kind !== 'long') telegrams.push({ start, end, kind, fault });
    else {
      const ci = CONTROL_INFORMATION[controlInformation];
      const header = ci === undefined ? undefined : readHeader(bytes, cursor.dataStart, cursor.dataEnd, ci);
      const telegram = { start, end, kind, fault, control, address, controlInformation };
      telegrams.push(header === undefined ? telegram : { ...telegram, header });
    }
  }
  return telegrams;
}

/** RSP_UD is 08, with ACD and DFC in bits 5 and 4. */
const RSP_UD = 0x08;
const RESPONSE_MASK = 0xcf;

/**
 * Is this the answer to REQ_UD2? Undefined when it is meter data from `expectedAddress`, else why not: 131083 no data
 * frame, 131085 another address, 131084 something other than meter data (application error, alarm, unknown CI), 131334
 * too short for its header.
 * `expectedAddress` undefined: any (after a selection, or with the test address 254).
 */
export function responseError(frame: MbusFrame, expectedAddress?: number): MeterError | undefined {
  if (frame.kind === 'acknowledge')
    return mbusError(131083, 'The meter acknowledged (E5) instead of sending its data.');
  if (frame.kind === 'short')
    return mbusError(131083, 'A short frame came back: the request itself, or another master.');
  if ((frame.control & RESPONSE_MASK) !== RSP_UD)
    return mbusError(131083, `The control field is ${frame.control.toString(16).toUpperCase()}, not that of RSP_UD.`);
  if (expectedAddress !== undefined && frame.address !== expectedAddress)
    return mbusError(131085, `Meter ${frame.address} answered instead of ${expectedAddress}.`);
  const ci = CONTROL_INFORMATION[frame.controlInformation];
  switch (ci?.layout) {
    case 'records':
      return undefined;
    case 'long header':
    case 'short header':
    case 'fixed': {
      const data = frame.kind === 'long' ? frame.data : new Uint8Array(0);
      if (readHeader(data, 0, data.length, ci) !== undefined) return undefined;
      return mbusError(131334, `The answer holds ${data.length} bytes of data, too few for ${ci.name}.`);
    }
    case 'application error':
      return mbusError(
        131084,
        `The meter reports: ${applicationErrorText(frame.kind === 'long' ? frame.data[0] : undefined)}.`,
      );
    case 'alarm':
      return mbusError(131084, 'The meter sent an alarm instead of data.');
    default:
      return mbusError(
        131084,
        `The meter answered with CI ${frame.controlInformation.toString(16).toUpperCase()}, which is no meter data.`,
      );
  }
}
