import { concatBytes, fromLatin1 } from '../../../common/bytes.ts';
import { MeterError } from '../../../common/meter-error.ts';
import type { Hidden } from '../../../line/line.ts';
import { blockCheckCharacter, sevenBitSum } from '../block-check.ts';
import { isPrintable } from '../characters.ts';
import { EOT, ETX, SOH, STX } from '../control.ts';

/** How this meter's check character is made: XOR by the standard, a seven-bit sum at Energomera. */
export type Check = 'xor' | 'sum7';

/** Commands of programming mode that change nothing (IEC 62056-21, 6.4.1; 5 and 6 are VDEW's). */
export type ReadCommand = 'R1' | 'R2' | 'R3' | 'R4' | 'R5' | 'R6';
export type PasswordCommand = 'P1' | 'P2';
/** 1 and 2 write one message, 3 and 4 partial blocks; 5 and 6 are VDEW's for the same. E2 has the meter do something. */
export type WriteCommand = 'W1' | 'W2' | 'W3' | 'W4' | 'W5' | 'W6' | 'E2';

export interface Command {
  readonly bytes: Uint8Array;
  /** What of it nobody is to see. */
  readonly hidden: Hidden;
  /** What is asked for, where it is asked for by name. */
  readonly address?: string;
}

/** By the standard. */
const MOST_PASSWORD = 32;
/** Address and brackets together: no command that a meter knows is longer. */
const MOST_CHARACTERS = 200;

/** Over everything behind the first SOH or STX, up to and with ETX or EOT; bit 7 does not count. */
export function checkCharacter(checked: Uint8Array, check: Check): number {
  return check === 'xor' ? blockCheckCharacter(checked) : sevenBitSum(checked);
}

/** `SOH R5 STX 0.9.1() ETX BCC`. Throws code 1 where the data set holds what no command can carry. */
export function commandMessage(
  name: ReadCommand | PasswordCommand | WriteCommand,
  dataSet: string,
  check: Check,
  end = ETX,
): Uint8Array {
  testDataSet(dataSet, MOST_CHARACTERS);
  const checked = concatBytes(fromLatin1(name), Uint8Array.of(STX), fromLatin1(dataSet), Uint8Array.of(end));
  return concatBytes(Uint8Array.of(SOH), checked, Uint8Array.of(checkCharacter(checked, check)));
}

function testDataSet(dataSet: string, most: number): void {
  if (dataSet.length <= most && fromLatin1(dataSet).every(isPrintable) && !dataSet.includes('!')) return;
  throw new MeterError(1, `A command to a meter cannot carry “${dataSet.slice(0, 40)}”.`, {
    hint: 'Registers are written as the meter names them, with commas between: 1.8.0, 2.8.0.',
  });
}

/** The register's value is asked for; the bracket may hold a range or a count. */
export function readCommand(name: ReadCommand, address: string, check: Check, inBrackets = ''): Command {
  return { bytes: commandMessage(name, `${address}(${inBrackets})`, check), hidden: [], address };
}

/** `SOH B0 ETX BCC`: ends the session. */
export function breakCommand(check: Check): Uint8Array {
  const checked = concatBytes(fromLatin1('B0'), Uint8Array.of(ETX));
  return concatBytes(Uint8Array.of(SOH), checked, Uint8Array.of(checkCharacter(checked, check)));
}

/** Text of a partial block: every meter takes so much at a time. */
const BLOCK = 96;
const MOST_IN_BLOCKS = 2000;

/**
 * `SOH W1 STX 0.9.1(101415) ETX BCC`, or with VDEW's password `0.9.1(0101415)(00000000)`. Longer data goes in partial
 * blocks where the command has them, each with its head, all but the last ended by EOT. Throws code 1 for what no command
 * can carry, without a word of the password.
 */
export function writeCommands(
  name: WriteCommand,
  { dataSet, password }: { readonly dataSet: string; readonly password?: string },
  check: Check,
): readonly Command[] {
  const isInBlocks = ['W3', 'W4', 'W6'].includes(name);
  // Before the password is in it: what cannot be carried is quoted.
  testDataSet(dataSet, isInBlocks ? MOST_IN_BLOCKS : MOST_CHARACTERS - MOST_PASSWORD - 2);
  if (password !== undefined) testPassword(password);
  const text = dataSet + (password === undefined ? '' : `(${password})`);
  const secretFrom = password === undefined ? Infinity : dataSet.length + 1;
  const size = isInBlocks ? BLOCK : Math.max(1, text.length);
  const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [''];
  return pieces.map((piece, i) => {
    const isLast = i === pieces.length - 1;
    const bytes = commandMessage(name, piece, check, isLast ? ETX : EOT);
    const from = Math.max(0, secretFrom - i * size);
    const to = isLast ? piece.length - 1 : piece.length;
    const secret: Hidden = [
      [HEAD + from, HEAD + to],
      [bytes.length - 1, bytes.length],
    ];
    return { bytes, hidden: from < to ? secret : [] };
  });
}

/** SOH, the name and STX. */
const HEAD = 4;

function testPassword(secret: string): void {
  if (secret.length <= MOST_PASSWORD && fromLatin1(secret).every(isPrintable) && !/[!()]/.test(secret)) return;
  throw new MeterError(1, 'The password that is kept for this meter cannot be sent to it.', {
    hint: `Settings, Passwords and keys: up to ${MOST_PASSWORD} letters without accents, digits and signs can be sent, but no exclamation mark and no round brackets.`,
  });
}

/**
 * `SOH P1 STX (password) ETX BCC`: the check character would betray one character of what is hidden. Throws code 1, without
 * a word of it, where the password holds what no command can carry.
 */
export function passwordCommand(name: PasswordCommand, secret: string, check: Check): Command {
  testPassword(secret);
  const bytes = commandMessage(name, `(${secret})`, check);
  const start = HEAD + 1;
  const end = start + secret.length;
  return {
    bytes,
    hidden: [
      [start, end],
      [bytes.length - 1, bytes.length],
    ],
  };
}
