import { crcFits, withCrc } from './crc.ts';

/** A frame with address and check is never longer. */
export const MAX_FRAME = 256;
/** What a device puts on the function code of an answer that refuses. */
export const REFUSED = 0x80;

export const READ_FUNCTIONS = [1, 2, 3, 4] as const;
export type ReadFunction = (typeof READ_FUNCTIONS)[number];

/** Most registers, or bits, that one request may ask for. */
export const mostAtOnce = (command: ReadFunction): number => (command <= 2 ? 2000 : 125);
/** Bytes of data that so many bits, or registers, take. */
export const dataBytes = (command: ReadFunction, count: number): number =>
  command <= 2 ? Math.ceil(count / 8) : 2 * count;

const high = (value: number) => (value >> 8) & 0xff;
const low = (value: number) => value & 0xff;
const frame = (...bytes: readonly number[]) => withCrc(Uint8Array.from(bytes));

export const readRequest = (unit: number, command: ReadFunction, address: number, count: number): Uint8Array =>
  frame(unit, command, high(address), low(address), high(count), low(count));

/** 05: one coil. */
export const writeCoil = (unit: number, address: number, on: boolean): Uint8Array =>
  frame(unit, 5, high(address), low(address), on ? 0xff : 0, 0);

/** 06: one register. */
export const writeRegister = (unit: number, address: number, word: number): Uint8Array =>
  frame(unit, 6, high(address), low(address), high(word), low(word));

/** 0F: coils from an address on, the first in the lowest bit. */
export function writeCoils(unit: number, address: number, bits: readonly boolean[]): Uint8Array {
  const bytes = packBits(bits);
  const { length } = bits;
  return frame(unit, 15, high(address), low(address), high(length), low(length), bytes.length, ...bytes);
}

/** 10: registers from an address on. */
export function writeRegisters(unit: number, address: number, words: readonly number[]): Uint8Array {
  const { length } = words;
  const bytes = words.flatMap((word) => [high(word), low(word)]);
  return frame(unit, 16, high(address), low(address), high(length), low(length), bytes.length, ...bytes);
}

/** 11: what the device says of itself in its maker's own form. */
export const reportServerId = (unit: number): Uint8Array => frame(unit, 0x11);

/** 2B/0E: `code` 1 basic, 2 regular, 3 extended, 4 one object; from `object` on. */
export const readDeviceIdentification = (unit: number, code: number, object: number): Uint8Array =>
  frame(unit, 0x2b, 0x0e, code, object);

function packBits(bits: readonly boolean[]): number[] {
  const bytes = new Array<number>(Math.ceil(bits.length / 8)).fill(0);
  bits.forEach((bit, index) => {
    if (bit) bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (1 << (index & 7));
  });
  return bytes;
}

/** More objects than this are no identification any more. */
const MOST_OBJECTS = 64;

/**
 * Length in bytes of the answer that begins at `start`, check included; undefined while too little of it is there to
 * say; 0 where no answer of a known function begins so. Decided by the bytes alone, never by a pause.
 */
export function answerLength(bytes: Uint8Array, start: number, end: number): number | undefined {
  const command = bytes[start + 1];
  if (start + 2 > end || command === undefined) return undefined;
  const counted = () => (start + 2 < end ? fitting(5 + (bytes[start + 2] ?? 0)) : undefined);
  if (command >= REFUSED) return 5;
  switch (command) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 0x0c:
    case 0x11:
    case 0x14:
    case 0x15:
    case 0x17:
      return counted();
    case 5:
    case 6:
    case 8:
    case 0x0b:
    case 0x0f:
    case 0x10:
      return 8;
    case 7:
      return 5;
    case 0x16:
      return 10;
    case 0x18:
      return start + 3 < end ? fitting(6 + ((bytes[start + 2] ?? 0) << 8) + (bytes[start + 3] ?? 0)) : undefined;
    case 0x2b:
      return identificationLength(bytes, start, end);
    default:
      return 0;
  }
}

const fitting = (length: number) => (length <= MAX_FRAME ? length : 0);

/** Head of 8, then each object with its number and length, then the check. */
function identificationLength(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (start + 2 < end && bytes[start + 2] !== 0x0e) return 0;
  if (start + 8 > end) return undefined;
  const count = bytes[start + 7] ?? 0;
  if (count > MOST_OBJECTS) return 0;
  let at = start + 8;
  for (let object = 0; object < count; object++) {
    if (at - start + 2 > MAX_FRAME) return 0;
    if (at + 2 > end) return undefined;
    at += 2 + (bytes[at + 1] ?? 0);
  }
  return fitting(at - start + 2);
}

/** The same of a request. */
export function requestLength(bytes: Uint8Array, start: number, end: number): number | undefined {
  const command = bytes[start + 1];
  if (start + 2 > end || command === undefined) return undefined;
  const counted = (at: number, more: number) =>
    start + at < end ? fitting(more + (bytes[start + at] ?? 0)) : undefined;
  switch (command) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
    case 8:
      return 8;
    case 7:
    case 0x0b:
    case 0x0c:
    case 0x11:
      return 4;
    case 0x0f:
    case 0x10:
      return counted(6, 9);
    case 0x14:
    case 0x15:
      return counted(2, 5);
    case 0x16:
      return 10;
    case 0x17:
      return counted(10, 13);
    case 0x18:
      return 6;
    case 0x2b:
      return 7;
    default:
      return 0;
  }
}

/** A request that nobody can take for an answer. */
export function isAlone(frame: Uint8Array): boolean {
  const { length } = frame;
  return requestLength(frame, 0, length) === length && answerLength(frame, 0, length) !== length && crcFits(frame);
}

const FUNCTIONS: Readonly<Record<number, string>> = {
  1: 'read coils',
  2: 'read discrete inputs',
  3: 'read holding registers',
  4: 'read input registers',
  5: 'write one coil',
  6: 'write one register',
  0x0f: 'write coils',
  0x10: 'write registers',
  0x11: 'report server ID',
  0x2b: 'read device identification',
};

/** "read holding registers (03)" */
export const functionText = (command: number): string =>
  `${FUNCTIONS[command] ?? 'function'} (${command.toString(16).padStart(2, '0').toUpperCase()})`;

export interface DeviceIdentification {
  /** By object number: 0 maker, 1 product code, 2 revision, 4 product name, 5 model. */
  readonly objects: ReadonlyMap<number, string>;
  /** Where to ask on; undefined where that was all. */
  readonly next: number | undefined;
}

/** What a whole answer to 2B/0E says. */
export function deviceIdentification(answer: Uint8Array): DeviceIdentification {
  const objects = new Map<number, string>();
  let at = 8;
  for (let count = answer[7] ?? 0; count > 0 && at + 2 < answer.length; count--) {
    const text = answer.subarray(at + 2, at + 2 + (answer[at + 1] ?? 0));
    objects.set(answer[at] ?? 0, asciiText(text));
    at += 2 + text.length;
  }
  return { objects, next: answer[5] === 0xff ? answer[6] : undefined };
}

/** Text of a device: what is printable of it, without the blanks and zeros that fill it up. */
export function asciiText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ' '))
    .join('')
    .replace(/ +/g, ' ')
    .trim();
}

/** Word at a position, high byte first. */
export const wordAt = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
