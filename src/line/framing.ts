import type { CharacterFormat, PortSettings } from './port.ts';

/**
 * Character framings a meter may use.
 * '7E1' is done in software over an 8N1 port: the same ten bits on the wire, works on every chip, no parity error tears
 * the stream, and parity marks are kept per byte. '7E1 hardware' leaves it to the chip.
 */
export type Framing = '7E1' | '7E1 hardware' | '7O1' | '7N1' | '8N1' | '8E1' | '8O1' | '8N2';

export function portSettings(framing: Framing, baudRate: number): PortSettings {
  switch (framing) {
    case '7E1 hardware':
      return { baudRate, dataBits: 7, stopBits: 1, parity: 'even' };
    case '8E1':
      return { baudRate, dataBits: 8, stopBits: 1, parity: 'even' };
    case '8O1':
      return { baudRate, dataBits: 8, stopBits: 1, parity: 'odd' };
    case '8N2':
      return { baudRate, dataBits: 8, stopBits: 2, parity: 'none' };
    case '7N1':
      return { baudRate, dataBits: 7, stopBits: 1, parity: 'none' };
    default:
      return { baudRate, dataBits: 8, stopBits: 1, parity: 'none' };
  }
}

/** The framing that a port's settings stand for; seven bits with even parity are done in software. */
export function framingOf({ dataBits, parity, stopBits }: PortSettings): Framing {
  if (dataBits === 7) return parity === 'even' ? '7E1' : parity === 'odd' ? '7O1' : '7N1';
  if (parity === 'none') return stopBits === 2 ? '8N2' : '8N1';
  return parity === 'even' ? '8E1' : '8O1';
}

/** "8E1": how the chip is set, whatever the software makes of bit 7. */
export function formatOf({ dataBits, parity, stopBits }: PortSettings): CharacterFormat {
  return `${dataBits}${parity === 'none' ? 'N' : parity === 'even' ? 'E' : 'O'}${stopBits}`;
}

/** Start, data, parity and stop bits of one character. */
export function bitsPerCharacter({ dataBits, parity, stopBits }: PortSettings): number {
  return 1 + dataBits + (parity === 'none' ? 0 : 1) + stopBits;
}

/** Milliseconds that one character takes on the wire. */
export function characterMs(settings: PortSettings): number {
  return (bitsPerCharacter(settings) * 1000) / settings.baudRate;
}

/** Milliseconds that `count` characters take on the wire. */
export function wireTime(count: number, baudRate: number, framing: Framing): number {
  return count * characterMs(portSettings(framing, baudRate));
}

/** Parity carried in bit 7 by software, or undefined where the chip does it or there is none. */
export function softwareParity(framing: Framing): 'even' | 'odd' | undefined {
  return framing === '7E1' ? 'even' : framing === '7O1' ? 'odd' : undefined;
}

/** Does this seven-bit character need bit 7 set to make the number of ones even? */
export function hasOddOnes(byte: number): boolean {
  let bits = byte & 0x7f;
  bits ^= bits >> 4;
  bits ^= bits >> 2;
  bits ^= bits >> 1;
  return (bits & 1) === 1;
}

/** The eight-bit form of seven-bit characters for a software parity. */
export function withParity(bytes: Uint8Array, parity: 'even' | 'odd'): Uint8Array {
  return bytes.map((byte) => (hasOddOnes(byte) === (parity === 'even') ? byte | 0x80 : byte & 0x7f));
}
