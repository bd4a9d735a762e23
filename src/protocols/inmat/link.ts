import { toHex } from '../../common/bytes.ts';
import { MeterError } from '../../common/meter-error.ts';
import type { Line } from '../../line/line.ts';
import { PortError } from '../../line/port.ts';
import { inmatError } from './errors.ts';
import { SHORT_ACKNOWLEDGE, SD1_LENGTH, type FdlFrame } from './frame.ts';
import { frameReceiver, type Flaw, type FrameReceiver, type Reception } from './receiver.ts';

/** One station on an open line. */
export interface Link {
  readonly line: Line;
  readonly station: number;
  /** Our own address. */
  readonly source: number;
  readonly timeoutMs: number;
  readonly turnaroundMs: number;
  /** Monotonic milliseconds at which the last request had left. */
  sentAt: number;
  /** Up to here an answer to an earlier request may come, which nothing tells from one to the next. */
  quietUntil: number;
}

/** What is asked, and the codes that the manual has for its failures. */
export interface Service {
  readonly name: string;
  readonly notSent: number;
  readonly sendTimeout: number;
  readonly noAnswer: number;
  readonly wrongDestination: number;
  readonly wrongSource: number;
}

export const statusService: Service = {
  name: 'status request',
  notSent: 4194310,
  sendTimeout: 4194311,
  noAnswer: 4194312,
  wrongDestination: 4194314,
  wrongSource: 4194315,
};

export const dataService: Service = {
  name: 'data request',
  notSent: 4194319,
  sendTimeout: 4194320,
  noAnswer: 4194321,
  wrongDestination: 4194322,
  wrongSource: 4194323,
};

export interface Exchange {
  readonly answer: FdlFrame | MeterError;
  readonly notes: readonly string[];
  /** Listens on for an answer that is late: it looks like the answer to any later request. */
  late(): Promise<FdlFrame | MeterError>;
}

/** Idle bits before a request (SYN time). */
const REST_BITS = 33;
/** What adapters hand over comes in chunks: only a longer pause ends a frame that is not whole. */
const CHUNK_MS = 60;
const GAP_CHARACTERS = 70;
const CHARACTER_BITS = 11;
/** A frame that has begun may pause so long. */
const PATIENCE_MS = 300;

/** Sends a request and takes what answers it. Rejects with a MeterError where the port fails or the turn is over. */
export async function exchange(link: Link, request: Uint8Array, service: Service): Promise<Exchange> {
  const { line, station, source } = link;
  try {
    const rest = Math.max((REST_BITS * 1000) / line.baudRate, link.turnaroundMs);
    const from = Math.max(Math.max(line.lastReceivedAt, link.sentAt) + rest, link.quietUntil);
    const left = from - line.clock.monotonic();
    if (left > 0) await line.pause(left);
    line.flush();
    await send(link, request, service);
    const receiver = frameReceiver((frame) => frame.destination === source && frame.source === station);
    const reception = await receive(link, receiver);
    return {
      answer: answerOf(reception, link, service),
      notes: notesOf(reception),
      late: async () => {
        try {
          return answerOf(await receive(link, receiver), link, service);
        } catch (error) {
          throw asInmatError(error, line.signal);
        }
      },
    };
  } catch (error) {
    throw asInmatError(error, line.signal);
  }
}

async function send(link: Link, request: Uint8Array, { name, notSent, sendTimeout }: Service): Promise<void> {
  const { line } = link;
  try {
    await line.write(request);
  } catch (error) {
    if (!(error instanceof PortError) || error.failure === 'lost') throw error;
    throw inmatError(
      error.failure === 'timeout' ? sendTimeout : notSent,
      `The ${name} could not be sent: ${error.message}`,
      { hint: error.checklist.join(' '), cause: error },
    );
  }
  link.sentAt = line.clock.monotonic();
}

/** Until the answer is whole, or nothing more of it is to be expected. */
async function receive({ line, timeoutMs }: Link, receiver: FrameReceiver): Promise<Reception> {
  const until = line.clock.monotonic() + timeoutMs;
  const interByteMs = CHUNK_MS + (GAP_CHARACTERS * CHARACTER_BITS * 1000) / line.baudRate;
  let isPatient = false;
  for (;;) {
    const firstByteMs = isPatient ? PATIENCE_MS : Math.max(0, until - line.clock.monotonic());
    const end = await line.read(receiver.accept, { firstByteMs, interByteMs });
    const { kind } = receiver.reception();
    // A frame that is whole and wrong was the answer: the right one does not come any more.
    if (end === 'done' || end === 'no answer' || kind === 'flawed') break;
    isPatient = receiver.isPromised();
  }
  const reception = receiver.reception();
  if (reception.kind !== 'answer')
    line.trace.event(reception.kind === 'silence' ? 'timeout' : reception.kind, line.baudRate);
  return reception;
}

function notesOf(reception: Reception): readonly string[] {
  if (reception.kind !== 'answer') return [];
  const { isOtherMaster, before } = reception;
  return [
    ...(isOtherMaster
      ? ['Requests came that are not ours: another master asks on this line, or the adapter echoes.']
      : []),
    ...(before > 0 && !isOtherMaster ? [`${before} characters came before the answer that are no part of it.`] : []),
  ];
}

const FLAWS: Readonly<Record<Flaw, readonly [number, string]>> = {
  'first start': [4194561, 'do not begin with a start character (10 or 68)'],
  'second start': [4194562, 'have a wrong second start character'],
  end: [4194563, 'have a wrong end character'],
  'check sum': [4194564, 'have a check sum that fits neither way of summing'],
  parity: [4194564, 'have characters with wrong parity'],
  lengths: [4194565, 'say two different lengths'],
  length: [4194566, 'say a length that no frame has'],
};

const SHOWN = 24;
const shown = (bytes: Uint8Array) => `${toHex(bytes.subarray(0, SHOWN))}${bytes.length > SHOWN ? '…' : ''}`;

function answerOf(reception: Reception, link: Link, service: Service): FdlFrame | MeterError {
  const { line, station, source, timeoutMs } = link;
  const setting = `at ${line.baudRate} Bd ${line.framing}`;
  switch (reception.kind) {
    case 'answer':
      return reception.frame;
    case 'silence':
      return inmatError(
        service.noAnswer,
        `Station ${station} did not answer the ${service.name} within ${timeoutMs} ms ${setting}.`,
      );
    case 'requests':
      return inmatError(service.noAnswer, `Station ${station} did not answer; only requests came back.`, {
        hint: 'The adapter echoes and no station answers, or another master asks on this line.',
      });
    case 'incomplete': {
      const of = reception.expected > SD1_LENGTH ? ` of ${reception.expected}` : '';
      return inmatError(service.noAnswer, `The answer stopped after ${reception.bytes.length}${of} bytes.`);
    }
    case 'other': {
      const { frame } = reception;
      return frame.source === station
        ? inmatError(
            service.wrongDestination,
            `Station ${station} answered station ${frame.destination} instead of ${source}, which is us.`,
          )
        : inmatError(service.wrongSource, `Station ${frame.source} answered instead of station ${station}.`);
    }
    case 'flood':
      return inmatError(
        4194567,
        `${reception.bytes.length} bytes came without a whole frame: ${shown(reception.bytes)}.`,
      );
    case 'flawed': {
      const { flaw, bytes } = reception;
      if (service === statusService && bytes.length === 1 && bytes[0] === SHORT_ACKNOWLEDGE)
        return inmatError(4194313, 'A short acknowledge (E5) came instead of a status.');
      const [code, words] = FLAWS[flaw];
      return inmatError(code, `${bytes.length} bytes came that ${words}: ${shown(bytes)}.`);
    }
  }
}

/** Every failure of a dialogue as a MeterError with a code of the SmartCOM's table. */
export function asInmatError(error: unknown, signal: AbortSignal): MeterError {
  if (error instanceof MeterError) return error;
  if (signal.aborted) return inmatError(4194305, undefined, { cause: error });
  if (!(error instanceof PortError)) throw error;
  if (error.failure !== 'lost') return inmatError(4194309, `The port failed: ${error.message}`, { cause: error });
  return inmatError(4194304, `The port was lost: ${error.message}`, {
    hint: 'Is the cable still plugged in? What came before is kept. Plug the adapter in again and try once more.',
    cause: error,
  });
}
