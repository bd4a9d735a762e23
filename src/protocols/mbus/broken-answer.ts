import { CONTROL_INFORMATION } from './control-information.ts';
import { checksum, frameProgress, START_LONG, STOP } from './frame.ts';
import type { MeterHeader } from './header.ts';
import { readHeader } from './header.ts';

/**
 * What an answer still says that is no valid frame. Noise spoils a few characters, and others each time; a meter with
 * bad data sends the same again; answers of several meters at once are mixed for good. Everything here is pure.
 */
export interface BrokenAnswer {
  /** All that came, in order. */
  readonly bytes: Uint8Array;
  /** Positions whose parity was wrong: the character there is unknown. */
  readonly badParity: readonly number[];
}

const RSP_UD = 0x08;
const RESPONSE_MASK = 0xcf;
const BODY = 7;

/** The header of an answer that begins as a data frame does and has its whole header undamaged and plausible. */
export function headerInBrokenFrame(broken: BrokenAnswer): MeterHeader | undefined {
  const { bytes, badParity } = broken;
  const [start, size, again, second, control = 0, , information = 0] = bytes;
  if (start !== START_LONG || second !== START_LONG || size !== again) return undefined;
  if ((control & RESPONSE_MASK) !== RSP_UD) return undefined;
  const ci = CONTROL_INFORMATION[information];
  if (ci === undefined || (ci.layout !== 'long header' && ci.layout !== 'fixed')) return undefined;
  const header = readHeader(bytes, BODY, bytes.length, ci);
  if (header === undefined || badParity.some((position) => position < BODY + 12)) return undefined;
  return isPlausible(header) && !header.identification?.includes('F') ? header : undefined;
}

/**
 * Answers that begin at the same bit and differ in a few bytes can overlap to a frame with right parities and checksum,
 * of a meter that does not exist. Letters that are none give most of them away.
 */
export function isPlausible({ manufacturer }: MeterHeader): boolean {
  return manufacturer === undefined || /^[A-Z]{3}$/.test(manufacturer);
}

/**
 * Can this be the answer of one meter, a little damaged or cut off? Of the seven characters that every data frame has
 * in its place one may be wrong; answers over each other have many wrong parities or another length.
 */
export function mayBeOneAnswer(broken: BrokenAnswer): boolean {
  const { bytes, badParity } = broken;
  if (bytes.length < 12 || badParity.length > 1 + bytes.length / 12) return false;
  if (headerInBrokenFrame(broken) !== undefined && bytes.length < 6 + (bytes[1] ?? 0)) return true;
  const size = bytes.length - 6;
  const unknown = new Set(badParity);
  const wrong = [
    bytes[0] === START_LONG,
    bytes[1] === size,
    bytes[2] === size,
    bytes[3] === START_LONG,
    ((bytes[4] ?? 0) & RESPONSE_MASK) === RSP_UD,
    CONTROL_INFORMATION[bytes[6] ?? 0]?.layout !== 'other',
  ].filter((right, position) => !right && !unknown.has(position === 5 ? 6 : position)).length;
  const stop = bytes.at(-1) === STOP || unknown.has(bytes.length - 1);
  return wrong + (stop ? 0 : 1) <= 1;
}

/** Is it the same answer once more? The access number counts on, and the checksum with it. */
export function isSameAnswer(a: BrokenAnswer, b: BrokenAnswer): boolean {
  if (a.bytes.length !== b.bytes.length || a.badParity.join() !== b.badParity.join()) return false;
  const accessAt = BODY + (CONTROL_INFORMATION[a.bytes[6] ?? 0]?.layout === 'fixed' ? 4 : 8);
  const checksumAt = 4 + (a.bytes[1] ?? 0);
  return a.bytes.every((byte, at) => byte === b.bytes[at] || at === accessAt || at === checksumAt);
}

/** The frame that several damaged receptions of the same answer have in common; undefined while none is valid. */
export function frameByMajority(receptions: readonly BrokenAnswer[]): Uint8Array | undefined {
  const lengths = receptions.map(({ bytes }) => bytes.length);
  const length = commonest(lengths);
  if (length === undefined) return undefined;
  const alike = receptions.filter(({ bytes }) => bytes.length === length);
  const frame = new Uint8Array(length);
  for (let at = 0; at < length; at++) {
    const known = alike.filter(({ badParity }) => !badParity.includes(at));
    const character = commonest(known.map(({ bytes }) => bytes[at] ?? 0));
    // Nobody knows what stands there, whatever the check sum of all the others says.
    if (character === undefined) return undefined;
    frame[at] = character;
  }
  const progress = frameProgress(frame, 0, length);
  return progress.state === 'complete' && progress.end === length ? frame : undefined;
}

function commonest(values: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

/** How many characters of a reception differ from the frame that was sent. */
export function damagedCharacters({ bytes, badParity }: BrokenAnswer, frame: Uint8Array): number {
  if (bytes.length !== frame.length) return 1;
  return bytes.filter((byte, at) => byte !== frame[at] || badParity.includes(at)).length;
}

/**
 * Do the check sums of answers that differ in their access number only keep the same error? They do where one meter
 * reckons wrongly, and hardly ever where two meters with equal headers answer over each other.
 */
export function hasSteadyError(answers: readonly BrokenAnswer[]): boolean {
  const errors = answers.map(({ bytes }) => {
    const end = bytes.length - 2;
    return { sum: checksum(bytes, 4, end), sent: bytes[end] ?? 0 };
  });
  const alike = (difference: (error: { readonly sum: number; readonly sent: number }) => number) =>
    new Set(errors.map(difference)).size === 1;
  return alike(({ sum, sent }) => (sent - sum) & 0xff) || alike(({ sum, sent }) => sent ^ sum);
}

/** What is wrong with a meter's data, in words. */
export function faultOf({ bytes }: BrokenAnswer): string {
  const expected = 6 + (bytes[1] ?? 0);
  if (bytes.length < expected) return `stops after ${bytes.length} of ${expected} bytes`;
  const progress = frameProgress(bytes, 0, bytes.length);
  if (progress.state === 'wrong' && progress.code === 131332) return 'wrong check sum';
  return progress.state === 'wrong' && progress.code === 131331 ? 'wrong stop character' : 'no valid frame';
}
