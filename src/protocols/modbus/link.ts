import { toHex } from '../../common/bytes.ts';
import { MeterError } from '../../common/meter-error.ts';
import type { Line } from '../../line/line.ts';
import { PortError } from '../../line/port.ts';
import { modbusError } from './errors.ts';
import { exceptionAdvice, exceptionText } from './exceptions.ts';
import { REFUSED } from './frame.ts';
import { answerReceiver, expectedData, type AnswerReceiver, type Reception } from './receiver.ts';
import { frameRestMs } from './settings.ts';

/** One request and its answer on the line. */
export interface Link {
  /** Another one after a search has lent it. */
  line: Line;
  /** Longest wait for the first character of an answer. */
  timeoutMs: number;
  readonly turnaroundMs: number;
  /** Monotonic milliseconds at which the last request had left. */
  sentAt: number;
  /** The longest that an answer took to come; 0 before the first. */
  slowestMs: number;
  /** By unit and function: requests whose answer may still come. It would look like the answer to any other one. */
  readonly owed: Map<number, Owed>;
}

/** So many times the same request. Times: monotonic milliseconds. */
interface Owed {
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
  /** How long after the first of them one was answered; undefined while none was. */
  readonly delayMs?: number;
}

export function createLink(line: Line, times: Pick<Link, 'timeoutMs' | 'turnaroundMs'>): Link {
  const { timeoutMs, turnaroundMs } = times;
  return { line, timeoutMs, turnaroundMs, sentAt: -Infinity, slowestMs: 0, owed: new Map() };
}

export type Answer =
  | { readonly kind: 'data'; readonly frame: Uint8Array }
  /** The device understood, and will not. */
  | { readonly kind: 'refused'; readonly frame: Uint8Array; readonly exception: number; readonly error: MeterError }
  | {
      readonly kind: 'silence' | 'other' | 'damaged';
      /** What came, as far as it is of an answer. */
      readonly bytes: Uint8Array;
      readonly error: MeterError;
    };

export interface Exchange {
  readonly answer: Answer;
  readonly notes: readonly string[];
  /** Answers of other units that came meanwhile. */
  readonly strangers: readonly Uint8Array[];
  /** Listens on for an answer that is late; then nothing of it can be taken for the next one. */
  late(): Promise<Answer>;
}

/** What adapters hand over comes in chunks: only a longer pause ends an answer that is not whole. */
const CHUNK_MS = 60;
/** An answer that has begun may pause so long: gateways, radio, busy computers. */
const PATIENCE_MS = 300;

/** An answer may take so many times as long as the slowest before it. */
const SLACK = 1.2;

const gapMs = ({ baudRate }: Line) => CHUNK_MS + 20 * frameRestMs(baudRate);

/** Functions whose answer is the request once more. */
const ANSWERED_ALIKE = [5, 6, 8];

/**
 * Sends a request and takes what answers it. Rejects with a MeterError where the port fails or the turn is over.
 * @param isRepeated the very request was sent just before: the answer to either is one to both
 */
export async function exchange(link: Link, request: Uint8Array, isRepeated = false): Promise<Exchange> {
  const { line } = link;
  try {
    if (!isRepeated) await settleOwed(link, request);
    await restBefore(link);
    line.flush();
    await send(link, request);
    owe(link, request);
    const receiver = answerReceiver(request);
    const take = async () => {
      const answer = answerOf(await receive(link, receiver, link.timeoutMs), request, link);
      // Whoever answers damaged has answered.
      if (answer.kind !== 'silence' && answer.kind !== 'other') noteAnswer(link, request);
      return answer;
    };
    return {
      answer: await take(),
      notes: notesOf(receiver.reception()),
      strangers: receiver.strangers(),
      late: async () => {
        try {
          return await take();
        } catch (error) {
          throw asModbusError(error, line.signal);
        }
      },
    };
  } catch (error) {
    throw asModbusError(error, line.signal);
  }
}

/** Since whatever was on the line last, others' frames included. */
async function restBefore({ line, turnaroundMs, sentAt }: Link): Promise<void> {
  const rest = Math.max(frameRestMs(line.baudRate), turnaroundMs);
  const left = Math.max(line.lastReceivedAt, sentAt) + rest - line.clock.monotonic();
  if (left > 0) await line.pause(left);
}

const ownerOf = ([unit = 0, command = 0]: Uint8Array) => unit * 256 + command;

function owe({ owed, sentAt }: Link, request: Uint8Array): void {
  const { count = 0, firstAt = sentAt } = owed.get(ownerOf(request)) ?? {};
  owed.set(ownerOf(request), { count: count + 1, firstAt, lastAt: sentAt });
}

function noteAnswer(link: Link, request: Uint8Array): void {
  const of = ownerOf(request);
  const before = link.owed.get(of);
  if (!before) return;
  const delayMs = link.line.clock.monotonic() - before.firstAt;
  link.owed.delete(of);
  if (before.count > 1) link.owed.set(of, { ...before, count: before.count - 1, delayMs });
  else link.slowestMs = Math.max(link.slowestMs, delayMs);
}

/** Nothing tells whose register values are: what may still come of an earlier request has to have come. */
async function settleOwed(link: Link, request: Uint8Array): Promise<void> {
  const { line, owed, timeoutMs, slowestMs } = link;
  const { lastAt, delayMs = slowestMs } = owed.get(ownerOf(request)) ?? { lastAt: -Infinity };
  owed.delete(ownerOf(request));
  const until = lastAt + (delayMs > 0 ? SLACK * delayMs + CHUNK_MS : 2 * timeoutMs);
  const accept = () => (line.clock.monotonic() < until ? 'more' : 'done');
  for (;;) {
    const firstByteMs = until - line.clock.monotonic();
    if (!(firstByteMs > 0)) return;
    await line.read(accept, { firstByteMs, interByteMs: gapMs(line) });
  }
}

async function send(link: Link, request: Uint8Array): Promise<void> {
  const { line } = link;
  try {
    await line.write(request, [], ANSWERED_ALIKE.includes(request[1] ?? 0) ? 'alike' : 'after');
  } catch (error) {
    if (!(error instanceof PortError) || error.failure === 'lost') throw error;
    const code = error.failure === 'timeout' ? 196613 : 196612;
    throw modbusError(code, `The request could not be sent: ${error.message}`, {
      hint: error.checklist.join(' '),
      cause: error,
    });
  }
  link.sentAt = line.clock.monotonic();
}

/** Until the answer is whole, or nothing more of it is to be expected. */
async function receive(link: Link, receiver: AnswerReceiver, waitMs: number): Promise<Reception> {
  const { line } = link;
  const until = line.clock.monotonic() + waitMs;
  let isPatient = false;
  for (;;) {
    const firstByteMs = isPatient ? PATIENCE_MS : Math.max(0, until - line.clock.monotonic());
    const end = await line.read(receiver.accept, { firstByteMs, interByteMs: gapMs(line) });
    if (end === 'done' || end === 'no answer') break;
    isPatient = receiver.isPromised();
    // Whole and wrong: the right one does not come any more.
    if (receiver.reception().kind === 'damaged') break;
  }
  const reception = receiver.reception();
  if (reception.kind !== 'answer')
    line.trace.event(reception.kind === 'silence' ? 'timeout' : reception.kind, line.baudRate);
  return reception;
}

function notesOf(reception: Reception): readonly string[] {
  if (reception.kind !== 'answer') return [];
  const notes: string[] = [];
  if (reception.isOtherMaster) notes.push('Another master asks on this line: requests came that are not ours.');
  const { before } = reception;
  if (before.length > 0 && before.every((byte) => byte === 0 || byte === 0xff))
    notes.push(`${toHex(before)} came before the answer: the bus may lack its bias resistors.`);
  return notes;
}

function answerOf(reception: Reception, request: Uint8Array, link: Link): Answer {
  const [unit = 0] = request;
  const none = new Uint8Array(0);
  switch (reception.kind) {
    case 'answer': {
      const { frame } = reception;
      if ((frame[1] ?? 0) < REFUSED) return { kind: 'data', frame };
      const exception = frame[2] ?? 0;
      return { kind: 'refused', frame, exception, error: refusal(request, exception) };
    }
    case 'silence': {
      const { line, timeoutMs } = link;
      const error = modbusError(
        196614,
        `Unit ${unit} did not answer within ${timeoutMs} ms at ${line.baudRate} Bd ${line.framing}.`,
      );
      return { kind: 'silence', bytes: none, error };
    }
    case 'incomplete': {
      const of = reception.expected === undefined ? '' : ` of ${reception.expected}`;
      const error = modbusError(196615, `The answer stopped after ${reception.bytes.length}${of} bytes.`);
      return { kind: 'damaged', bytes: none, error };
    }
    case 'damaged':
      return { kind: 'damaged', bytes: reception.bytes, error: damage(reception) };
    case 'noise':
      return { kind: 'damaged', bytes: none, error: noise(reception.bytes) };
    case 'other':
      return { kind: 'other', bytes: reception.frame, error: otherError(reception, request) };
  }
}

/** "Unit 5 refuses 03 at 0100: it has no such address (exception 02)." */
function refusal(request: Uint8Array, exception: number): MeterError {
  const [unit = 0, command = 0] = request;
  const where = command <= 6 || command === 15 || command === 16 ? ` at ${toHex(request.subarray(2, 4))}` : '';
  return modbusError(
    196640,
    `Unit ${unit} refuses ${toHex(Uint8Array.of(command))}${where}: ${exceptionText(exception)}.`,
    { hint: exceptionAdvice(exception) },
  );
}

function damage({ bytes, badParity }: Extract<Reception, { kind: 'damaged' }>): MeterError {
  const why = badParity > 0 ? `${badParity} characters came with wrong parity` : 'its check (CRC) is wrong';
  return modbusError(196615, `${bytes.length} bytes of an answer came, and ${why}.`);
}

function noise(bytes: Uint8Array): MeterError {
  const constant = bytes.every((byte) => byte === bytes[0]) && (bytes[0] === 0 || bytes[0] === 0xff);
  return modbusError(
    196615,
    `${bytes.length} bytes came that are no answer: ${toHex(bytes.subarray(0, 16))}.`,
    constant ? { hint: 'A and B may be swapped, or the bus lacks its bias resistors.' } : {},
  );
}

function otherError({ frame, why }: Extract<Reception, { kind: 'other' }>, request: Uint8Array): MeterError {
  const [unit = 0, command = 0] = request;
  switch (why) {
    case 'echo':
      return modbusError(196614, 'Only the request itself came back: the adapter echoes, and no meter answered.');
    case 'unit':
      return modbusError(196614, `Unit ${frame[0] ?? 0} answered instead of unit ${unit}.`, {
        hint: 'A late answer of another meter, or a second master on the bus: make the rest between frames longer.',
      });
    case 'request':
      return modbusError(196614, `Unit ${unit} did not answer, and another master asks on this line.`, {
        hint: 'Only one may ask: end the other one, or read through it.',
      });
    case 'function':
      return modbusError(
        196640,
        `Unit ${unit} answered function ${toHex(frame.subarray(1, 2))} instead of ${toHex(Uint8Array.of(command))}.`,
      );
    case 'length': {
      const expected = expectedData(request);
      const seen =
        expected === undefined ? 'other values than were sent' : `${frame[2] ?? 0} data bytes instead of ${expected}`;
      return modbusError(196640, `Unit ${unit} answered with ${seen}.`, {
        hint: 'A late answer to an earlier request, or a device whose registers are not two bytes wide.',
      });
    }
  }
}

/** Every failure of a dialogue as a MeterError with a code of the SmartCOM's table. */
export function asModbusError(error: unknown, signal: AbortSignal): MeterError {
  if (error instanceof MeterError) return error;
  if (signal.aborted) return modbusError(196609, undefined, { cause: error });
  if (!(error instanceof PortError)) throw error;
  if (error.failure !== 'lost') return modbusError(196611, `The port failed: ${error.message}`, { cause: error });
  return modbusError(196608, `The port was lost: ${error.message}`, {
    hint: 'Is the cable still plugged in? What came before is kept. Plug the adapter in again and try once more.',
    cause: error,
  });
}
