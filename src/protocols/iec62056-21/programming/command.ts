import { concatBytes, fromLatin1 } from '../../../common/bytes.ts';
import { MeterError } from '../../../common/meter-error.ts';
import type { Hidden } from '../../../line/line.ts';
import { blockCheckCharacter, sevenBitSum } from '../block-check.ts';
import { isPrintable } from '../characters.ts';
import { ETX, SOH, STX } from '../control.ts';

/** How this meter's check character is made: XOR by the standard, a seven-bit sum at Energomera. */
export type Check = 'xor' | 'sum7';

/** Commands of programming mode that change nothing (IEC 62056-21, 6.4.1; 5 and 6 are VDEW's). */
export type ReadCommand = 'R1' | 'R2' | 'R3' | 'R4' | 'R5' | 'R6';
export type PasswordCommand = 'P1' | 'P2';

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
export function commandMessage(name: ReadCommand | PasswordCommand, dataSet: string, check: Check): Uint8Array {
  const text = fromLatin1(dataSet);
  if (text.length > MOST_CHARACTERS || !text.every(isPrintable) || dataSet.includes('!')) {
    throw new MeterError(1, `A command to a meter cannot carry “${dataSet.slice(0, 40)}”.`, {
      hint: 'Registers are written as the meter names them, with commas between: 1.8.0, 2.8.0.',
    });
  }
  const checked = concatBytes(fromLatin1(name), Uint8Array.of(STX), text, Uint8Array.of(ETX));
  return concatBytes(Uint8Array.of(SOH), checked, Uint8Array.of(checkCharacter(checked, check)));
}

/** The register's value is asked for; the bracket may hold a range or a count. */
export function readCommand(name: ReadCommand, address: string, check: Check, inBrackets = ''): Command {
  return { bytes: commandMessage(name, `${address}(${inBrackets})`, check), hidden: [], address };
}

/**
 * `SOH P1 STX (password) ETX BCC`: the check character would betray one character of what is hidden. Throws code 1, without
 * a word of it, where the password holds what no command can carry.
 */
export function passwordCommand(name: PasswordCommand, secret: string, check: Check): Command {
  if (secret.length > MOST_PASSWORD || !fromLatin1(secret).every(isPrintable) || /[!()]/.test(secret)) {
    throw new MeterError(1, 'The password that is kept for this meter cannot be sent to it.', {
      hint: `Settings, Passwords and keys: up to ${MOST_PASSWORD} letters without accents, digits and signs can be sent, but no exclamation mark and no round brackets.`,
    });
  }
  const bytes = commandMessage(name, `(${secret})`, check);
  const start = 5;
  const end = start + secret.length;
  return {
    bytes,
    hidden: [
      [start, end],
      [bytes.length - 1, bytes.length],
    ],
  };
}
