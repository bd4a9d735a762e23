import { fromLatin1, toLatin1 } from '../../common/bytes.ts';
import { MeterError } from '../../common/meter-error.ts';
import { offeredMode } from './baud.ts';
import { dataMessageReceiver } from './data-message.ts';
import type { DataMessage } from './data-message.ts';
import { parseIdentification } from './identification.ts';
import type { IdentificationMessage } from './identification.ts';
import type { Found, Recognizer } from '../recognizer.ts';

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
  sees: (bytes) => (isReadoutText(bytes) ? 'whole' : undefined),
  found: messageFound,
  isCut,
  text: {
    isIn,
    begins: (text) => isIn(text) && /^\s*(?:[^\s;,"][^;,"\r\n]*\(|\x02|\/|<)/.test(text),
    isCell: (cell) => /\([^()]*\)/.test(cell) && isIn(cell),
    find,
  },
};

/** Characters of a readout, with or without a parity bit, that begin as one does. */
function isReadoutText(bytes: Uint8Array): boolean {
  if (bytes.length < 5) return false;
  let brackets = 0;
  for (const byte of bytes) {
    const code = byte & 0x7f;
    if (code === 0x28) brackets++;
    const isText = code >= 0x20 || (code >= 0x01 && code <= 0x0d) || code === 0x15;
    if (!isText || code === 0x7f) return false;
  }
  const first = (bytes[0] ?? 0) & 0x7f;
  return brackets > 0 || (first === 0x2f && bytes.some((byte) => (byte & 0x7f) === 0x0a));
}

/** Text that was cut anywhere and not at its line ends; a line that begins like a message is one of its own. */
function isCut(lines: readonly Uint8Array[]): boolean {
  const begins = ([first = 0]: Uint8Array) => (first & 0x7f) === 0x2f || (first & 0x7f) === 0x02;
  const ends = (bytes: Uint8Array) => ((bytes.at(-1) ?? 0) & 0x7f) === 0x0a;
  return !lines.slice(1).some(begins) && !lines.slice(0, -1).every(ends);
}

function isIn(text: string): boolean {
  if (!text.includes('(')) return false;
  return DATA_LINE.test(text) || IDENTIFICATION_LINE.test(text) || RECEIVED_LINE.test(text);
}

interface Message {
  readonly text: string;
  /** Counted from 0. */
  readonly line: number;
}

/** Every readout in a pasted text, with its identification and its check character where they are there. */
function* find(text: string): Generator<Found> {
  for (const { text: message, line } of messages(withControls(text))) {
    yield messageFound(fromLatin1(withCrLf(message)), line, message);
  }
}

/** One message as bytes; a parity bit is taken off. `line` counts from 0. */
function messageFound(raw: Uint8Array, line: number, message = toLatin1(raw)): Found {
  const bytes = raw.some((byte) => byte > 0x7f) && isEvenParity(raw) ? raw.map((byte) => byte & 0x7f) : raw;
  const end = bytes[0] === 0x2f ? bytes.indexOf(0x0a) + 1 : 0;
  const head = end > 0 ? bytes.subarray(0, end) : undefined;
  const { identification, problems } = head ? identify(head) : { identification: undefined, problems: [] };
  const receiver = dataMessageReceiver({
    blockCheck: 'strict',
    ...(head ? { preamble: head } : {}),
    maxBytes: bytes.length + 1,
  });
  for (const byte of bytes.subarray(end)) if (receiver.accept(byte, true) === 'done') break;
  const data = receiver.result();
  return {
    identification: identification?.identification ?? '',
    data: data.block,
    message,
    line,
    facts: facts(identification, data),
    problems: [...problems, ...verdict(data)],
    ...doubts(data),
  };
}

function identify(raw: Uint8Array): { identification: IdentificationMessage | undefined; problems: string[] } {
  try {
    const identification = parseIdentification(raw);
    return { identification, problems: identification.deviations.map(sentence) };
  } catch (error) {
    if (!(error instanceof MeterError)) throw error;
    return { identification: undefined, problems: [sentence(error.message)] };
  }
}

function facts(identification: IdentificationMessage | undefined, data: DataMessage): Found['facts'] {
  const rows: (readonly [string, string])[] = [];
  if (identification) {
    const { modes, baudRate } = offeredMode(identification);
    rows.push(['Manufacturer', identification.manufacturer], ['Identification', identification.identification]);
    rows.push(['Mode', `${modes.join(' or ')}${baudRate === undefined ? '' : `, offers ${baudRate} Bd`}`]);
  }
  if (data.blockCheck !== 'absent')
    rows.push([
      'Check character',
      data.blockCheck === 'ok' ? 'right' : data.blockCheck === 'bad' ? 'wrong' : data.blockCheck,
    ]);
  return rows;
}

/** What decoding has to know of the message. What lost its control characters in copying lost its check character with them. */
function doubts({ blockCheck, framed, complete, errorCode }: DataMessage): Pick<Found, 'errorCode' | 'circumstances'> {
  const partial = framed && !complete ? { partial: true } : {};
  return {
    ...(errorCode === 0 ? {} : { errorCode }),
    circumstances: { ...(blockCheck === 'absent' ? {} : { blockCheck }), ...partial },
  };
}

/** In sentences what is wrong with the message; that the control characters were lost in copying is no fault. */
function verdict({
  blockCheck,
  expectedBcc = 0,
  receivedBcc = 0,
  framed,
  complete,
  deviations,
}: DataMessage): string[] {
  const problems: string[] = [];
  if (blockCheck === 'bad') {
    problems.push(`The check character is wrong: calculated ${hex(expectedBcc)}, received ${hex(receivedBcc)}.`);
  }
  if (framed && !complete) problems.push('The message broke off before its check character.');
  const harmless = /^(?:STX is missing|no '!' before ETX|an identification)/;
  return [...problems, ...deviations.filter((text) => !harmless.test(text)).map(sentence)];
}

const hex = (code: number) => code.toString(16).padStart(2, '0').toUpperCase();

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
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
      if (isReadout(current)) yield { text: current, line: from };
      [current, from, ended] = ['', number, false];
    }
    if (isRequest) continue;
    // Blank lines and prompts before a message are not part of it.
    if (current === '' && line.trim() === '') from = number + 1;
    else current += current === '' ? line.replace(/^[ \t]+/, '') : line;
    ended ||= /^!|[)]!|[\x03\x04]/.test(line);
  }
  if (isReadout(current)) yield { text: current, line: from };
}

function isReadout(text: string): boolean {
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

function isEvenParity(bytes: Uint8Array): boolean {
  return bytes.every((byte) => {
    let ones = 0;
    for (let rest = byte; rest > 0; rest >>= 1) ones += rest & 1;
    return ones % 2 === 0;
  });
}
