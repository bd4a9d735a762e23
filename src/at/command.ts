import type { Protocol } from '../protocols/protocol.ts';
import type { AtValue } from './command-line.ts';
import type { AtAsking, AtHost } from './host.ts';

/** The shape of the command table: interpreter, completion, help page and confirmations are all drawn from it. */
export interface AtCommand {
  /** As typed after AT, in upper case: "E", "+GMI", "^SCAMS". A numbered command's name is followed by its number. */
  readonly name: string;
  /** Other spellings that mean the same and are answered as `name`. */
  readonly aliases?: readonly string[];
  /** AT^SCPORT2: the numbers that may follow the name. */
  readonly numbers?: { readonly min: number; readonly max: number };
  /** What it is about, one sentence. */
  readonly help: string;
  /** ATE0, AT+GMI */
  readonly execute?: AtAction;
  /** AT^SCAMS? */
  readonly read?: AtAction;
  /** AT^SCAMS=<values>, where the first value is no subcommand. */
  readonly set?: AtAction;
  /** AT^SCAMS="ENABLE",… */
  readonly subcommands?: readonly AtSubcommand[];
  /** What AT^SCAMS=? answers, line by line, without the name; made of the subcommands where there are any. */
  readonly test?: readonly string[];
}

export interface AtAction {
  readonly help: string;
  readonly parameters?: readonly AtParameter[];
  readonly examples?: readonly string[];
  /** What it does to this device, apart from telling something; see {@link effectOf}. */
  readonly effect?: Exclude<AtEffect, 'tells'>;
  /** Without a value it only tells the setting. */
  readonly tellsWithoutValue?: true;
  run(context: AtContext, values: readonly AtValue[]): Promise<void>;
}

/** Reading a meter, and what only concerns the conversation, changes nothing. */
export type AtEffect = 'tells' | 'changes' | 'deletes';

/** What a command does with these values: who may give it, and whether somebody is asked before. */
export function effectOf({ effect, tellsWithoutValue }: AtAction, values: readonly AtValue[]): AtEffect {
  return effect === undefined || (tellsWithoutValue && values.length === 0) ? 'tells' : effect;
}

export interface AtSubcommand extends AtAction {
  /** In upper case. */
  readonly name: string;
  /** Its line of the =? answer, after the command's name: `"RETRY",0-9`. */
  readonly test: string;
}

export interface AtParameter {
  readonly name: string;
  readonly help: string | ((device: AtDevice) => string);
  readonly optional?: true;
  /** What can be offered while typing, as it is to be typed; or what there is of something on this device. */
  readonly values?: readonly string[] | ((device: AtDevice) => readonly string[]);
}

/** What help and completion have to know of the device they are for. */
export interface AtDevice {
  /** The protocols that are built in. */
  readonly protocols: readonly Pick<Protocol, 'name' | 'number' | 'address' | 'wire'>[];
}

export interface AtContext extends AtAsking {
  readonly host: AtHost;
  readonly session: AtSession;
  /** Number behind the name of a numbered command, otherwise 0. */
  readonly number: number;
  /** Writes lines of information text. */
  reply(...lines: readonly string[]): Promise<void>;
}

/** What commands change about the conversation itself. */
export interface AtSession {
  echo: boolean;
  /** Words ("OK") or, after ATV0, digits ("0"). */
  verbose: boolean;
  /** ATQ1: no result codes. */
  quiet: boolean;
  /** AT+CMEE: 0 plain ERROR, 1 code, 2 text. */
  errorReport: number;
  /** Codes of the characters that end a line, that stand beside it in answers, and that take one back (V.250: S3, S4, S5). */
  lineEnd: number;
  lineFeed: number;
  backspace: number;
}

export function newSession(): AtSession {
  return { echo: true, verbose: true, quiet: false, errorReport: 0, lineEnd: 13, lineFeed: 10, backspace: 8 };
}
