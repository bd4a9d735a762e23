import { concatBytes } from '../../common/bytes.ts';
import { frameError } from './frame-error.ts';

/** Link layer frames of wired M-Bus (EN 13757-2, 5.6; IEC 60870-5-1 format class FT 1.2). */
export type MbusFrame = AcknowledgeFrame | ShortFrame | ControlFrame | LongFrame;

/** The single character E5. */
export interface AcknowledgeFrame {
  readonly kind: 'acknowledge';
}

/** `10 C A cs 16` */
export interface ShortFrame {
  readonly kind: 'short';
  readonly control: number;
  readonly address: number;
}

/** `68 03 03 68 C A CI cs 16` */
export interface ControlFrame {
  readonly kind: 'control';
  readonly control: number;
  readonly address: number;
  readonly controlInformation: number;
}

/** `68 L L 68 C A CI data cs 16`, L = 3 + data, 4–255. */
export interface LongFrame {
  readonly kind: 'long';
  readonly control: number;
  readonly address: number;
  readonly controlInformation: number;
  readonly data: Uint8Array;
}

export const ACKNOWLEDGE = 0xe5;
export const START_SHORT = 0x10;
export const START_LONG = 0x68;
export const STOP = 0x16;
/** `68 L L 68`, 255 bytes, checksum, stop. */
export const LONGEST_FRAME = 261;

/** Arithmetic sum modulo 256 of `bytes[start, end)`. */
export function checksum(bytes: Uint8Array, start: number, end: number): number {
  let sum = 0;
  for (let i = start; i < end; i++) sum += bytes[i] ?? 0;
  return sum & 0xff;
}

/** The bytes of a frame. Throws a MeterError 131334 when the data is longer than the length field can say (252 bytes). */
export function encodeFrame(frame: MbusFrame): Uint8Array {
  switch (frame.kind) {
    case 'acknowledge':
      return Uint8Array.of(ACKNOWLEDGE);
    case 'short':
      return Uint8Array.of(START_SHORT, frame.control, frame.address, (frame.control + frame.address) & 0xff, STOP);
    case 'control':
      return framed(Uint8Array.of(frame.control, frame.address, frame.controlInformation));
    case 'long':
      return framed(concatBytes(Uint8Array.of(frame.control, frame.address, frame.controlInformation), frame.data));
  }
}

function framed(userData: Uint8Array): Uint8Array {
  const length = userData.length;
  if (length > 255) throw frameError(131334, `A frame holds at most 252 bytes of data, not ${length - 3}.`);
  const head = Uint8Array.of(START_LONG, length, length, START_LONG);
  return concatBytes(head, userData, Uint8Array.of(checksum(userData, 0, length), STOP));
}

/** How far the frame that begins at `start` has got: its whole length, how much is missing, or the code of what is wrong with it. */
export type FrameProgress =
  | { readonly state: 'complete'; readonly end: number }
  | { readonly state: 'incomplete'; readonly expected: number | undefined }
  | { readonly state: 'wrong'; readonly code: number; readonly text: string };

const hex = (byte: number | undefined) => (byte ?? 0).toString(16).padStart(2, '0').toUpperCase();

/** Looks at `bytes[start, end)` as far as they go; errors 131329–131334 are told at the first byte that proves them. */
export function frameProgress(bytes: Uint8Array, start: number, end: number): FrameProgress {
  const length = end - start;
  if (length <= 0) return { state: 'incomplete', expected: undefined };
  const first = bytes[start];
  if (first === ACKNOWLEDGE) return { state: 'complete', end: start + 1 };
  if (first === START_SHORT)
    return length < 5 ? { state: 'incomplete', expected: 5 } : closed(bytes, start + 1, start + 3);
  if (first !== START_LONG) return wrong(131329, `The answer begins with ${hex(first)} instead of 10, 68 or E5.`);
  if (length < 2) return { state: 'incomplete', expected: undefined };
  const size = bytes[start + 1] ?? 0;
  if (size < 3) return wrong(131334, `The length field says ${size}; at least 3 is needed.`);
  if (length < 3) return { state: 'incomplete', expected: size + 6 };
  if (bytes[start + 2] !== size) return wrong(131333, `The length fields say ${size} and ${bytes[start + 2] ?? 0}.`);
  if (length < 4) return { state: 'incomplete', expected: size + 6 };
  if (bytes[start + 3] !== START_LONG)
    return wrong(131330, `The second start character is ${hex(bytes[start + 3])} instead of 68.`);
  if (length < size + 6) return { state: 'incomplete', expected: size + 6 };
  return closed(bytes, start + 4, start + 4 + size);
}

/** Checksum and stop character after the user data `bytes[from, to)`. */
function closed(bytes: Uint8Array, from: number, to: number): FrameProgress {
  // The stop character first: where it is wrong the frame is out of step, and its checksum says nothing more.
  if (bytes[to + 1] !== STOP) return wrong(131331, `The frame ends with ${hex(bytes[to + 1])} instead of 16.`);
  const sum = checksum(bytes, from, to);
  if (bytes[to] !== sum) return wrong(131332, `The checksum is ${hex(bytes[to])}; the bytes add up to ${hex(sum)}.`);
  return { state: 'complete', end: to + 2 };
}

function wrong(code: number, text: string): FrameProgress {
  return { state: 'wrong', code, text };
}

/** A whole frame and nothing else. Throws MeterError 131329–131335 for what is wrong with it. */
export function parseFrame(bytes: Uint8Array): MbusFrame {
  const progress = frameProgress(bytes, 0, bytes.length);
  if (progress.state === 'wrong') throw frameError(progress.code, progress.text);
  if (progress.state === 'incomplete') {
    if (bytes.length === 0) throw frameError(131329, 'There is nothing where a frame should be.');
    const expected = progress.expected === undefined ? '' : ` of ${progress.expected}`;
    throw frameError(131334, `The frame is cut off: ${bytes.length}${expected} bytes.`);
  }
  if (progress.end < bytes.length)
    throw frameError(131335, `${bytes.length - progress.end} bytes follow the end of the frame.`);
  return frameOf(bytes);
}

/** The frame in bytes that {@link frameProgress} found complete. */
export function frameOf(bytes: Uint8Array): MbusFrame {
  if (bytes[0] === ACKNOWLEDGE) return { kind: 'acknowledge' };
  if (bytes[0] === START_SHORT) return { kind: 'short', control: bytes[1] ?? 0, address: bytes[2] ?? 0 };
  const head = { control: bytes[4] ?? 0, address: bytes[5] ?? 0, controlInformation: bytes[6] ?? 0 };
  return bytes.length === 9 ? { kind: 'control', ...head } : { kind: 'long', ...head, data: bytes.slice(7, -2) };
}
