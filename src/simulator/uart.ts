import { bitsPerCharacter, characterMs } from '../line/framing.ts';
import type { PortSettings } from '../line/port.ts';

/**
 * The line as a level over time, and a receiver that samples it in the middle of its own bits, as the chips do.
 * A receiver at another rate therefore gets what a real one gets: wrong characters, fewer when it is slower and more
 * when it is faster than the sender. Times are monotonic milliseconds. Everything here is pure.
 */

/** Characters sent without a pause. */
export interface Transmission {
  readonly start: number;
  /** When the line is idle again; earlier than the last stop bit where the sender was cut off. */
  readonly end: number;
  readonly bitMs: number;
  readonly bitsPerFrame: number;
  /** Start bit, data bits, parity bit and stop bits of each character, the first to be sent in bit 0. */
  readonly frames: readonly number[];
}

export interface ReceivedCharacter {
  readonly byte: number;
  /** True where no parity is checked. */
  readonly parityOk: boolean;
  /** False: the stop bit was low (framing error). */
  readonly stopOk: boolean;
  /** End of the last stop bit. */
  readonly end: number;
  /** From when on the receiver looks for the next start bit: the middle of its stop bit. */
  readonly ready: number;
}

function parityBit(data: number, parity: PortSettings['parity']): number {
  let ones = parity === 'odd' ? 1 : 0;
  for (let rest = data; rest !== 0; rest >>= 1) ones ^= rest & 1;
  return ones;
}

function frameOf(byte: number, settings: PortSettings): number {
  const data = byte & ((1 << settings.dataBits) - 1);
  const hasParity = settings.parity === 'none' ? 0 : 1;
  const parity = hasParity && parityBit(data, settings.parity);
  const stop = (1 << settings.stopBits) - 1;
  return (data | (parity << settings.dataBits) | (stop << (settings.dataBits + hasParity))) << 1;
}

export function transmission(bytes: Uint8Array, settings: PortSettings, start: number): Transmission {
  return {
    start,
    end: start + bytes.length * characterMs(settings),
    bitMs: 1000 / settings.baudRate,
    bitsPerFrame: bitsPerCharacter(settings),
    frames: Array.from(bytes, (byte) => frameOf(byte, settings)),
  };
}

/** The end of the character that is on the line at `time`; `time` itself where none is. */
export function endOfCharacterAt({ start, end, bitMs, bitsPerFrame: bits }: Transmission, time: number): number {
  if (time <= start || time >= end) return time;
  const frameMs = bitMs * bits;
  return Math.min(end, start + Math.ceil((time - start) / frameMs - NEARLY) * frameMs);
}

/** Fraction of a bit within which two times count as one. */
const NEARLY = 1e-6;

function bitOf(sent: Transmission, index: number): number {
  const frame = sent.frames[Math.floor(index / sent.bitsPerFrame)] ?? ~0;
  return (frame >> (index % sent.bitsPerFrame)) & 1;
}

/** Low while any sender is low: two lights on one eye add up. */
function levelAt(line: readonly Transmission[], time: number): number {
  for (const sent of line) {
    if (time < sent.start || time >= sent.end) continue;
    if (bitOf(sent, Math.floor((time - sent.start) / sent.bitMs)) === 0) return 0;
  }
  return 1;
}

/** The first falling edge of one sender at or after `from` that is one of the whole line too. */
function fallOf(sent: Transmission, line: readonly Transmission[], from: number): number | undefined {
  let index = Math.max(0, Math.ceil((from - sent.start) / sent.bitMs - NEARLY));
  for (; ; index++) {
    const time = sent.start + index * sent.bitMs;
    if (time >= sent.end - NEARLY * sent.bitMs) return undefined;
    if (bitOf(sent, index) === 1 || (index > 0 && bitOf(sent, index - 1) === 0)) continue;
    if (line.length === 1 || levelAt(line, time - NEARLY * sent.bitMs) === 1) return time;
  }
}

function firstFall(line: readonly Transmission[], from: number): number | undefined {
  let first: number | undefined;
  for (const sent of line) {
    if (first !== undefined && sent.start >= first) continue;
    const fall = fallOf(sent, line, from);
    if (fall !== undefined && (first === undefined || fall < first)) first = fall;
  }
  return first;
}

/** The first character a receiver makes of the line from `from` on. */
export function firstCharacter(
  line: readonly Transmission[],
  from: number,
  settings: PortSettings,
): ReceivedCharacter | undefined {
  const bitMs = 1000 / settings.baudRate;
  for (let edge = firstFall(line, from); edge !== undefined; edge = firstFall(line, edge + bitMs / 2)) {
    const start = edge;
    const middleOf = (bit: number) => start + (bit + 0.5) * bitMs;
    // A start bit that is gone by its middle was a glitch.
    if (levelAt(line, middleOf(0)) === 1) continue;
    let byte = 0;
    for (let bit = 0; bit < settings.dataBits; bit++) byte |= levelAt(line, middleOf(bit + 1)) << bit;
    const stopBit = bitsPerCharacter(settings) - settings.stopBits;
    const parityOk =
      settings.parity === 'none' || levelAt(line, middleOf(stopBit - 1)) === parityBit(byte, settings.parity);
    return {
      byte,
      parityOk,
      stopOk: levelAt(line, middleOf(stopBit)) === 1,
      end: start + bitsPerCharacter(settings) * bitMs,
      ready: middleOf(stopBit),
    };
  }
  return undefined;
}
