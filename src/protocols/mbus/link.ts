import type { Line } from '../../line/line.ts';
import { PortError } from '../../line/port.ts';
import { toHex } from '../../common/bytes.ts';
import { MeterError } from '../../common/meter-error.ts';
import { mbusError } from './errors.ts';
import type { MbusFrame } from './frame.ts';
import type { Disturbance, FrameReceiver, Reception } from './frame-receiver.ts';
import { frameReceiver } from './frame-receiver.ts';
import type { FrameCountBit } from './messages.ts';

/** One request and its answer on the bus, in literal outcomes (EN 13757-2, 5). */
export interface Link {
  /** Another one after a search has lent it. */
  line: Line;
  /** How long a search was held or had lent its line so far, milliseconds. */
  awayMs: number;
  /** Longest wait for the first character of an answer, milliseconds. A search adapts it. */
  timeoutMs: number;
  /** Was the last answer an undisturbed one, or silence? Otherwise the bus has to rest longer (IEC 60870-5-1, R4). */
  clean: boolean;
  /**
   * From when on a pause within an answer is waited out: once the length is known, or, where collisions must not cost
   * much, once a whole header was seen.
   */
  readonly patientFrom: 'start' | 'header';
}

export function createLink(line: Line, timeoutMs: number, patientFrom: Link['patientFrom'] = 'start'): Link {
  return { line, awayMs: 0, timeoutMs, clean: true, patientFrom };
}

const REST_BITS = 11;
const REST_BITS_AFTER_ERROR = 33;
/** Adapters hand over what they received in chunks; a frame is over when longer than this nothing comes. */
const CHUNK_MS = 60;
/**
 * Serial servers, gateways, half-duplex meters and busy computers make pauses that the standard does not know
 * (node-mbus#56: an answer in two parts). Where the length field promises more, it is waited for so long.
 */
const PATIENCE_MS = 500;
/** After an acknowledgment: as long as a second one, or an adapter that hands over late, may need. */
const ACKNOWLEDGE_QUIET_MS = 20;

/**
 * - 'acknowledge', 'frame': a valid answer; its disturbance tells what else was seen around it.
 * - 'silence': nothing came. 'echo': nothing but our own request.
 * - 'incomplete': the beginning of a frame, then silence.
 * - 'collision': broken frames, wrong checksums, parity or framing errors: several meters at once, or a wrong baud rate.
 * - 'noise': something came that has nothing of a frame.
 */
export type Answer =
  | { readonly kind: 'acknowledge'; readonly disturbance: Disturbance }
  | {
      readonly kind: 'frame';
      readonly frame: MbusFrame;
      readonly bytes: Uint8Array;
      /** Positions in `bytes` that came damaged although the check sum fits. */
      readonly badParity: readonly number[];
      readonly disturbance: Disturbance;
    }
  | { readonly kind: 'silence' }
  | { readonly kind: 'echo' }
  | {
      readonly kind: 'incomplete';
      readonly bytes: Uint8Array;
      readonly badParity: readonly number[];
      readonly expected: number | undefined;
    }
  | {
      readonly kind: 'collision' | 'noise';
      readonly bytes: Uint8Array;
      readonly badParity: readonly number[];
      readonly error: MeterError;
    };

export interface Exchange {
  readonly answer: Answer;
  /** Monotonic milliseconds at which the request had left. */
  readonly requestEnd: number;
  /** Characters that came before the request had left: the answer to an earlier one, by a meter slower than the deadline. */
  readonly lateBytes: number;
  /** Longest pause within the answer that was waited out, milliseconds; 0 where there was none worth a word. */
  readonly pausedMs: number;
}

/** What is sent, as far as the error table tells it apart. */
export type Step = 'SND_NKE' | 'REQ_UD2' | 'selection' | 'search selection' | 'search REQ_UD2' | 'user frame';

interface StepCodes {
  readonly notHandedOver: number;
  readonly notSent: number;
  readonly silence: number;
  readonly wrongFrame: number;
}

/** Codes of the SmartCOM by step; a search has codes for sending only. */
const CODES: Readonly<Record<Step, StepCodes>> = {
  SND_NKE: { notHandedOver: 131076, notSent: 131077, silence: 131078, wrongFrame: 131079 },
  REQ_UD2: { notHandedOver: 131080, notSent: 131081, silence: 131082, wrongFrame: 131083 },
  selection: { notHandedOver: 131086, notSent: 131087, silence: 131088, wrongFrame: 131089 },
  'search selection': { notHandedOver: 131090, notSent: 131091, silence: 131088, wrongFrame: 131089 },
  'search REQ_UD2': { notHandedOver: 131092, notSent: 131093, silence: 131082, wrongFrame: 131083 },
  'user frame': { notHandedOver: 131095, notSent: 131096, silence: 131097, wrongFrame: 131097 },
};

/** Sends one frame and takes what comes back. Rejects with a MeterError when the port fails or the turn is over. */
export async function exchange(link: Link, request: Uint8Array, step: Step): Promise<Exchange> {
  const { line } = link;
  try {
    const early = await send(link, request, step);
    const requestEnd = line.clock.monotonic();
    const lateBytes = early + line.early;
    const { answer, pausedMs } = await receive(link, request);
    link.clean = 'disturbance' in answer ? answer.disturbance.kind === 'none' : answer.kind === 'silence';
    return { answer, requestEnd, lateBytes, pausedMs };
  } catch (error) {
    // An answer may be under way.
    link.clean = false;
    throw asMbusError(error, line.signal);
  }
}

/** Returns how many characters were still there from before. */
async function send(link: Link, request: Uint8Array, step: Step): Promise<number> {
  const { line } = link;
  const bits = link.clean ? REST_BITS : REST_BITS_AFTER_ERROR;
  const rest = line.lastReceivedAt + (bits * 1000) / line.baudRate - line.clock.monotonic();
  if (rest > 0) await line.pause(rest);
  let late = await drain(link);
  // The rest of an answer that had paused is still coming: asking into it would spoil the next answer as well.
  if (late > 0 && !link.clean) late += await listenUntil(link, line.clock.monotonic() + gapMs(line));
  try {
    await line.write(request);
  } catch (error) {
    if (!(error instanceof PortError) || error.failure === 'lost') throw error;
    const code = error.failure === 'timeout' ? CODES[step].notSent : CODES[step].notHandedOver;
    const hint = error.checklist.join(' ');
    throw mbusError(
      code,
      `${step} could not be sent: ${error.message}`,
      hint === '' ? { cause: error } : { hint, cause: error },
    );
  }
  return late;
}

/** Takes and counts what has been received so far, without waiting. */
async function drain({ line }: Link): Promise<number> {
  let count = 0;
  const take = () => {
    count++;
    return 'more' as const;
  };
  await line.read(take, { firstByteMs: 0, interByteMs: 0 });
  return count;
}

interface Received {
  readonly answer: Answer;
  readonly pausedMs: number;
}

async function receive(link: Link, request: Uint8Array): Promise<Received> {
  const began = link.line.clock.monotonic();
  const first = await receiveFrame(link, link.timeoutMs);
  // The line takes echoes away; one that ran into other characters may get past it.
  if (first.reception.kind !== 'frame' || toHex(first.reception.bytes) !== toHex(request))
    return { answer: answerOf(first.reception), pausedMs: first.pausedMs };
  const remaining = link.timeoutMs - (link.line.clock.monotonic() - began);
  const { reception, pausedMs } = await receiveFrame(link, Math.max(0, remaining));
  return { answer: reception.kind === 'silence' ? { kind: 'echo' } : answerOf(reception), pausedMs };
}

/** What comes later than this after a character does not belong to the same frame, unless that promises more. */
const gapMs = ({ baudRate }: Line) => (REST_BITS_AFTER_ERROR * 1000) / baudRate + CHUNK_MS;

async function receiveFrame(
  link: Link,
  firstByteMs: number,
): Promise<{ readonly reception: Reception; readonly pausedMs: number }> {
  const { line } = link;
  const receiver = frameReceiver();
  const quietMs = (REST_BITS * 1000) / line.baudRate + ACKNOWLEDGE_QUIET_MS;
  const interByteMs = gapMs(line);
  const patience = Math.max(PATIENCE_MS, link.timeoutMs) - interByteMs;
  let pausedMs = 0;
  let end = await line.read(receiver.accept, { firstByteMs, interByteMs, quietMs });
  while (end === 'gap' && isPromised(receiver.promise(), link.patientFrom)) {
    const silentSince = line.lastReceivedAt;
    end = await line.read(receiver.accept, { firstByteMs: patience, interByteMs, quietMs });
    if (end === 'no answer') break;
    // An adapter's chunks arrive late as well; only the character that ended the pause counts.
    pausedMs = Math.max(pausedMs, Math.round(line.lastReceivedAt - silentSince));
  }
  const reception = receiver.reception();
  if (reception.kind !== 'frame')
    line.trace.event(reception.kind === 'silence' ? 'timeout' : reception.kind, line.baudRate);
  return { reception, pausedMs };
}

const isPromised = (promise: ReturnType<FrameReceiver['promise']>, from: Link['patientFrom']) =>
  promise === 'header' || (promise === 'start' && from === 'start');

function answerOf(reception: Reception): Answer {
  switch (reception.kind) {
    case 'silence':
      return { kind: 'silence' };
    case 'incomplete':
      return {
        kind: 'incomplete',
        bytes: reception.bytes,
        badParity: reception.badParity,
        expected: reception.expected,
      };
    case 'garbage': {
      const { bytes, badParity, error, disturbance } = reception;
      return { kind: disturbance.kind === 'noise' ? 'noise' : 'collision', bytes, badParity, error };
    }
    case 'frame': {
      const { frame, bytes, badParity, disturbance } = reception;
      return frame.kind === 'acknowledge'
        ? { kind: 'acknowledge', disturbance }
        : { kind: 'frame', frame, bytes, badParity, disturbance };
    }
  }
}

/**
 * Listens until `until` (monotonic milliseconds) and, where something comes, until it is over; returns how many
 * characters came: answers that follow the one that was taken.
 */
export async function listenUntil(link: Link, until: number): Promise<number> {
  const { line } = link;
  let count = 0;
  const take = () => {
    count++;
    return 'more' as const;
  };
  const ms = Math.max(0, until - line.clock.monotonic());
  const quiet = gapMs(line);
  try {
    await line.read(take, { firstByteMs: ms, interByteMs: ms, totalMs: ms });
    if (count > 0) await line.read(take, { firstByteMs: quiet, interByteMs: quiet });
  } catch (error) {
    throw asMbusError(error, line.signal);
  }
  return count;
}

/** The error that a frame is whose check sum fits although characters of it came with wrong parity; mostly undefined. */
export function damagedFrameError({ bytes, badParity }: Extract<Answer, { kind: 'frame' }>): MeterError | undefined {
  if (badParity.length === 0) return undefined;
  return mbusError(
    131332,
    `${badParity.length} of the ${bytes.length} characters of the answer came with wrong parity; that the check sum fits is chance.`,
  );
}

/** The error that an answer is where the step wanted another one. */
export function answerError(answer: Answer, step: Step): MeterError {
  const codes = CODES[step];
  switch (answer.kind) {
    case 'silence':
      return mbusError(codes.silence);
    case 'echo':
      return mbusError(codes.silence, 'Only the request itself came back: the adapter echoes, and no meter answered.');
    case 'incomplete': {
      const of = answer.expected === undefined ? '' : ` of ${answer.expected}`;
      return mbusError(codes.silence, `The answer stopped after ${answer.bytes.length}${of} bytes.`);
    }
    case 'noise':
    case 'collision':
      return answer.error;
    case 'acknowledge':
      return mbusError(codes.wrongFrame);
    case 'frame':
      return mbusError(codes.wrongFrame, `${toHex(answer.bytes)} is not the answer that ${step} asks for.`);
  }
}

/** Every failure of a dialogue as a MeterError with a code of the SmartCOM's table. */
export function asMbusError(error: unknown, signal: AbortSignal): MeterError {
  if (error instanceof MeterError) return error;
  if (signal.aborted) return mbusError(131073, undefined, { cause: error });
  if (!(error instanceof PortError)) throw error;
  if (error.failure !== 'lost') return mbusError(131075, `The port failed: ${error.message}`, { cause: error });
  return mbusError(131072, `The port was lost: ${error.message}`, {
    hint: 'Is the cable still plugged in? What came before is kept. Plug the adapter in again and try once more.',
    cause: error,
  });
}

/**
 * The master's memory of the frame count bit at one meter: 1 after a link reset, toggled by every good answer and by
 * nothing else, so that a lost answer is asked for again with the same bit and the meter repeats its telegram.
 */
export interface FrameCount {
  readonly bit: FrameCountBit;
  reset(): void;
  answered(): void;
}

export function frameCount(): FrameCount {
  let bit: FrameCountBit = 1;
  return {
    get bit() {
      return bit;
    },
    reset() {
      bit = 1;
    },
    answered() {
      bit = bit === 1 ? 0 : 1;
    },
  };
}
