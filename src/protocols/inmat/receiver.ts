import type { Accept } from '../../line/line.ts';
import {
  AROUND,
  END,
  LEAST_LE,
  MAX_FRAME,
  MOST_LE,
  readFrame,
  REQUEST,
  SD1,
  SD1_LENGTH,
  SD2,
  type FdlFrame,
} from './frame.ts';

/** What is wrong with a frame: in its head, or, once it is whole, with the rest of it. */
export type Flaw = 'first start' | 'second start' | 'lengths' | 'length' | 'end' | 'parity' | 'check sum';

/** Finds the answer in whatever comes: behind noise, echoes, frames of others. A frame ends where its own bytes say. */
export interface FrameReceiver {
  readonly accept: Accept;
  /** A frame has begun, and more of it has to come. */
  isPromised(): boolean;
  reception(): Reception;
}

export type Reception =
  | { readonly kind: 'answer'; readonly frame: FdlFrame; readonly isOtherMaster: boolean; readonly before: number }
  | { readonly kind: 'silence' }
  /** A right answer of another station, or to another one; the last that came. */
  | { readonly kind: 'other'; readonly frame: FdlFrame }
  /** Only requests came: our own, or another master's. */
  | { readonly kind: 'requests' }
  /** Its beginning; `expected` is its length where it says one. */
  | { readonly kind: 'incomplete'; readonly bytes: Uint8Array; readonly expected: number }
  | { readonly kind: 'flawed'; readonly flaw: Flaw; readonly bytes: Uint8Array }
  /** Far more than a frame, and no end. */
  | { readonly kind: 'flood'; readonly bytes: Uint8Array };

const MOST_BYTES = 3 * MAX_FRAME;
const inHead = (flaw: Flaw) => flaw !== 'end' && flaw !== 'parity' && flaw !== 'check sum';

/** @param isOurs whether a right frame is from the station that was asked, to us */
export function frameReceiver(isOurs: (frame: FdlFrame) => boolean): FrameReceiver {
  const bytes = new Uint8Array(MOST_BYTES);
  const bad = new Set<number>();
  let length = 0;
  /** Up to here everything is known to be no answer. */
  let from = 0;
  let answer: FdlFrame | undefined;
  let before = 0;
  let other: FdlFrame | undefined;
  let requests = 0;
  let flawed: { readonly flaw: Flaw; readonly start: number } | undefined;

  /** How long the frame is that begins here; undefined where more has to come to know. */
  function lengthAt(at: number): number | Flaw | undefined {
    if (bytes[at] === SD1) return SD1_LENGTH;
    if (bytes[at] !== SD2) return 'first start';
    if (length < at + 3) return undefined;
    const [, le = 0, repeated] = bytes.subarray(at, length);
    if (le !== repeated) return 'lengths';
    if (le < LEAST_LE || le > MOST_LE) return 'length';
    if (length < at + 4) return undefined;
    return bytes[at + 3] === SD2 ? le + AROUND : 'second start';
  }

  function flawAt(start: number, end: number): Flaw | undefined {
    if (bytes[end - 1] !== END) return 'end';
    for (let at = start; at < end; at++) if (bad.has(at)) return 'parity';
    return undefined;
  }

  /** The first one tells; one of a whole frame more than one of a head, which noise makes as well. */
  function blame(flaw: Flaw, start: number): void {
    if (!flawed || (inHead(flawed.flaw) && !inHead(flaw))) flawed = { flaw, start };
  }

  function scan(): void {
    while (from < length) {
      const size = lengthAt(from);
      if (size === undefined) return;
      if (typeof size === 'string') {
        blame(size, from++);
        continue;
      }
      const end = from + size;
      if (end > length) return;
      const flaw = flawAt(from, end);
      const frame = flaw ? undefined : readFrame(bytes.subarray(from, end));
      if (!frame) {
        blame(flaw ?? 'check sum', from);
        // What is in a longer frame is part of it, whatever it looks like; a stray 10 is no frame.
        from = size === SD1_LENGTH ? from + 1 : end;
        continue;
      }
      if ((frame.control & REQUEST) !== 0) requests++;
      else if (isOurs(frame)) {
        answer = frame;
        before = from;
        return;
      } else other = frame;
      from = end;
    }
  }

  const begun = () => {
    const size = from < length ? lengthAt(from) : 0;
    return typeof size === 'string' || size === 0 ? undefined : { start: from, expected: size ?? 0 };
  };

  return {
    accept(byte, parityOk) {
      if (!parityOk) bad.add(length);
      bytes[length++] = byte;
      scan();
      return answer || length === MOST_BYTES ? 'done' : 'more';
    },
    isPromised: () => begun() !== undefined,
    reception() {
      if (answer) return { kind: 'answer', frame: answer, isOtherMaster: requests > 0, before };
      if (length === 0) return { kind: 'silence' };
      if (length === MOST_BYTES) return { kind: 'flood', bytes: bytes.slice(0, length) };
      if (other) return { kind: 'other', frame: other };
      const promise = begun();
      if (promise && (!flawed || (inHead(flawed.flaw) && promise.expected > SD1_LENGTH)))
        return { kind: 'incomplete', bytes: bytes.slice(promise.start, length), expected: promise.expected };
      if (flawed) return { kind: 'flawed', flaw: flawed.flaw, bytes: bytes.slice(flawed.start, length) };
      return { kind: 'requests' };
    },
  };
}
