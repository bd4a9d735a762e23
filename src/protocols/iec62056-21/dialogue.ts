import type { Accept, Deadlines, Line, ReadEnd } from '../../line/line.ts';
import { PortError } from '../../line/port.ts';
import { MeterError } from '../../common/meter-error.ts';
import type { Secret } from '../../common/secret.ts';
import type { ReadOptions, ReadStep } from '../protocol.ts';
import type { IecAddress } from './address.ts';
import type { DataMessage, DataMessageReceiver } from './data-message.ts';
import { iecError } from './errors.ts';
import type { IdentificationMessage } from './identification.ts';
import type { SentParity } from './parity-tally.ts';
import type { Collected } from './programming/collected.ts';
import type { IecSettings } from './settings.ts';

/** What one read knows and has seen so far; the parts of the dialogue share it, and a failed read reports from it. */
export interface Dialogue {
  readonly line: Line;
  readonly address: IecAddress;
  readonly settings: IecSettings;
  readonly options: ReadOptions;
  /** Monotonic milliseconds at which the read ends, whatever still comes. */
  readonly until: number;
  /** Rate of the sign-on. */
  firstRate: number;
  readonly notes: Set<string>;
  /** It was asked at a higher rate first and answered at 300 Bd. */
  fellBack: boolean;
  identification: IdentificationMessage | undefined;
  /** Monotonic milliseconds of the last character of the identification, and of the last bit of our acknowledge. */
  identifiedAt: number;
  acknowledgedAt: number | undefined;
  /** How long the meter took to answer the request, milliseconds, as far as the adapter shows it. */
  reactionMs: number | undefined;
  /** What the meter was seen to do with bit 7. */
  parity: SentParity | undefined;
  /** It announced a higher rate and was found at its first one. */
  staysAtFirstRate: boolean;
  /** Data at the higher rate was lost before the adapter heard it. */
  startMissed: boolean;
  /** All that was wanted of the table has come: it was listened to no longer. */
  endedEarly: boolean;
  /** The meter let a NAK go unanswered: only a new dialogue can bring its data again. */
  repeatRefused: boolean;
  mode: 'A' | 'B' | 'C' | 'D' | undefined;
  /** Blocks that came before the message under way, where the meter sends its data in parts. */
  earlierBlocks: string;
  /** The data message under way, or the last one: what is kept when the read fails. */
  receiver: DataMessageReceiver | undefined;
  message: DataMessage | undefined;
  /** Two copies of the data were the same to the character, and so was the wrong block check. */
  sameTwice: boolean;
  /** Of a pushed telegram without a check sum: whether another bore it out. */
  borneOut: boolean | undefined;
  dataRate: number;
  /** For programming mode, where one is kept for this meter. */
  password: Secret | undefined;
  /** In programming mode: what stays, whatever becomes of the session. */
  collected: Collected | undefined;
}

interface Beginning extends Pick<Dialogue, 'address' | 'settings' | 'options'> {
  /** The read ends after so long, whatever still comes. */
  readonly longestMs: number;
}

/** One of which nothing is known yet. */
export function beginDialogue(line: Line, { address, settings, options, longestMs }: Beginning): Dialogue {
  const now = line.clock.monotonic();
  return {
    line,
    address,
    settings,
    options,
    until: now + longestMs,
    firstRate: line.baudRate,
    notes: new Set(),
    fellBack: false,
    identification: undefined,
    identifiedAt: now,
    acknowledgedAt: undefined,
    reactionMs: undefined,
    parity: undefined,
    staysAtFirstRate: false,
    startMissed: false,
    endedEarly: false,
    repeatRefused: false,
    mode: undefined,
    earlierBlocks: '',
    receiver: undefined,
    message: undefined,
    sameTwice: false,
    borneOut: undefined,
    dataRate: line.baudRate,
    password: undefined,
    collected: undefined,
  };
}

export function step(dialogue: Dialogue, name: ReadStep, text: string): void {
  dialogue.options.onProgress?.({ kind: 'step', step: name, text });
}

/**
 * A read that the meter owes us; that it did not come in time stands in the trace (`-- Tout --`). Throws 66050
 * when the time for the whole read is over.
 */
export async function readAnswer(dialogue: Dialogue, accept: Accept, deadlines: Deadlines): Promise<ReadEnd> {
  const { line, until } = dialogue;
  const left = Math.max(0, until - line.clock.monotonic());
  const totalMs = Math.min(deadlines.totalMs ?? Infinity, left);
  const end = await line.read(accept, { ...deadlines, totalMs });
  if (end !== 'done') line.trace.event('timeout', line.baudRate);
  if (end === 'too long' && line.clock.monotonic() >= until) throw endless(dialogue);
  return end;
}

function endless({ settings, receiver, earlierBlocks }: Dialogue): Error {
  const characters = earlierBlocks.length + (receiver?.text.length ?? 0);
  return iecError(
    'block too long',
    `The meter was still sending after ${minutes(settings.longestMs)} (${characters} characters so far): the read was ended.`,
    { hint: 'Does it send the same again and again? Read single registers or a shorter profile. What came is kept.' },
  );
}

/** Milliseconds, in words: "1.5 s". */
export const seconds = (ms: number): string => `${ms / 1000} s`;

const minutes = (ms: number): string => (ms % 60_000 === 0 ? `${ms / 60_000} min` : seconds(ms));

/** Every failure of a dialogue as a MeterError with a code of the SmartCOM's table. */
export function asMeterError(error: unknown, signal: AbortSignal): MeterError {
  if (error instanceof MeterError) return error;
  if (signal.aborted) return iecError('stopped by user', 'The read was stopped.', { cause: error });
  if (error instanceof PortError) {
    const hint = error.checklist.join(' ');
    if (error.failure === 'lost') {
      return iecError('internal error', `The port was lost during the read: ${error.message}`, {
        hint: 'Is the cable still plugged in? What came before is kept. Plug the head in again and read once more.',
        cause: error,
      });
    }
    if (error.failure === 'timeout' || error.failure === 'stuck') {
      return iecError('internal error', `The port hangs: ${error.message}`, { hint, cause: error });
    }
    return iecError('new baud rate not set', `The baud rate could not be changed: ${error.message}`, {
      hint,
      cause: error,
    });
  }
  throw error;
}
