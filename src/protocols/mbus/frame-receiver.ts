import type { MeterError } from '../../common/meter-error.ts';
import { mbusError } from './errors.ts';
import type { MbusFrame } from './frame.ts';
import { headerInBrokenFrame } from './broken-answer.ts';
import { ACKNOWLEDGE, frameOf, frameProgress, LONGEST_FRAME, START_LONG } from './frame.ts';

/** Takes what comes from the bus byte by byte and finds the frame in it. */
export interface FrameReceiver {
  /**
   * 'done': a whole frame is there. 'enough': an acknowledgment is there, unless more follows; simultaneous answers of
   * several meters often begin alike. Fits `Line.read`.
   */
  accept(byte: number, parityOk: boolean): 'more' | 'enough' | 'done';
  /**
   * Does what has come so far promise more? 'start': it begins with `68 L L 68` and is shorter than that says.
   * 'header': so much has come that there is a meter's header in it, too.
   */
  promise(): 'nothing' | 'start' | 'header';
  /** What has come so far; ask when the line has fallen silent or `accept` said 'done'. */
  reception(): Reception;
}

/**
 * - 'silence': nothing came.
 * - 'frame': a valid frame. `disturbance` tells what else was seen.
 * - 'incomplete': the beginning of a frame, then silence.
 * - 'garbage': something came, and no frame is in it: simultaneous answers, a wrong baud rate, or noise.
 */
export type Reception =
  | { readonly kind: 'silence' }
  | {
      readonly kind: 'frame';
      readonly frame: MbusFrame;
      readonly bytes: Uint8Array;
      /** Positions in `bytes` whose parity was wrong: what stands there says nothing, whatever the sum of eight bits says. */
      readonly badParity: readonly number[];
      readonly disturbance: Disturbance;
    }
  | {
      readonly kind: 'incomplete';
      readonly bytes: Uint8Array;
      readonly badParity: readonly number[];
      readonly expected: number | undefined;
      readonly disturbance: Disturbance;
    }
  | {
      readonly kind: 'garbage';
      readonly error: MeterError;
      readonly bytes: Uint8Array;
      readonly badParity: readonly number[];
      readonly disturbance: Disturbance;
    };

/**
 * Evidence beside the frame, strongest first: a frame that broke or parity errors mean that meters talk over each
 * other (or a wrong baud rate); several acknowledgments mean that several meters are selected; stray bytes before a
 * frame are noise or the end of an echo.
 */
export interface Disturbance {
  readonly kind: 'none' | 'noise' | 'several acknowledgments' | 'parity' | 'broken frame';
  /** Bytes received that belong to no valid frame. */
  readonly strayBytes: number;
  readonly parityErrors: number;
}

/** Room for one frame and as much noise again; more than that is not a meter (131335). */
const CAPACITY = 2 * LONGEST_FRAME;

export function frameReceiver(): FrameReceiver {
  const buffer = new Uint8Array(CAPACITY);
  let length = 0;
  /** Where the frame under way begins; everything before it is stray. */
  let start = 0;
  let end = 0;
  const badParity: number[] = [];
  let acknowledgments = 0;
  let failure: MeterError | undefined;
  let brokenFrame = false;

  function accept(byte: number, parityOk: boolean): 'more' | 'enough' | 'done' {
    if (length === CAPACITY) {
      failure = mbusError(131335);
      end = 0;
      return 'done';
    }
    if (!parityOk) badParity.push(length);
    buffer[length++] = byte;
    if (byte === ACKNOWLEDGE && acknowledgments === length - 1) acknowledgments++;
    // An acknowledgment stands alone: what follows it shows that it was none, or one of several.
    if (end > 0) start = end;
    end = 0;
    return scan();
  }

  /** Moves `start` to the first place where a frame is complete or may still become one. */
  function scan(): 'more' | 'enough' | 'done' {
    for (; start < length; start++) {
      const progress = frameProgress(buffer, start, length);
      if (progress.state === 'incomplete') return 'more';
      if (progress.state === 'complete') {
        if (buffer[start] !== ACKNOWLEDGE) {
          end = progress.end;
          return 'done';
        }
        // E5 inside a frame that broke is a data byte, not an answer.
        if (start === length - 1 && !brokenFrame) {
          end = length;
          return 'enough';
        }
        continue;
      }
      // One 68 may be chance; two equal lengths after it are a frame that something ran into.
      if (buffer[start] === START_LONG && length - start >= 4) brokenFrame = true;
      failure ??= mbusError(progress.code, progress.text);
    }
    return 'more';
  }

  function disturbance(strayBytes: number): Disturbance {
    const kind = brokenFrame
      ? 'broken frame'
      : badParity.length > 0
        ? 'parity'
        : acknowledgments > 1
          ? 'several acknowledgments'
          : strayBytes > 0
            ? 'noise'
            : 'none';
    return { kind, strayBytes, parityErrors: badParity.length };
  }

  function reception(): Reception {
    if (length === 0) return { kind: 'silence' };
    if (end > 0) {
      const bytes = buffer.slice(start, end);
      const within = badParity.filter((at) => at >= start && at < end).map((at) => at - start);
      const stray = length - bytes.length;
      return { kind: 'frame', frame: frameOf(bytes), bytes, badParity: within, disturbance: disturbance(stray) };
    }
    const progress = frameProgress(buffer, start, length);
    // Only a beginning without anything before it is taken for one: in garbage a 10 or 68 is chance.
    if (progress.state === 'incomplete' && start === 0) {
      return {
        kind: 'incomplete',
        bytes: buffer.slice(0, length),
        badParity,
        expected: progress.expected,
        disturbance: disturbance(0),
      };
    }
    const error = failure ?? mbusError(131329);
    return { kind: 'garbage', error, bytes: buffer.slice(0, length), badParity, disturbance: disturbance(length) };
  }

  function promise(): 'nothing' | 'start' | 'header' {
    if (start > 0 || end > 0 || length < 4 || buffer[0] !== START_LONG) return 'nothing';
    if (frameProgress(buffer, 0, length).state !== 'incomplete') return 'nothing';
    return headerInBrokenFrame({ bytes: buffer.subarray(0, length), badParity }) === undefined ? 'start' : 'header';
  }

  return { accept, promise, reception };
}
