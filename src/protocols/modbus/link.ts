import { toHex } from '../../common/bytes.ts';
import { MeterError } from '../../common/meter-error.ts';
import type { Line } from '../../line/line.ts';
import { PortError } from '../../line/port.ts';
import { answerOf, type Answer } from './answer.ts';
import { modbusError } from './errors.ts';
import {
  accountOf,
  fenceFor,
  noteAnswered,
  noteSent,
  noteStranger,
  owesFunction,
  sureFence,
  suspects,
  type Account,
} from './owed.ts';
import { answerReceiver, type AnswerReceiver, type Reception } from './receiver.ts';
import { frameRestMs } from './settings.ts';

export type { Answer } from './answer.ts';

/** One request and its answer on the line. */
export interface Link {
  /** Another one after a search has lent it. */
  line: Line;
  /** Longest wait for the first character of an answer. */
  timeoutMs: number;
  readonly turnaroundMs: number;
  /** Monotonic milliseconds at which the last request had left. */
  sentAt: number;
}

export function createLink(line: Line, times: Pick<Link, 'timeoutMs' | 'turnaroundMs'>): Link {
  const { timeoutMs, turnaroundMs } = times;
  return { line, timeoutMs, turnaroundMs, sentAt: -Infinity };
}

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

/** An answer may take so many times as long as the last one. */
const SLACK = 1.2;

const gapMs = ({ baudRate }: Line) => CHUNK_MS + 20 * frameRestMs(baudRate);

/** Functions whose answer is the request once more. */
const ANSWERED_ALIKE = [5, 6, 8];

/**
 * Sends a request and takes what answers it. Where the unit may still answer an earlier one, something else is asked
 * first, whose answer comes behind all others; a unit that does not answer that is silent. Rejects with a MeterError
 * where the port fails or the turn is over.
 * @param isRepeated the very request was sent just before: the answer to either is one to both
 */
export async function exchange(link: Link, request: Uint8Array, isRepeated = false): Promise<Exchange> {
  const { line } = link;
  try {
    const account = accountOf(line, request[0] ?? 0);
    const before = suspects(account, request, isRepeated ? link : undefined);
    const { answer, notes, strangers, late } = await (before.length > 0
      ? askBehind(link, request, account, fenceFor(account, request))
      : ask(link, request));
    return {
      answer,
      notes,
      strangers,
      late: async () => {
        try {
          return await late();
        } catch (error) {
          throw asModbusError(error, line.signal);
        }
      },
    };
  } catch (error) {
    throw asModbusError(error, line.signal);
  }
}

/** @param isFence nothing of it counts before somebody says so */
async function ask(link: Link, request: Uint8Array, waitMs = link.timeoutMs, isFence = false): Promise<Exchange> {
  const { line } = link;
  await restBefore(link);
  line.flush();
  // Before: whoever is stopped in the midst of it has sent it all the same.
  noteSent(line, { request, sentAt: line.clock.monotonic(), by: link, isFence });
  await send(link, request);
  const receiver = answerReceiver(request);
  let strangers = 0;
  const take = async () => {
    const reception = await receive(link, receiver, waitMs);
    // Nothing else settles it: noise and a garbled echo look like a damaged answer, and the answer comes behind them.
    const answer = answerOf(reception, request, link);
    if (!isFence && reception.kind === 'answer') noteAnswered(line, request, answer.kind === 'data');
    receiver
      .strangers()
      .slice(strangers)
      .forEach((frame) => noteStranger(line, frame));
    strangers = receiver.strangers().length;
    return answer;
  };
  return { answer: await take(), notes: notesOf(receiver.reception()), strangers: receiver.strangers(), late: take };
}

/**
 * Nothing tells whose register values are: what may still come of earlier requests has to have come.
 * @param fence asked before `request`
 */
async function askBehind(link: Link, request: Uint8Array, account: Account, fence: Uint8Array): Promise<Exchange> {
  const { line, timeoutMs } = link;
  line.trace.event('an earlier answer may still come: asking something else first', line.baudRate);
  const first = await ask(link, fence, Math.max(timeoutMs, SLACK * account.delayMs + CHUNK_MS), true);
  const behind = async (answer: Answer): Promise<Exchange> => {
    // Where the refusal of something that was asked earlier may come, too, nothing tells which of them it is.
    const isDoubtful = answer.kind === 'refused' && owesFunction(account, fence);
    if (answer.kind === 'data' || (answer.kind === 'refused' && !isDoubtful)) {
      noteAnswered(line, fence, answer.kind === 'data');
      const next = await ask(link, request);
      return { ...next, strangers: [...first.strangers, ...next.strangers] };
    }
    const now = accountOf(line, request[0] ?? 0);
    const sure = isDoubtful ? sureFence(now, request) : undefined;
    if (sure) {
      const next = await askBehind(link, request, now, sure);
      return { ...next, strangers: [...first.strangers, ...next.strangers] };
    }
    const instead = insteadOf(request, answer, link);
    const isOver = answer.kind === 'refused' || answer.kind === 'damaged';
    const late = async () => (isOver ? instead : (await behind(await first.late())).answer);
    return { ...first, answer: instead, late };
  };
  return await behind(first.answer);
}

/** What came instead of the answer that had to come first, as one to a request that was not sent. */
function insteadOf(request: Uint8Array, answer: Answer, link: Link): Answer {
  if (answer.kind === 'other') return answer;
  return answer.kind === 'damaged'
    ? { ...answer, bytes: new Uint8Array(0) }
    : answerOf({ kind: 'silence' }, request, link);
}

/** Since whatever was on the line last, others' frames included. */
async function restBefore({ line, turnaroundMs, sentAt }: Link): Promise<void> {
  const rest = Math.max(frameRestMs(line.baudRate), turnaroundMs);
  const left = Math.max(line.lastReceivedAt, sentAt) + rest - line.clock.monotonic();
  if (left > 0) await line.pause(left);
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
  let patienceMs = 0;
  for (;;) {
    const firstByteMs = Math.max(patienceMs, until - line.clock.monotonic());
    const end = await line.read(receiver.accept, { firstByteMs, interByteMs: gapMs(line) });
    if (end === 'done' || end === 'no answer') break;
    patienceMs = receiver.isPromised() ? PATIENCE_MS : 0;
    // As long as the answer, and wrong: most likely the right one does not come any more.
    if (receiver.isSpoiled()) break;
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
