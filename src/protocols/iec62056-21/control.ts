import { fromLatin1 } from '../../common/bytes.ts';

/** Control characters of the protocol (ISO 646). */
export const SOH = 0x01;
export const STX = 0x02;
export const ETX = 0x03;
export const EOT = 0x04;
export const ACK = 0x06;
export const LF = 0x0a;
export const CR = 0x0d;
export const NAK = 0x15;

/** Asks the meter to repeat its last message. */
export const nakMessage: Uint8Array = Uint8Array.of(NAK);

/** Asks for the next of several blocks (IEC 62056-21, 6.4.3.4). */
export const acknowledgeByte: Uint8Array = Uint8Array.of(ACK);

/** Sign-off: SOH B 0 ETX BCC (IEC 62056-21, 6.5). */
export const breakMessage: Uint8Array = Uint8Array.of(SOH, 0x42, 0x30, ETX, 0x71);

/**
 * The acknowledgement/option select message ACK V Z Y CR LF (6.3.3). `baudCharacter` Z; `option` Y: 0 readout,
 * 1 programming, 2 binary, 6–9 manufacturer; `control` V: 0 normal, 1 secondary, 2 HDLC. Mode E needs `2 Z 2` exactly.
 */
export function acknowledgeMessage(baudCharacter: string, option = '0', control = '0'): Uint8Array {
  return fromLatin1(`\x06${control}${baudCharacter}${option}\r\n`);
}
