import { fromLatin1 } from '../../common/bytes.ts';
import { iecError } from './errors.ts';

/** `<address>[@<default_baudrate>][%<switches>]` taken apart (SmartCOM manual, 3.8, DEV_ADD). */
export interface IecAddress {
  /** What goes between `/?` and `!`; empty: every meter on the line answers. */
  readonly address: string;
  /** Rate of the first request, where the text names one. */
  readonly baudRate?: number;
  /** Switch `R`: the initial rate is not changed. */
  readonly keepInitialRate: boolean;
}

const MAX_ADDRESS_LENGTH = 32;
/** The range AT^SCAMS="DIRECT_READ" allows (SmartCOM manual, 3.8). */
const MIN_BAUD_RATE = 110;
const MAX_BAUD_RATE = 230_400;

/**
 * Parses an address string. Blanks at both ends and around `@` and `%` do not count, blanks inside the address do.
 * The standard allows digits, letters and blanks; real meters also want `#` and others (vzlogger#233), so any printable
 * character but `/`, `?` and `!` is taken. Throws 65538 and says where and why.
 */
export function parseIecAddress(text: string): IecAddress {
  const [beforeSwitches, switches] = splitAt(text, '%');
  const [beforeRate, rate] = splitAt(beforeSwitches, '@');
  const address = parseDeviceAddress(beforeRate);
  const keepInitialRate = switches !== undefined && parseSwitches(switches, beforeSwitches.length + 1);
  if (rate === undefined) return { address, keepInitialRate };
  return { address, baudRate: parseBaudRate(rate, beforeRate.length + 1), keepInitialRate };
}

/** The text of an address, the inverse of {@link parseIecAddress}. */
export function formatIecAddress({ address, baudRate, keepInitialRate }: IecAddress): string {
  return `${address}${baudRate === undefined ? '' : `@${baudRate}`}${keepInitialRate ? '%R' : ''}`;
}

/**
 * The request message (IEC 62056-21, 6.3.1): `/?<address>!` CR LF. `customRequest` stands between `/?` and `!` in place of
 * the address, or is the whole request when it begins with `/`: `/#!`, `/4<number>` (a missing `!` and CR LF are added,
 * unless it `isAsWritten`: `/#1`).
 */
export function requestMessage(address: string, customRequest?: string, isAsWritten = false): Uint8Array {
  if (isAsWritten && customRequest?.startsWith('/')) return fromLatin1(customRequest);
  const text = customRequest === undefined || customRequest === '' ? `/?${address}!` : customRequestText(customRequest);
  // A request that goes on after its '!' (Energomera's fast read) is sent as it is written.
  return fromLatin1(text.endsWith('!') ? `${text}\r\n` : text);
}

function customRequestText(request: string): string {
  const position = [...request].findIndex((character) => character.charCodeAt(0) > 0x7f);
  if (position >= 0) throw badAddress(`The request has a character beyond ASCII at position ${String(position + 1)}`);
  if (!request.startsWith('/')) return `/?${request}!`;
  return request.includes('!') ? request : `${request}!`;
}

function splitAt(text: string, mark: string): readonly [string, string?] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function parseDeviceAddress(text: string): string {
  const leading = text.length - text.trimStart().length;
  const address = text.trim();
  for (let i = 0; i < address.length; i++) {
    const character = address.charAt(i);
    const position = String(leading + i + 1);
    if (/[/?!]/.test(character))
      throw badAddress(`'${character}' at position ${position} is not allowed in an address`);
    if (!/[\x20-\x7e]/.test(character)) {
      const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0');
      throw badAddress(`The character with code ${code} (hex) at position ${position} is not allowed in an address`);
    }
  }
  if (address.length > MAX_ADDRESS_LENGTH) {
    const position = String(leading + MAX_ADDRESS_LENGTH + 1);
    throw badAddress(
      `The address has ${String(address.length)} characters, ${String(MAX_ADDRESS_LENGTH)} are allowed; the first too many is at position ${position}`,
    );
  }
  return address;
}

function parseBaudRate(text: string, offset: number): number {
  const digits = text.trim();
  const position = `position ${String(offset + 1)}`;
  if (digits === '') throw badAddress(`The baud rate is missing after '@' at ${position}`);
  const rate = /^\d{1,6}$/.test(digits) ? Number(digits) : 0;
  if (rate < MIN_BAUD_RATE || rate > MAX_BAUD_RATE) {
    throw badAddress(
      `'${digits}' at ${position} is not a baud rate between ${String(MIN_BAUD_RATE)} and ${String(MAX_BAUD_RATE)}`,
    );
  }
  return rate;
}

/** True when `R` is among the switches; it is the only one there is. */
function parseSwitches(text: string, offset: number): boolean {
  if (text.trim() === '') throw badAddress(`The switch is missing after '%' at position ${String(offset + 1)}`);
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (character !== 'R' && character !== ' ') {
      throw badAddress(`'${character}' at position ${String(offset + i + 1)} is not a switch; the only one is R`);
    }
  }
  return true;
}

function badAddress(seen: string): Error {
  return iecError('bad address', seen);
}
