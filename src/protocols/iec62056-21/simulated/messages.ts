/**
 * The meter's side of IEC 62056-21 messages, written apart from the codec the reader uses, so that one checks the other.
 * Texts hold one character per byte.
 */
export const STX = '\x02';
export const ETX = '\x03';
export const SOH = '\x01';
export const ACK = '\x06';
export const NAK = '\x15';
/** `SOH B0 ETX BCC`: ends the session. */
export const BREAK = `${SOH}B0${ETX}q`;

export type BlockCheck = 'xor' | 'sum7' | 'none';

function codesOf(text: string): readonly number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}

/** Over all characters after the first SOH or STX up to and with ETX; Energomera sums where the standard has XOR. */
export function blockCheckOf(checked: string, kind: 'xor' | 'sum7'): string {
  const codes = codesOf(checked);
  const value = kind === 'xor' ? codes.reduce((a, b) => a ^ b, 0) : codes.reduce((a, b) => a + b, 0);
  return String.fromCharCode(value & 0x7f);
}

/** Data message from everything between STX and ETX. */
export function dataMessage(content: string, kind: BlockCheck): string {
  if (kind === 'none') return content;
  return STX + content + ETX + blockCheckOf(content + ETX, kind);
}

export type SentParity = 'even' | 'odd' | 'none';

function evenParityBit(code: number): number {
  let ones = 0;
  for (let bit = 0; bit < 7; bit++) ones += (code >> bit) & 1;
  return ones % 2 === 0 ? 0 : 0x80;
}

/** Characters as they go over an eight-bit line, parity in bit 7. */
export function charactersOf(text: string, parity: SentParity): Uint8Array {
  return Uint8Array.from(text, (character) => {
    const code = character.charCodeAt(0) & 0x7f;
    if (parity === 'none') return code;
    return code | (parity === 'even' ? evenParityBit(code) : evenParityBit(code) ^ 0x80);
  });
}

/** The seven-bit character, or undefined where its parity is not even. */
export function evenCharacter(received: number): string | undefined {
  const code = received & 0x7f;
  return (received & 0x80) === evenParityBit(code) ? String.fromCharCode(code) : undefined;
}

/** The address a sign-on request asks for ('' for any meter), or undefined where it is no sign-on request. */
export function requestedAddress(message: string): string | undefined {
  return /^\/\?([0-9A-Za-z ]{0,32})!\r\n$/.exec(message)?.[1];
}

/** Leading zeros do not count; a number of nothing but zeros stays one zero. */
export function sameAddress(one: string, other: string): boolean {
  const bare = (address: string) => address.replace(/^0+(?=.)/, '');
  return bare(one) === bare(other);
}

export interface Acknowledge {
  readonly protocol: string;
  readonly baudCharacter: string;
  readonly option: string;
}

/** Acknowledge/option select message `ACK V Z Y CR LF`. */
export function acknowledgeOf(message: string): Acknowledge | undefined {
  if (message.length !== 6 || !message.startsWith(ACK) || !message.endsWith('\r\n')) return undefined;
  return { protocol: message.charAt(1), baudCharacter: message.charAt(2), option: message.charAt(3) };
}

const modeBRates = { A: 600, B: 1200, C: 2400, D: 4800, E: 9600, F: 19200 } as const;
const modeCRates = {
  '0': 300,
  '1': 600,
  '2': 1200,
  '3': 2400,
  '4': 4800,
  '5': 9600,
  '6': 19200,
  '7': 38400,
  '8': 57600,
  '9': 115200,
} as const;

/** Rate of the data message by the baud rate identification character, `firstRate` where it announces none. */
export function announcedRate(character: string, firstRate: number): number {
  const rates: Readonly<Record<string, number>> = { ...modeBRates, ...modeCRates };
  return rates[character] ?? firstRate;
}

/** Mode C for a digit, B for a letter the standard gives a rate, A for all else. */
export function announcedMode(character: string): 'A' | 'B' | 'C' {
  return character in modeCRates ? 'C' : character in modeBRates ? 'B' : 'A';
}
