import { toLatin1 } from '../../common/bytes.ts';
import { byteBuffer } from './byte-buffer.ts';
import { CR, LF } from './control.ts';
import { iecError } from './errors.ts';

/** `/ X X X Z [\W]* identification CR LF` (IEC 62056-21, 6.3.2), as received. */
export interface IdentificationMessage {
  /** Three letters (FLAG code); real meters mix cases. */
  readonly manufacturer: string;
  /** Z: one printable character. */
  readonly baudCharacter: string;
  /** Everything after Z, with the escapes, without CR LF. */
  readonly identification: string;
  /** The W of each leading `\W`: "2" offers mode E. */
  readonly escapes: readonly string[];
  /** Third letter in lower case: the meter reacts within 20 ms instead of 200. */
  readonly fastReaction: boolean;
  /** What differs from the standard and could be lived with, in words. */
  readonly deviations: readonly string[];
  /** The baud character came with a wrong parity: it may have been another. */
  readonly baudCharacterDamaged: boolean;
  /** The message from `/` to its end, which a DSMR check sum begins with. */
  readonly raw: Uint8Array;
}

const SLASH = 0x2f;
const BANG = 0x21;
const MAX_IDENTIFICATION_LENGTH = 16;

/**
 * Takes an identification message apart. Throws 65793, 65794 or 65796 where maker, baud character or end cannot be what
 * they claim; what can be lived with becomes a deviation: lower-case letters (`/Ene5`), more than 16 characters, a lone
 * LF or CR, and the control characters some meters send in the identification (`/ISk5<02>MT382`).
 */
export function parseIdentification(raw: Uint8Array): IdentificationMessage {
  const deviations: string[] = [];
  const end = endOfText(raw, deviations);
  const text = toLatin1(raw.subarray(0, end));
  if (raw[0] !== SLASH) throw iecError('manufacturer character', `${quote(text)} does not begin with '/'`);
  const manufacturer = text.slice(1, 4);
  if (!/^[A-Za-z]{3}$/.test(manufacturer)) {
    throw iecError('manufacturer character', `The manufacturer in ${quote(text)} is not three letters`);
  }
  if (!/^[A-Z]{2}/.test(manufacturer)) deviations.push('the first two letters of the manufacturer are not capitals');
  const baudCharacter = text.slice(4, 5);
  if (!/^[\x20-\x7e]$/.test(baudCharacter)) {
    throw iecError('baud rate character', `The baud rate character in ${quote(text)} is missing or not printable`);
  }
  const identification = text.slice(5);
  checkIdentification(identification, text, deviations);
  const escapes = [...(/^(?:\\.)*/.exec(identification)?.[0] ?? '').matchAll(/\\(.)/g)].map(([, w = '']) => w);
  return {
    manufacturer,
    baudCharacter,
    identification,
    escapes,
    fastReaction: /[a-z]$/.test(manufacturer),
    deviations,
    baudCharacterDamaged: false,
    raw: raw.slice(),
  };
}

/** Index of the first character of the line end. */
function endOfText(raw: Uint8Array, deviations: string[]): number {
  let end = raw.length;
  while (end > 0 && (raw[end - 1] === LF || raw[end - 1] === CR)) end--;
  const tail = toLatin1(raw.subarray(end));
  if (raw.subarray(0, end).includes(CR)) {
    throw iecError('identification end', `A character other than LF follows CR in ${quote(toLatin1(raw))}`);
  }
  if (tail === '') throw iecError('identification end', `${quote(toLatin1(raw))} broke off before CR LF`);
  if (tail !== '\r\n') deviations.push(`the identification message ends with ${visible(tail)} instead of CR LF`);
  return end;
}

/** Only maker and baud character are needed: what is wrong in the rest is a remark. */
function checkIdentification(identification: string, text: string, deviations: string[]): void {
  const odd = new Set(identification.match(/[^\x20-\x7e]|[/!]/g));
  for (const character of odd) {
    const at = identification.indexOf(character) + 6;
    deviations.push(`${visible(character)} at position ${at} of ${quote(text)} is not allowed in the identification`);
  }
  if (identification.length > MAX_IDENTIFICATION_LENGTH) {
    deviations.push(`the identification has ${String(identification.length)} characters instead of at most 16`);
  }
}

/** Control characters and bytes beyond ASCII as `<XX>`. */
export function visible(text: string): string {
  return text.replace(
    /[^\x20-\x7e]/g,
    (character) => `<${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}>`,
  );
}

function quote(text: string): string {
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return `"${visible(shown)}"`;
}

/** Takes an identification message character by character; `accept` fits `Line.read`. */
export interface IdentificationReceiver {
  accept(byte: number, parityOk: boolean): 'more' | 'enough' | 'done';
  /** Throws a MeterError: 65541 when no `/` came, 65793, 65794 or 65796 for a field that cannot be read. */
  message(): IdentificationMessage;
  /** Everything received so far, with what stands before the message; a view until the next character. */
  readonly raw: Uint8Array;
  /** A request message came back: the head echoes and nobody removed it. */
  readonly sawEcho: boolean;
  /** Characters before the message: 7F, FF, NUL, line ends, noise (openhab-addons#10052), an echo. */
  readonly skipped: number;
  /** Characters of the message whose parity was wrong. */
  readonly parityErrors: number;
}

/** Room for what a meter in mode D was sending when we began to listen. */
const MAX_SKIPPED = 16 * 1024;
/** The longest line anybody sends is below 60 characters; beyond this it is noise. */
const MAX_LINE = 256;

export function identificationReceiver(): IdentificationReceiver {
  const received = byteBuffer(MAX_SKIPPED + MAX_LINE);
  /** Where the message's `/` stands; as long as there is none, the end of what was received. */
  let start = 0;
  /** Positions of characters with a wrong parity. */
  let wrong: number[] = [];
  let sawEcho = false;
  let ended = false;

  const line = (): Uint8Array => received.view(start);

  function dropEcho(): void {
    sawEcho = true;
    start = received.length;
    wrong = [];
  }

  function accept(byte: number, parityOk: boolean): 'more' | 'enough' | 'done' {
    const endedByCr = (): boolean => received.length > start && received.at(received.length - 1) === CR;
    // The echo of a request whose line end was lost, or lacks its LF, runs straight into the answer.
    if (isRequest(line()) && (byte === SLASH || (endedByCr() && byte !== CR && byte !== LF))) dropEcho();
    const afterCr = endedByCr();
    const waiting = start === received.length;
    received.push(byte);
    if (waiting && byte !== SLASH) {
      start = received.length;
      return start < MAX_SKIPPED ? 'more' : 'done';
    }
    if (!parityOk) wrong.push(received.length - 1);
    if (byte === LF || byte === CR) {
      if (!isRequest(line())) return byte === LF ? 'done' : 'enough';
      if (byte === LF) dropEcho();
      return 'more';
    }
    return afterCr || received.length - start >= MAX_LINE ? 'done' : 'more';
  }

  return {
    accept(byte, parityOk) {
      if (ended) return 'done';
      const state = accept(byte, parityOk);
      ended = state === 'done';
      return state;
    },
    message() {
      if (start === received.length) {
        throw iecError(
          'identification timeout',
          start === 0
            ? 'Nothing was received'
            : `No identification message among the ${String(start)} characters received`,
        );
      }
      const message = lastReadable(line());
      // A second sign-on in the line begins later than the line does; both end where the line ends.
      const baudCharacterAt = received.length - message.raw.length + 4;
      return { ...message, baudCharacterDamaged: wrong.includes(baudCharacterAt) };
    },
    get raw() {
      return received.view();
    },
    get sawEcho() {
      return sawEcho;
    },
    get skipped() {
      return start;
    },
    get parityErrors() {
      return wrong.length;
    },
  };
}

/** `/…!` with or without its line end: what only a reading device sends. */
function isRequest(line: Uint8Array): boolean {
  let end = line.length;
  while (end > 0 && (line[end - 1] === LF || line[end - 1] === CR)) end--;
  return line[0] === SLASH && line[end - 1] === BANG;
}

/**
 * A second sign-on in the same line starts over: the last `/` from which the line reads as a message counts. When none
 * does, the error is that of the whole line.
 */
function lastReadable(line: Uint8Array): IdentificationMessage {
  for (let start = line.lastIndexOf(SLASH); start > 0; start = line.lastIndexOf(SLASH, start - 1)) {
    const message = tryParse(line.subarray(start));
    if (message) return message;
  }
  return parseIdentification(line);
}

function tryParse(bytes: Uint8Array): IdentificationMessage | undefined {
  try {
    return parseIdentification(bytes);
  } catch {
    // Not a message from this '/' on; the caller tries the one before and reports the whole line's error in the end.
    return undefined;
  }
}
