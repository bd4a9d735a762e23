import { fromLatin1, toLatin1 } from '../../../common/bytes.ts';
import { byteBuffer } from '../byte-buffer.ts';
import { isPrintable } from '../characters.ts';
import { ACK, CR, EOT, ETX, LF, NAK, SOH, STX } from '../control.ts';
import { parityTally, type SentParity } from '../parity-tally.ts';
import { checkCharacter, type Check } from './command.ts';

/** What a meter says in programming mode. */
export type Answer =
  | { readonly kind: 'ACK' }
  | { readonly kind: 'NAK' }
  /** Text between STX and ETX, or EOT where more blocks follow. */
  | { readonly kind: 'data'; readonly text: string; readonly more: boolean }
  /** P0: the meter is in programming mode; the operand may be empty, its number, or what a password is computed from. */
  | { readonly kind: 'operand'; readonly operand: string }
  /** B0: the meter has ended the session. */
  | { readonly kind: 'break' }
  /** A readout where commands were expected: the meter did not go to programming mode. */
  | { readonly kind: 'readout' }
  | { readonly kind: 'damaged'; readonly reason: string; readonly text: string; readonly isOtherCheck: boolean };

export interface AnswerOptions {
  readonly check: Check;
  /** False: the check character is not looked at. */
  readonly isChecked: boolean;
  /** Before P0 a meter may acknowledge our acknowledge (AS1440): it says nothing. */
  readonly awaits: 'operand' | 'answer';
  /** The parity the line takes off by software, and the one this meter is known to send. */
  readonly parity: { readonly ours: 'even' | 'odd' | undefined; readonly known?: SentParity | undefined };
  readonly maxBytes?: number;
}

/** Takes an answer character by character; `accept` fits `Line.read`. Never throws, whatever comes in. */
export interface AnswerReceiver {
  accept(byte: number, parityOk: boolean): 'more' | 'done';
  /** Text of the block so far. */
  readonly text: string;
  /** Undefined where nothing came that could be an answer. */
  result(): Answer | undefined;
}

/** A day's profile of many channels has some ten thousand characters; a meter may give all it has at once. */
const MOST_CHARACTERS = 256 * 1024;

export function answerReceiver(options: AnswerOptions): AnswerReceiver {
  const { check, isChecked, awaits, maxBytes = MOST_CHARACTERS } = options;
  /** Behind SOH or STX, with ETX or EOT. */
  const buffer = byteBuffer(maxBytes);
  const parity = parityTally(options.parity.ours);
  let state: 'before' | 'message' | 'check' | 'done' = 'before';
  let begunBy = 0;
  let single: 'ACK' | 'NAK' | undefined;
  let received: number | undefined;
  let isTooLong = false;

  function begin(byte: number): void {
    begunBy = byte;
    received = undefined;
    buffer.clear();
    parity.reset();
    state = 'message';
  }

  function before(byte: number): void {
    if (byte === SOH || byte === STX) return begin(byte);
    if (awaits === 'operand' || (byte !== ACK && byte !== NAK)) return;
    single = byte === ACK ? 'ACK' : 'NAK';
    state = 'done';
  }

  /** In a command that comes back, STX stands behind the name; anywhere else it begins a message anew, as SOH does. */
  function message(byte: number): void {
    if (byte === SOH || (byte === STX && (begunBy === STX || buffer.length !== 2))) return begin(byte);
    if (!buffer.push(byte)) {
      isTooLong = true;
      state = 'done';
    } else if (byte === ETX || byte === EOT) state = 'check';
  }

  function ended(byte: number): void {
    received = byte;
    // A command cannot come from a meter: an echo that nobody removed.
    const isEcho = begunBy === SOH && !/^[PB]/.test(toLatin1(buffer.view(0, 1)));
    state = isEcho ? 'before' : 'done';
  }

  const text = (): string => (state === 'before' ? '' : textOf(buffer.view(), begunBy));

  function damage(): { readonly reason: string; readonly isOtherCheck: boolean } | undefined {
    if (isTooLong) return { reason: 'the answer does not end', isOtherCheck: false };
    if (received === undefined) return { reason: 'the answer broke off', isOtherCheck: false };
    const { sent, wrong } = parity.judge(options.parity.known);
    if (wrong > 0 && (sent === 'even' || sent === 'odd')) {
      return { reason: `${wrong} ${wrong === 1 ? 'character' : 'characters'} with wrong parity`, isOtherCheck: false };
    }
    if (!isChecked || received === checkCharacter(buffer.view(), check)) return undefined;
    const other = check === 'xor' ? 'sum7' : 'xor';
    return {
      reason: 'the block check is wrong',
      isOtherCheck: received === checkCharacter(buffer.view(), other),
    };
  }

  return {
    accept(character, parityOk) {
      const byte = character & 0x7f;
      // The check character speaks for itself, also where a meter sends it without a parity bit.
      if (state === 'message') parity.add(byte, parityOk);
      if (state === 'before') before(byte);
      else if (state === 'message') message(byte);
      else if (state === 'check') ended(byte);
      return state === 'done' ? 'done' : 'more';
    },
    get text() {
      return text();
    },
    result() {
      if (single !== undefined) return { kind: single };
      if (state === 'before') return undefined;
      const damaged = damage();
      if (damaged) return { kind: 'damaged', ...damaged, text: text() };
      return meaningOf(buffer.view(), begunBy, awaits);
    },
  };
}

function textOf(bytes: Uint8Array, begunBy: number): string {
  const end = [ETX, EOT].includes(bytes.at(-1) ?? 0) ? -1 : bytes.length;
  const stx = begunBy === SOH ? bytes.indexOf(STX) : -1;
  return begunBy === SOH && stx < 0 ? '' : toLatin1(bytes.slice(stx + 1, end));
}

function meaningOf(bytes: Uint8Array, begunBy: number, awaits: AnswerOptions['awaits']): Answer {
  const text = textOf(bytes, begunBy);
  if (begunBy === STX) {
    if (awaits === 'operand') return { kind: 'readout' };
    if (fromLatin1(text).some((byte) => !isPrintable(byte) && byte !== CR && byte !== LF))
      return { kind: 'damaged', reason: 'characters that no text has', text, isOtherCheck: false };
    return { kind: 'data', text, more: bytes.at(-1) === EOT };
  }
  if (bytes[0] === 0x42) return { kind: 'break' };
  return { kind: 'operand', operand: /^\(([^()]*)\)/.exec(text)?.[1] ?? text };
}

/**
 * The error message in an answer (`(ERROR11)`, `P.200(ERROR)`): text that begins with ER in its only bracket, of at most
 * 32 characters. Undefined where the answer is none.
 */
export function errorIn(text: string): string | undefined {
  const error = /^\s*[^()\s]*\(\s*([^()]{1,32})\s*\)\s*$/.exec(text)?.[1]?.trim();
  return error !== undefined && /^ER/i.test(error) ? error : undefined;
}

/** What the numbers mean to the meters that are known to send them (Sagemcom). */
const numbered: Readonly<Record<number, string>> = {
  0: 'invalid command or data',
  1: 'unknown command',
  4: 'invalid class',
  11: 'wrong time or date',
  14: 'already set',
};

/** `ERROR11` → “ERROR11” (wrong time or date). */
export function errorWords(error: string): string {
  const number = /^ERR(?:OR)?[ -]?(\d{1,3})$/i.exec(error)?.[1];
  const meaning = number === undefined ? undefined : numbered[Number(number)];
  return meaning === undefined ? `“${error}”` : `“${error}” (${meaning})`;
}
