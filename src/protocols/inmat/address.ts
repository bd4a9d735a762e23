import { inmatError } from './errors.ts';

const DEFAULT_BAUD_RATE = 9600;
const LAST_STATION = 63;
const LAST_INDEX = 0xff;
/** Data of a frame without the response code. */
const MOST_BYTES = 0xf5;
/** Characters of a whole address text. */
const MAX_LENGTH = 1000;

export interface InmatAddress {
  /** 0–63. */
  readonly station: number;
  readonly baudRate: number;
  readonly commands: readonly Command[];
}

/** INT (2 bytes), LONG (4), FLOAT (4), STRING (characters and a zero). */
export type ValueType = 'I' | 'L' | 'F' | 'S';

/** What is read: `text` as in the address, and in the result. */
export type Command = { readonly text: string } & (
  | { readonly letter: 'I' }
  | { readonly letter: 'S'; readonly type: ValueType; readonly index: number }
  | { readonly letter: 'E'; readonly type: ValueType; readonly index: number; readonly cell: Cell }
  | { readonly letter: 'B'; readonly type: ValueType; readonly index: number; readonly cell: Cell; readonly size: Cell }
  | { readonly letter: 'M'; readonly offset: number; readonly segment: number; readonly count: number }
);

export type Letter = Command['letter'];

/** Rows and columns of a matrix: IY and IX, NY and NX. */
export interface Cell {
  readonly rows: number;
  readonly columns: number;
}

const FORM = /^(\d{1,4}) *(?:@ *(\d*) *)?\|(.*)$/s;

/**
 * An address as the SmartCOM writes it (DEV_ADD, INMAT 51/66): `<station>[@<baud>]|<command>,…`, station and rate
 * decimal, parameters in hex. Throws MeterError 4194306 for a text that is empty or too long, 4194307 for a wrong station
 * or rate, 4194308 for a wrong command.
 */
export function parseInmatAddress(text: string): InmatAddress {
  const trimmed = text.trim();
  if (trimmed === '') throw inmatError(4194306, 'The address is empty.');
  if (trimmed.length > MAX_LENGTH)
    throw inmatError(4194306, `The address has ${trimmed.length} characters; ${MAX_LENGTH} are the most.`);
  const [, stationText, rateText, list = ''] = FORM.exec(trimmed) ?? wrong(text, 'it is not <station>|<command>,…');
  const station = Number(stationText);
  if (station > LAST_STATION) wrong(text, `station addresses are 0 to ${LAST_STATION}`);
  if (rateText !== undefined && !/^[1-9]\d{2,5}$/.test(rateText)) wrong(text, `“${rateText}” is no rate`);
  const baudRate = rateText === undefined ? DEFAULT_BAUD_RATE : Number(rateText);
  return { station, baudRate, commands: list.split(',').map(commandOf) };
}

function wrong(text: string, reason: string): never {
  throw inmatError(4194307, `“${text.slice(0, 80)}” is not an INMAT address: ${reason}.`);
}

/** One command of an address or a result. Throws MeterError 4194308. */
export function commandOf(written: string): Command {
  const text = written.trim().toUpperCase();
  const refuse = (reason: string): never => {
    throw inmatError(4194308, `“${written.trim().slice(0, 80)}” is no INMAT command: ${reason}.`);
  };
  const [letter = '', ...parameters] = text.split(':').map((part) => part.trim());
  const number = (at: number, most = 0xffff): number => {
    const digits = parameters[at] ?? '';
    if (!/^[0-9A-F]{1,4}$/.test(digits)) return refuse(`“${digits}” is not one to four hexadecimal digits`);
    const value = Number.parseInt(digits, 16);
    return value > most ? refuse(`${digits} is more than ${most.toString(16).toUpperCase()}`) : value;
  };
  const counted = (count: number) => {
    if (parameters.length !== count) refuse(`${letter} has ${count} parameters, not ${parameters.length}`);
  };
  const typed = () => {
    const type = parameters[0] ?? '';
    return isType(type) ? type : refuse(`types are I, L, F and S, not “${type}”`);
  };
  const joined = [letter, ...parameters].join(':');
  switch (letter) {
    case 'I':
      counted(0);
      return { text: joined, letter };
    case 'S':
      counted(2);
      return { text: joined, letter, type: typed(), index: number(1, LAST_INDEX) };
    case 'E': {
      counted(4);
      const cell = { rows: number(2), columns: number(3) };
      return { text: joined, letter, type: typed(), index: number(1, LAST_INDEX), cell };
    }
    case 'B': {
      counted(6);
      const cell = { rows: number(2), columns: number(3) };
      const size = { rows: number(4), columns: number(5) };
      return { text: joined, letter, type: typed(), index: number(1, LAST_INDEX), cell, size };
    }
    case 'M':
      counted(3);
      return { text: joined, letter, offset: number(0), segment: number(1), count: number(2, MOST_BYTES) };
    default:
      return refuse('commands are I, S, E, B and M');
  }
}

const isType = (text: string): text is ValueType => ['I', 'L', 'F', 'S'].includes(text);

/** The one form of an address; digits of parameters stay as they were written, since results repeat them. */
export function formatInmatAddress({ station, baudRate, commands }: InmatAddress): string {
  return `${station}@${baudRate}|${commands.map(({ text }) => text).join(',')}`;
}

/** Bytes of one value; undefined for a string. */
export const bytesOfType = (type: ValueType): number | undefined => ({ I: 2, L: 4, F: 4, S: undefined })[type];

/** Bytes that the result of a command has; undefined where that is not known before. */
export function bytesOfCommand(command: Command): number | undefined {
  switch (command.letter) {
    case 'I':
      return undefined;
    case 'M':
      return command.count;
    case 'B': {
      const one = bytesOfType(command.type);
      return one === undefined ? undefined : one * command.size.rows * command.size.columns;
    }
    default:
      return bytesOfType(command.type);
  }
}
