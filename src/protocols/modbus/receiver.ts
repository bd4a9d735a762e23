import type { Accept } from '../../line/line.ts';
import { crcFits } from './crc.ts';
import { answerLength, dataBytes, MAX_FRAME, REFUSED, requestLength, type ReadFunction } from './frame.ts';

/**
 * Finds the answer to one request in whatever comes: behind noise, an echo that is not whole, answers of other units,
 * late answers of another length. A frame ends where its own bytes say, and counts only with a right check.
 */
export interface AnswerReceiver {
  readonly accept: Accept;
  /** An answer has begun, and more of it has to come. */
  isPromised(): boolean;
  /** Something came that is as long as the answer, begins like it, and is wrong. */
  isSpoiled(): boolean;
  reception(): Reception;
  /** Right answers of other units, in the order they came. */
  strangers(): readonly Uint8Array[];
}

export type Reception =
  | {
      readonly kind: 'answer';
      readonly frame: Uint8Array;
      /** What came before it and is no part of it. */
      readonly before: Uint8Array;
      readonly isOtherMaster: boolean;
    }
  | { readonly kind: 'silence' }
  /** Its beginning. `expected`: bytes that it should have, where that much of it is there. */
  | { readonly kind: 'incomplete'; readonly bytes: Uint8Array; readonly expected: number | undefined }
  /** Whole by its length, and its check is wrong or characters of it are. */
  | { readonly kind: 'damaged'; readonly bytes: Uint8Array; readonly badParity: number }
  /** A right frame that answers something else: of another unit, function or length; or a request that is not ours. */
  | {
      readonly kind: 'other';
      readonly frame: Uint8Array;
      readonly why: 'unit' | 'function' | 'length' | 'request' | 'echo';
    }
  /** Nothing in it begins like an answer. */
  | { readonly kind: 'noise'; readonly bytes: Uint8Array };

/** Far beyond two frames: somebody talks without end. */
const MOST_BYTES = 3 * MAX_FRAME;

/** Data bytes that the answer to a read has; undefined where they don't follow from the request. */
export function expectedData(request: Uint8Array): number | undefined {
  const command = request[1] ?? 0;
  if (command < 1 || command > 4) return undefined;
  return dataBytes(command as ReadFunction, ((request[4] ?? 0) << 8) | (request[5] ?? 0));
}

/** Is it, of right unit, function and check, what answers this request? */
function answers(frame: Uint8Array, request: Uint8Array): boolean {
  const command = frame[1] ?? 0;
  if (command >= REFUSED) return true;
  const expected = expectedData(request);
  if (expected !== undefined) return frame[2] === expected;
  switch (command) {
    case 5:
    case 6:
    case 0x0f:
    case 0x10:
      // Address and value, or count, come back.
      return [2, 3, 4, 5].every((at) => frame[at] === request[at]);
    default:
      return true;
  }
}

export function answerReceiver(request: Uint8Array): AnswerReceiver {
  const [unit = 0, command = 0] = request;
  const bytes = new Uint8Array(MOST_BYTES);
  const bad = new Set<number>();
  let length = 0;
  /** Up to here everything is known to be whole frames that are not the answer. */
  let from = 0;
  let answer: { readonly start: number } | undefined;
  let other: Extract<Reception, { kind: 'other' }> | undefined;
  let isOtherMaster = false;
  const strangers: Uint8Array[] = [];

  const isWanted = (at: number) =>
    bytes[at] === unit && (at + 1 >= length || ((bytes[at + 1] ?? 0) & ~REFUSED) === command);

  const isSound = (start: number) => {
    for (let at = start; at < length; at++) if (bad.has(at)) return false;
    return crcFits(bytes, start, length);
  };

  /** The frame that ends with the character that came last, if any; the longest one is right. */
  function ended(): 'answer' | undefined {
    for (let start = Math.max(from, length - MAX_FRAME); start <= length - 4; start++) {
      const isAnswer = answerLength(bytes, start, length) === length - start;
      const isRequest = requestLength(bytes, start, length) === length - start;
      if ((!isAnswer && !isRequest) || !isSound(start)) continue;
      const frame = bytes.slice(start, length);
      if (isAnswer && isWanted(start) && answers(frame, request)) {
        answer = { start };
        return 'answer';
      }
      note(frame, isAnswer);
      from = length;
      return undefined;
    }
    return undefined;
  }

  function note(frame: Uint8Array, isAnswer: boolean): void {
    const isOwn = frame.length === request.length && frame.every((byte, at) => byte === request[at]);
    const ofUnit = frame[0] === unit;
    if (!isAnswer && !isOwn) isOtherMaster = true;
    if (isAnswer && !ofUnit) strangers.push(frame);
    const why = isOwn
      ? 'echo'
      : !isAnswer
        ? 'request'
        : !ofUnit
          ? 'unit'
          : ((frame[1] ?? 0) & ~REFUSED) === command
            ? 'length'
            : 'function';
    // What is nearest to the answer tells most.
    if (other?.why !== 'length') other = { kind: 'other', frame, why };
  }

  /** Where an answer begins that has not ended, or ended wrong. */
  function begun(): { readonly start: number; readonly expected: number | undefined } | undefined {
    for (let start = from; start < length; start++) {
      if (!isWanted(start)) continue;
      const expected = answerLength(bytes, start, length);
      if (expected !== 0) return { start, expected };
    }
    return undefined;
  }

  return {
    accept(byte, parityOk) {
      if (!parityOk) bad.add(length);
      bytes[length++] = byte;
      if (ended() === 'answer' || length === MOST_BYTES) return 'done';
      return 'more';
    },
    isPromised() {
      const start = begun();
      return start !== undefined && (start.expected === undefined || start.start + start.expected > length);
    },
    isSpoiled() {
      const start = answer ? undefined : begun();
      if (start?.expected === undefined || start.start + start.expected > length) return false;
      const data = expectedData(request);
      return (bytes[start.start + 1] ?? 0) < REFUSED && (data === undefined || start.expected === data + 5);
    },
    strangers: () => strangers,
    reception() {
      if (answer) {
        const { start } = answer;
        return { kind: 'answer', frame: bytes.slice(start, length), before: bytes.slice(0, start), isOtherMaster };
      }
      if (length === 0) return { kind: 'silence' };
      const start = begun();
      if (other && (start === undefined || other.why === 'length')) return other;
      if (start === undefined) return { kind: 'noise', bytes: bytes.slice(0, length) };
      const rest = bytes.slice(start.start, length);
      if (start.expected === undefined || start.expected > rest.length)
        return { kind: 'incomplete', bytes: rest, expected: start.expected };
      return { kind: 'damaged', bytes: rest, badParity: bad.size };
    },
  };
}
