import { toLatin1 } from '../../common/bytes.ts';
import { MeterError } from '../../common/meter-error.ts';
import type { Found } from '../recognizer.ts';
import { offeredMode } from './baud.ts';
import { notTextWords } from './ciphers.ts';
import { dataMessageReceiver } from './data-message.ts';
import type { DataMessage } from './data-message.ts';
import { iecErrorCode } from './errors.ts';
import { parseIdentification } from './identification.ts';
import type { IdentificationMessage } from './identification.ts';
import { isJoinedBlock } from './push-judge.ts';

/** Characters of a readout, with or without a parity bit: as one is sent, or with what a damaged line makes of it. */
export function isReadout(bytes: Uint8Array): boolean {
  return bytes.length >= 5 && (isReadoutText(bytes) || isDamagedReadout(bytes) || isIdentified(bytes));
}

function isReadoutText(bytes: Uint8Array): boolean {
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

const IDENTIFIED = /^\/[A-Z][A-Za-z]{2}\d[ -~]{0,40}\r\n/;
/** Ahead of a message there may be noise, an acknowledge, what was left of another one. */
const BEGINNING = /^[^]{0,64}?(?:\/[A-Za-z]{3}[ -~][^\r\n]*\r?\n|\x02)/;
const DATA_SET = /[\dCFLP][\w.:*&-]*\([^()\r\n]*\)/;
/** So much of what stands outside brackets is text in a readout; texts in them may be filled up with anything. */
const TEXT_SHARE = 0.9;

function isDamagedReadout(bytes: Uint8Array): boolean {
  const text = sevenBits(bytes);
  const from = BEGINNING.exec(text)?.[0].length;
  if (from === undefined || !DATA_SET.test(text)) return false;
  return textShare(text.slice(from).replace(/\([^()\r\n]*\)/g, '()')) >= TEXT_SHARE;
}

const isIdentified = (bytes: Uint8Array) => IDENTIFIED.test(sevenBits(bytes.subarray(0, 64)));

const sevenBits = (bytes: Uint8Array) => toLatin1(bytes.map((byte) => byte & 0x7f));

function textShare(text: string): number {
  return text === '' ? 0 : (text.match(/[ -~\r\n\x02\x03]/g)?.length ?? 0) / text.length;
}

interface Given {
  /** The message before it was made bytes. */
  readonly text: string;
  /** Another one begins where this one has no end yet. */
  readonly isTorn: boolean;
}

/**
 * Every message in the bytes: what cuts one off begins the next. A parity bit is taken off. `line` counts from 0.
 */
export function* messagesIn(raw: Uint8Array, line: number, given?: Given): Generator<Found> {
  const bytes = raw.some((byte) => byte > 0x7f) && raw.every(hasEvenParity) ? raw.map((byte) => byte & 0x7f) : raw;
  for (let at = 0; at < bytes.length;) {
    const { end, ...received } = receive(bytes.subarray(at));
    const isWhole = at === 0 && end >= bytes.length - at;
    const text = isWhole && given ? given.text : toLatin1(bytes.subarray(at, at + end));
    // Behind the first one, what holds no data is what ends a dialogue.
    if (at === 0 || received.data.block.includes('('))
      yield foundOf(received, { text, isTorn: given?.isTorn === true && at + end >= bytes.length }, line);
    at += end;
  }
}

interface Received {
  readonly data: DataMessage;
  readonly identification: IdentificationMessage | undefined;
  readonly problems: readonly string[];
  /** What stands in place of text behind an identification, in a sentence. */
  readonly noText: string | undefined;
}

function receive(bytes: Uint8Array): Received & { readonly end: number } {
  const headEnd = bytes[0] === 0x2f ? bytes.indexOf(0x0a) + 1 : 0;
  const head = headEnd > 0 ? bytes.subarray(0, headEnd) : undefined;
  const receiver = dataMessageReceiver({
    blockCheck: 'strict',
    ...(head ? { preamble: head } : {}),
    maxBytes: bytes.length + 1,
  });
  let end = headEnd;
  while (end < bytes.length && receiver.accept(bytes[end++] ?? 0, true) !== 'done');
  const data = receiver.result();
  const own = head ?? data.head;
  const noText =
    head && isIdentified(bytes) && textShare(toLatin1(bytes.subarray(headEnd))) < TEXT_SHARE && !isReadoutLike(bytes)
      ? notTextWords(toLatin1(bytes))
      : undefined;
  return {
    data,
    ...(own ? identify(own) : { identification: undefined, problems: [] }),
    noText,
    end: Math.max(1, end - receiver.rest.length),
  };
}

const isReadoutLike = (bytes: Uint8Array) => isReadoutText(bytes) || isDamagedReadout(bytes);

function foundOf({ data, identification, problems, noText }: Received, { text, isTorn }: Given, line: number): Found {
  const joined = isTelegram(data) && identification !== undefined && isJoinedBlock(data.block);
  const cut = isTorn ? ['The message broke off: another one begins where its end should be.'] : [];
  const joint = joined
    ? ['A register comes twice, or with the unit of another: two telegrams were joined by a hole.']
    : [];
  const common = {
    identification: identification?.identification ?? '',
    message: text,
    line,
    facts: facts(identification, data),
  };
  if (noText !== undefined)
    return { ...common, data: '', problems: [...problems, noText], errorCode: iecErrorCode('block character') };
  return {
    ...common,
    data: data.block,
    problems: [...problems, ...verdict(data), ...cut, ...joint],
    ...doubts(data, isTorn || joined),
  };
}

/** As meters push them: without STX, and without a check sum to tell whether it is one. */
function isTelegram({ framed, blockCheck, block }: DataMessage): boolean {
  return !framed && blockCheck === 'absent' && /^\d-\d{1,3}:/m.test(block);
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
function doubts(
  { blockCheck, framed, complete, errorCode: own }: DataMessage,
  isTorn: boolean,
): Pick<Found, 'errorCode' | 'circumstances'> {
  const errorCode = own === 0 && isTorn ? iecErrorCode('character timeout') : own;
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

export function hasEvenParity(byte: number): boolean {
  let ones = 0;
  for (let rest = byte; rest > 0; rest >>= 1) ones += rest & 1;
  return ones % 2 === 0;
}
