import type { ByteBuffer } from './byte-buffer.ts';
import { isDigit, isHexDigit, isLetter, isPrintable } from './characters.ts';
import { ACK, CR, EOT, ETX, LF, SOH, STX } from './control.ts';
import type { Seen } from './data-message-verdict.ts';
import type { ParityTally } from './parity-tally.ts';

type Marks = { -readonly [Key in Exclude<keyof Seen, 'raw' | 'highBits' | 'parity'>]: Seen[Key] };

/** How far a data message has come, and where its parts were seen. */
export interface Scan extends Marks {
  state: 'before' | 'skipped line' | 'acknowledge echo' | 'block' | 'bang in value' | 'tail' | 'bcc' | 'done';
  /** What was received. */
  readonly buffer: Pick<ByteBuffer, 'at'>;
  /** Begins anew where what came before says nothing of the message. */
  readonly parity: ParityTally;
  /** Line ends in the data block so far. */
  lines: number;
  lineEndedByCr: boolean;
  /** Where the first text stood: lines without a bracket before the first data set are no data, if there is one. */
  textStart: number | undefined;
  insideValue: boolean;
  sawValue: boolean;
  bangInside: boolean;
  tailEnded: boolean;
  ackAt: number;
  /** Where the next message begins, if it does. */
  restAt: number | undefined;
}

/** How many wrong characters after `!` are passed over in search of ETX. */
const MAX_TAIL = 16;
const BANG = 0x21;
const OPEN = 0x28;
const CLOSE = 0x29;
const SLASH = 0x2f;
const QUESTION = 0x3f;

export function beginScan(buffer: Scan['buffer'], parity: ParityTally): Scan {
  return {
    buffer,
    parity,
    state: 'before',
    framed: false,
    blockStart: undefined,
    blockEnd: undefined,
    bang: undefined,
    etx: undefined,
    receivedBcc: undefined,
    crcDigits: '',
    telegramStart: undefined,
    ackEcho: false,
    invalidCharacters: 0,
    failure: undefined,
    lines: 0,
    lineEndedByCr: false,
    textStart: undefined,
    insideValue: false,
    sawValue: false,
    bangInside: false,
    tailEnded: false,
    ackAt: 0,
    restAt: undefined,
  };
}

/** Takes the character that was received at `at`. */
export function scanCharacter(scan: Scan, byte: number, at: number): void {
  switch (scan.state) {
    case 'before':
      return before(scan, byte, at);
    case 'skipped line':
      return skippedLine(scan, byte, at);
    case 'acknowledge echo':
      return acknowledgeEcho(scan, byte, at);
    case 'block':
      return block(scan, byte, at);
    case 'bang in value':
      return bangInValue(scan, byte, at);
    case 'tail':
      return tail(scan, byte, at);
    case 'bcc':
      scan.receivedBcc = byte & 0x7f;
      scan.state = 'done';
      return;
    case 'done':
  }
}

/** Before the block: identification lines, an acknowledge echo, `?` (vzlogger#142) and unprintable noise are passed over. */
function before(scan: Scan, byte: number, at: number): void {
  if (byte === STX || byte === SOH) return startFrame(scan, at);
  if (byte === SLASH) {
    scan.state = 'skipped line';
    scan.telegramStart = at;
    scan.parity.reset();
  } else if (byte === ACK) {
    scan.state = 'acknowledge echo';
    scan.ackAt = at;
  } else if (isPrintable(byte) && byte !== QUESTION) {
    startBlock(scan, at);
    block(scan, byte, at);
  } else scan.state = 'before';
}

function skippedLine(scan: Scan, byte: number, at: number): void {
  if (byte === STX || byte === SOH) startFrame(scan, at);
  else if (byte === CR || byte === LF) scan.state = 'before';
}

/** `<06>050` CR LF; if it is anything else, the 06 was noise in front of the block. */
function acknowledgeEcho(scan: Scan, byte: number, at: number): void {
  const { ackAt } = scan;
  if (isPrintable(byte) && byte !== OPEN && at - ackAt <= 3) return;
  if (byte === CR || byte === STX || byte === SOH) {
    scan.ackEcho = true;
    scan.parity.reset();
    before(scan, byte, at);
  } else if (at === ackAt + 1) {
    before(scan, byte, at);
  } else {
    startBlock(scan, ackAt + 1);
    block(scan, byte, at);
  }
}

function startFrame(scan: Scan, at: number): void {
  scan.framed = true;
  scan.parity.reset();
  startBlock(scan, at + 1);
}

function startBlock(scan: Scan, at: number): void {
  scan.state = 'block';
  scan.blockStart = at;
  scan.insideValue = scan.sawValue = scan.bangInside = scan.lineEndedByCr = false;
  scan.lines = scan.invalidCharacters = 0;
}

function block(scan: Scan, byte: number, at: number): void {
  const { framed, sawValue } = scan;
  if (byte === BANG) foundBang(scan, at);
  else if (byte === OPEN) scan.insideValue = scan.sawValue = true;
  else if (byte === CLOSE) scan.insideValue = scan.bangInside = false;
  else if (byte === CR || byte === LF) endOfLine(scan, byte, at);
  else if (byte === ETX || byte === EOT) {
    closeBlock(scan, at);
    endOfText(scan, at);
  } else if ((byte === STX || byte === SOH) && !framed && !sawValue) startFrame(scan, at);
  else if (!isPrintable(byte)) scan.invalidCharacters++;
  else if (!framed && beginsTelegram(scan, at)) tear(scan, at - 4);
  scan.lineEndedByCr = byte === CR;
}

function foundBang(scan: Scan, at: number): void {
  const { framed, insideValue, blockStart, buffer } = scan;
  if (framed) {
    scan.bang = at;
    if (insideValue) scan.state = 'bang in value';
    else closeBlock(scan, at);
  } else if (insideValue) {
    scan.bangInside = true;
  } else if (at === blockStart || [CR, LF, 0, CLOSE].includes(buffer.at(at - 1))) {
    scan.bang = at;
    scan.tailEnded = false;
    closeBlock(scan, at);
  } else scan.invalidCharacters++;
}

function endOfLine(scan: Scan, byte: number, at: number): void {
  const { framed, sawValue, insideValue, bangInside, lineEndedByCr } = scan;
  // A bracket that a `!` stands in and nothing closes: one of the two is spoilt.
  if (insideValue && bangInside && !framed) scan.invalidCharacters++;
  scan.insideValue = scan.bangInside = false;
  if (byte === CR || !lineEndedByCr) scan.lines++;
  if (framed || sawValue) return;
  scan.textStart ??= scan.blockStart;
  startBlock(scan, at + 1);
}

/** `/XXX` and a digit: the beginning of another telegram, whose own was lost. */
function beginsTelegram({ buffer }: Scan, at: number): boolean {
  return (
    isDigit(buffer.at(at)) &&
    at >= 4 &&
    buffer.at(at - 4) === SLASH &&
    [3, 2, 1].every((back) => isLetter(buffer.at(at - back)))
  );
}

function tear(scan: Scan, at: number): void {
  scan.failure = 'character timeout';
  scan.blockEnd = scan.restAt = at;
  scan.state = 'done';
}

/** A `!` inside brackets is data, unless the line ends right after it: then the closing bracket is missing. */
function bangInValue(scan: Scan, byte: number, at: number): void {
  if (byte === CR || byte === LF || byte === ETX) {
    closeBlock(scan, scan.bang ?? at);
    tail(scan, byte, at);
  } else {
    scan.state = 'block';
    scan.bang = undefined;
    block(scan, byte, at);
  }
}

function closeBlock(scan: Scan, at: number): void {
  scan.state = 'tail';
  scan.blockEnd = at;
  if (!scan.sawValue && scan.textStart !== undefined) scan.blockStart = scan.textStart;
}

function endOfText(scan: Scan, at: number): void {
  scan.etx = at;
  scan.state = 'bcc';
}

function tail(scan: Scan, byte: number, at: number): void {
  if (byte === ETX || byte === EOT) endOfText(scan, at);
  else if (scan.framed) {
    if (byte !== CR && byte !== LF && byte !== 0) wrongTail(scan, at);
  } else if (byte === CR || byte === LF) {
    scan.tailEnded = true;
    if (byte === LF && scan.crcDigits.length === 4) scan.state = 'done';
  } else if (byte === 0) return;
  else if (byte === SLASH || scan.tailEnded) {
    if (isPrintable(byte)) scan.restAt = at;
    scan.state = 'done';
  } else if (isHexDigit(byte) && scan.crcDigits.length < 4) scan.crcDigits += String.fromCharCode(byte);
  else {
    // Something else than a check sum and a line end: that was no end.
    scan.state = 'block';
    scan.bang = scan.blockEnd = undefined;
    scan.crcDigits = '';
    scan.invalidCharacters++;
    block(scan, byte, at);
  }
}

/** After CR LF the wrong character stands for ETX and the BCC follows; before that ETX is looked for a little longer. */
function wrongTail(scan: Scan, at: number): void {
  if (scan.buffer.at(at - 1) === LF && scan.failure === undefined) {
    scan.failure = 'ETX';
    endOfText(scan, at);
  } else {
    scan.failure = 'block end';
    if (at - (scan.bang ?? at) > MAX_TAIL) scan.state = 'done';
  }
}
