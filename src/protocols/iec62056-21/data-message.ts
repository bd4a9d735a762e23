import { toLatin1 } from '../../common/bytes.ts';
import { byteBuffer } from './byte-buffer.ts';
import { ACK, CR, EOT, ETX, LF, SOH, STX } from './control.ts';
import { isDigit, isHexDigit, isLetter, isPrintable } from './characters.ts';
import { judgeDataMessage } from './data-message-verdict.ts';
import type { DataMessage, DataMessageOptions, Seen } from './data-message-verdict.ts';
import { hasHighBit, parityTally } from './parity-tally.ts';

export type { DataMessage, DataMessageOptions } from './data-message-verdict.ts';

/**
 * Takes a data message character by character; `accept` fits `Line.read`. Never throws, whatever comes in.
 *
 * With STX it ends at the BCC after ETX or EOT; `!` counts anywhere outside brackets (also glued to the last data set).
 * Without (mode D, vzlogger#142) it has 'enough' from a `!` on that stands at the beginning of a line or behind a closed
 * bracket, and still takes a DSMR check sum, CR LF and ETX BCC. Any other `!` is a spoilt character: the message goes on.
 */
export interface DataMessageReceiver {
  accept(byte: number, parityOk: boolean): 'more' | 'enough' | 'done';
  /** The data block so far, as received, without STX and the closing `!`. */
  readonly text: string;
  /** Line ends in the data block so far. */
  readonly lines: number;
  /** The end of what was taken, where it already belongs to the next message: its first character, or `/XXX` and what follows. */
  readonly rest: Uint8Array;
  result(): DataMessage;
}

type State = 'before' | 'skipped line' | 'acknowledge echo' | 'block' | 'bang in value' | 'tail' | 'bcc' | 'done';

const DEFAULT_MAX_BYTES = 256 * 1024;
/** How many wrong characters after `!` are passed over in search of ETX. */
const MAX_TAIL = 16;
const BANG = 0x21;
const OPEN = 0x28;
const CLOSE = 0x29;
const SLASH = 0x2f;
const QUESTION = 0x3f;

export function dataMessageReceiver(options: DataMessageOptions): DataMessageReceiver {
  const buffer = byteBuffer(options.maxBytes ?? DEFAULT_MAX_BYTES);
  let state: State = 'before';
  let framed = false;
  let blockStart: number | undefined;
  let blockEnd: number | undefined;
  /** Where the first text stood: lines without a bracket before the first data set are no data, if there is one. */
  let textStart: number | undefined;
  let bang: number | undefined;
  let etx: number | undefined;
  let receivedBcc: number | undefined;
  let crcDigits = '';
  let telegramStart: number | undefined;
  let ackAt = 0;
  let ackEcho = false;
  let insideValue = false;
  let sawValue = false;
  let bangInside = false;
  let tailEnded = false;
  let restAt: number | undefined;
  const highBits: number[] = [];
  let lineEndedByCr = false;
  let lines = 0;
  let invalidCharacters = 0;
  const parity = parityTally(options.parity?.ours);
  let failure: Seen['failure'];

  function startBlock(at: number): void {
    state = 'block';
    blockStart = at;
    insideValue = sawValue = bangInside = lineEndedByCr = false;
    lines = invalidCharacters = 0;
  }

  function startFrame(at: number): void {
    framed = true;
    parity.reset();
    startBlock(at + 1);
  }

  /** Before the block: identification lines, an acknowledge echo, `?` (vzlogger#142) and unprintable noise are passed over. */
  function before(byte: number, at: number): void {
    if (byte === STX || byte === SOH) return startFrame(at);
    if (byte === SLASH) {
      state = 'skipped line';
      telegramStart = at;
      parity.reset();
    } else if (byte === ACK) {
      state = 'acknowledge echo';
      ackAt = at;
    } else if (isPrintable(byte) && byte !== QUESTION) {
      startBlock(at);
      block(byte, at);
    } else state = 'before';
  }

  function skippedLine(byte: number, at: number): void {
    if (byte === STX || byte === SOH) startFrame(at);
    else if (byte === CR || byte === LF) state = 'before';
  }

  /** `<06>050` CR LF; if it is anything else, the 06 was noise in front of the block. */
  function acknowledgeEcho(byte: number, at: number): void {
    if (isPrintable(byte) && byte !== OPEN && at - ackAt <= 3) return;
    if (byte === CR || byte === STX || byte === SOH) {
      ackEcho = true;
      parity.reset();
      before(byte, at);
    } else if (at === ackAt + 1) {
      before(byte, at);
    } else {
      startBlock(ackAt + 1);
      block(byte, at);
    }
  }

  function block(byte: number, at: number): void {
    if (byte === BANG) foundBang(at);
    else if (byte === OPEN) insideValue = sawValue = true;
    else if (byte === CLOSE) insideValue = bangInside = false;
    else if (byte === CR || byte === LF) endOfLine(byte, at);
    else if (byte === ETX || byte === EOT) {
      closeBlock(at);
      endOfText(at);
    } else if ((byte === STX || byte === SOH) && !framed && !sawValue) startFrame(at);
    else if (!isPrintable(byte)) invalidCharacters++;
    else if (!framed && beginsTelegram(at)) tear(at - 4);
    lineEndedByCr = byte === CR;
  }

  function foundBang(at: number): void {
    if (framed) {
      bang = at;
      if (insideValue) state = 'bang in value';
      else closeBlock(at);
    } else if (insideValue) {
      bangInside = true;
    } else if (at === blockStart || [CR, LF, 0, CLOSE].includes(buffer.at(at - 1))) {
      bang = at;
      tailEnded = false;
      closeBlock(at);
    } else invalidCharacters++;
  }

  function endOfLine(byte: number, at: number): void {
    // A bracket that a `!` stands in and nothing closes: one of the two is spoilt.
    if (insideValue && bangInside && !framed) invalidCharacters++;
    insideValue = bangInside = false;
    if (byte === CR || !lineEndedByCr) lines++;
    if (framed || sawValue) return;
    textStart ??= blockStart;
    const text = textStart;
    startBlock(at + 1);
    textStart = text;
  }

  /** `/XXX` and a digit: the beginning of another telegram, whose own was lost. */
  function beginsTelegram(at: number): boolean {
    return (
      isDigit(buffer.at(at)) &&
      at >= 4 &&
      buffer.at(at - 4) === SLASH &&
      [3, 2, 1].every((back) => isLetter(buffer.at(at - back)))
    );
  }

  function tear(at: number): void {
    failure = 'character timeout';
    blockEnd = restAt = at;
    state = 'done';
  }

  /** A `!` inside brackets is data, unless the line ends right after it: then the closing bracket is missing. */
  function bangInValue(byte: number, at: number): void {
    if (byte === CR || byte === LF || byte === ETX) {
      closeBlock(bang ?? at);
      tail(byte, at);
    } else {
      state = 'block';
      bang = undefined;
      block(byte, at);
    }
  }

  function closeBlock(at: number): void {
    state = 'tail';
    blockEnd = at;
    if (!sawValue && textStart !== undefined) blockStart = textStart;
  }

  function endOfText(at: number): void {
    etx = at;
    state = 'bcc';
  }

  function tail(byte: number, at: number): void {
    if (byte === ETX || byte === EOT) endOfText(at);
    else if (framed) {
      if (byte !== CR && byte !== LF && byte !== 0) wrongTail(at);
    } else if (byte === CR || byte === LF) {
      tailEnded = true;
      if (byte === LF && crcDigits.length === 4) state = 'done';
    } else if (byte === 0) return;
    else if (byte === SLASH || tailEnded) {
      if (isPrintable(byte)) restAt = at;
      state = 'done';
    } else if (isHexDigit(byte) && crcDigits.length < 4) crcDigits += String.fromCharCode(byte);
    else {
      // Something else than a check sum and a line end: that was no end.
      state = 'block';
      bang = blockEnd = undefined;
      crcDigits = '';
      invalidCharacters++;
      block(byte, at);
    }
  }

  /** After CR LF the wrong character stands for ETX and the BCC follows; before that ETX is looked for a little longer. */
  function wrongTail(at: number): void {
    if (buffer.at(at - 1) === LF && failure === undefined) {
      failure = 'ETX';
      endOfText(at);
    } else {
      failure = 'block end';
      if (at - (bang ?? at) > MAX_TAIL) state = 'done';
    }
  }

  function step(byte: number, at: number): void {
    switch (state) {
      case 'before':
        return before(byte, at);
      case 'skipped line':
        return skippedLine(byte, at);
      case 'acknowledge echo':
        return acknowledgeEcho(byte, at);
      case 'block':
        return block(byte, at);
      case 'bang in value':
        return bangInValue(byte, at);
      case 'tail':
        return tail(byte, at);
      case 'bcc':
        receivedBcc = byte & 0x7f;
        state = 'done';
        return;
      case 'done':
    }
  }

  const seen = (): Seen => ({
    raw: buffer.view(),
    highBits,
    framed,
    blockStart,
    blockEnd,
    bang,
    etx,
    receivedBcc,
    crcDigits,
    telegramStart,
    ackEcho,
    invalidCharacters,
    parity: parity.judge(options.parity?.known),
    failure,
  });

  return {
    accept(byte, parityOk) {
      if (state === 'done') return 'done';
      if (buffer.push(byte)) {
        if (options.parity && hasHighBit(byte, parityOk, options.parity.ours)) highBits.push(buffer.length - 1);
        const mayBeOfMessage = isOfMessage();
        step(byte, buffer.length - 1);
        if (mayBeOfMessage && !isOfOtherLine(byte)) parity.add(byte, parityOk);
      } else {
        failure = 'block too long';
        state = 'done';
      }
      if (isDone()) return 'done';
      return state === 'tail' && !framed ? 'enough' : 'more';
    },
    get text() {
      return blockStart === undefined ? '' : toLatin1(buffer.view(blockStart, blockEnd));
    },
    get lines() {
      return lines;
    },
    get rest() {
      return buffer.view(restAt ?? buffer.length).slice();
    },
    result: () => judgeDataMessage(seen(), options),
  };

  /**
   * What is behind the end of an unframed message says nothing of the data. What is before its first data set may: without
   * STX nobody knows whether that was noise, or data that is no longer to be known as such. `startFrame` forgets it.
   */
  function isOfMessage(): boolean {
    if (state === 'tail') return framed;
    // The block check speaks for itself, also where a meter sends it without a parity bit.
    return state !== 'skipped line' && state !== 'bcc' && state !== 'done';
  }

  /** An identification, a request or our own acknowledge, with its line end: perhaps in another parity than the data. */
  function isOfOtherLine(byte: number): boolean {
    if (state === 'skipped line') return true;
    return state === 'before' && (ackEcho || telegramStart !== undefined) && (byte === CR || byte === LF);
  }

  /** `step` changed the state behind the type checker's back. */
  function isDone(): boolean {
    return state === 'done';
  }
}
