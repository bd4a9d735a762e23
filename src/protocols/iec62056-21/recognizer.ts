import { fromLatin1 } from '../../common/bytes.ts';
import type { Found, Recognizer } from '../recognizer.ts';
import { textOutOfLog } from '../../common/line-prefix.ts';
import { hasEvenParity, isReadout as isReadoutInBytes, messagesIn } from './recognize-bytes.ts';

/** A data line: an address as meters write it, then a bracket. */
const DATA_LINE = /^[\x02 \t]*(?:\d{1,3}-\d{1,3}:)?[0-9CFLP][\w.:*&-]{0,30}\([^()\r\n]*\)?/m;
const IDENTIFICATION_LINE = /^[ \t]*\/[A-Za-z]{3}[\x20-\x7e][^\r\n!]*$/m;
const NAMES: Readonly<Record<string, string>> = {
  SOH: '\x01',
  STX: '\x02',
  ETX: '\x03',
  EOT: '\x04',
  ACK: '\x06',
  CR: '\r',
  LF: '\n',
  NAK: '\x15',
};

/** The received side of a wire trace, as this app copies it. */
const RECEIVED_LINE = /^\s*(?:\d+\.\d+\s+)?<== /m;

export const iecRecognizer: Recognizer = {
  sees: (bytes) => (isReadoutInBytes(bytes) ? 'whole' : undefined),
  found: messagesIn,
  isCut,
  text: {
    isIn,
    begins: (text) => isIn(text) && /^\s*(?:[^\s;,"][^;,"\r\n]*\(|\x02|\/|<)/.test(text),
    isCell: (cell) => /\([^()]*\)/.test(cell) && isIn(cell),
    find,
  },
};

/** Text that was cut anywhere and not at its line ends; a line that begins like a message is one of its own. */
function isCut(lines: readonly Uint8Array[]): boolean {
  const begins = ([first = 0]: Uint8Array) => (first & 0x7f) === 0x2f || (first & 0x7f) === 0x02;
  const ends = (bytes: Uint8Array) => ((bytes.at(-1) ?? 0) & 0x7f) === 0x0a;
  return !lines.slice(1).some(begins) && !lines.slice(0, -1).every(ends);
}

function isIn(text: string): boolean {
  return plainText(text) !== undefined;
}

/** The text without what copying or a log made of it; undefined where no readout is in it. */
function plainText(text: string): string | undefined {
  if (!text.includes('(')) return undefined;
  const plain = withoutParity(text) ?? text;
  if (isReadout(plain)) return plain;
  const logged = textOutOfLog(plain);
  return logged !== undefined && isReadout(logged) ? logged : undefined;
}

/** Characters with even parity in bit 7, read as Latin-1. Line ends may have been lost. */
function withoutParity(text: string): string | undefined {
  if (!/[\x80-\xff]/.test(text)) return undefined;
  const codes = Array.from(text, (character) => character.charCodeAt(0)).filter((code) => code > 0x20);
  const high = codes.filter((code) => code > 0x7f);
  // A quarter of what meters send has an odd number of ones, and more.
  if (high.length < codes.length / 8 || !codes.every((code) => code <= 0xff && hasEvenParity(code))) return undefined;
  return text.replace(/[\x80-\xff]/g, (character) => String.fromCharCode(character.charCodeAt(0) & 0x7f));
}

function isReadout(text: string): boolean {
  return DATA_LINE.test(text) || IDENTIFICATION_LINE.test(text) || RECEIVED_LINE.test(text);
}

interface Message {
  readonly text: string;
  /** It has a beginning, no end, and another one begins behind it. */
  readonly isTorn: boolean;
  /** Counted from 0. */
  readonly line: number;
}

/** Every readout in a pasted text, with its identification and its check character where they are there. */
function* find(text: string): Generator<Found> {
  for (const { text: message, line, isTorn } of messages(withControls(plainText(text) ?? text))) {
    yield* messagesIn(fromLatin1(withCrLf(message)), line, { text: message, isTorn });
  }
}

/** One message a piece: from an identification line on, or after the end of the one before. */
function* messages(text: string): Generator<Message> {
  let current = '';
  let from = 0;
  let ended = false;
  const lines = text.split(/(?<=\n)/);
  for (const [number, line] of lines.entries()) {
    const isRequest = /^[ \t]*\/\?.*!\s*$/.test(line);
    const begins =
      IDENTIFICATION_LINE.test(line) || isRequest || (ended && /[^\s\x03\x04]/.test(line) && !/^[\x03\x04]/.test(line));
    if (begins) {
      if (holdsData(current))
        yield { text: current, line: from, isTorn: !ended && !isRequest && current.startsWith('/') };
      [current, from, ended] = ['', number, false];
    }
    if (isRequest) continue;
    // Blank lines and prompts before a message are not part of it.
    if (current === '' && line.trim() === '') from = number + 1;
    else current += current === '' ? line.replace(/^[ \t]+/, '') : line;
    ended ||= /^!|[)]!|[\x03\x04]/.test(line);
  }
  if (holdsData(current)) yield { text: current, line: from, isTorn: false };
}

function holdsData(text: string): boolean {
  return text.includes('(');
}

/** Control characters as terminals show them, and the received side of a copied wire trace. */
function withControls(text: string): string {
  const received = RECEIVED_LINE.test(text) ? receivedLines(text) : text;
  return received
    .replace(/<([A-Z]{2,3})>/g, (shown, name: string) => NAMES[name] ?? shown)
    .replace(/<([01][0-9A-F])>|\\x([01][0-9A-F])/gi, (_, shown: string | undefined, escaped = '') =>
      String.fromCharCode(Number.parseInt(shown ?? String(escaped), 16)),
    )
    .replace(/[\u2400-\u241f]/g, (picture) => String.fromCharCode(picture.charCodeAt(0) - 0x2400))
    .replace(/\r\n?\n/g, '\r\n');
}

function receivedLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => /^\s*(?:\d+\.\d+\s+)?<== (?!-- )(.*)$/.exec(line)?.[1])
    .filter((line) => line !== undefined)
    .map((line) => `${line}\n`)
    .join('');
}

/** A text field turns CR LF into LF, over which the check character was counted; the last line end is often not copied. */
function withCrLf(text: string): string {
  const whole = text.endsWith('!') ? `${text}\n` : text;
  return whole.includes('\r') ? whole : whole.replaceAll('\n', '\r\n');
}
