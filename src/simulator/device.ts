import type { PortSettings } from '../line/port.ts';
import type { Clock } from '../common/clock.ts';

/** Something at the far end of a wire: a meter, and whatever else may come. */
export type Device = (wire: DeviceWire) => DeviceListener;

/** The device's end of the wire. */
export interface DeviceWire {
  readonly clock: Clock;
  /**
   * Sends characters as they are, parity bit included where it is made in software, beginning at `at` (monotonic
   * milliseconds) or when earlier ones have left. Returns the end of the last stop bit.
   */
  send(characters: Uint8Array, settings: PortSettings, at: number): number;
  /** Sets what the device's own receiver listens with. */
  listen(settings: PortSettings): void;
}

export interface DeviceListener {
  /** A character as its receiver made it out of the line; `end` is the end of its stop bit. */
  received(character: number, end: number): void;
  /** The host's port was opened or closed: for devices that speak unasked and would otherwise talk to nobody. */
  hostListens?(listens: boolean): void;
}

/** Ten bits without parity of the chip: what 8N1 is, and 7E1 with parity in bit 7. */
export function eightBits(baudRate: number): PortSettings {
  return { baudRate, dataBits: 8, stopBits: 1, parity: 'none' };
}
