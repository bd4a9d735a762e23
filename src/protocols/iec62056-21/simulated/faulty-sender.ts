import { eightBits } from '../../../simulator/device.ts';
import type { DeviceWire } from '../../../simulator/device.ts';
import type { Fault } from '../../../simulator/faults.ts';
import { charactersOf } from './messages.ts';
import type { SentParity } from './messages.ts';

export interface OutgoingMessage {
  readonly text: string;
  readonly baudRate: number;
  /** What the meter sends while no fault changes it. */
  readonly parity: SentParity;
  /** A readout, which may stop or pause in the middle; identifications do not. */
  readonly isData: boolean;
}

/** Longer than the 1500 ms the standard allows between two characters. */
const LONG_GAP = 2000;
/** What heads and meters are seen to emit when their light goes on. */
const STRAY_CHARACTERS = Uint8Array.of(0x7f, 0x7f, 0xff, 0x00);

/** Sends a message as the faults make it; returns the end of its last stop bit, monotonic milliseconds. */
export function sendWithFaults(
  wire: DeviceWire,
  faults: ReadonlySet<Fault>,
  { text, baudRate, parity, isData }: OutgoingMessage,
  at: number,
): number {
  const settings = eightBits(baudRate);
  const sentParity = faults.has('no-parity') ? 'none' : faults.has('wrong-parity') ? 'odd' : parity;
  const characters = charactersOf(text, sentParity);
  if (faults.has('garbage-before-answer')) wire.send(STRAY_CHARACTERS, settings, at);
  const half = characters.length >> 1;
  if (isData && faults.has('stops-in-mid-readout')) return wire.send(characters.subarray(0, half), settings, at);
  if (!isData || !faults.has('long-gap')) return wire.send(characters, settings, at);
  const paused = wire.send(characters.subarray(0, half), settings, at);
  return wire.send(characters.subarray(half), settings, paused + LONG_GAP);
}
