import type { Clock } from '../common/clock.ts';
import type { PortSettings } from '../line/port.ts';
import type { Device } from './device.ts';
import type { Faults } from './faults.ts';
import type { Channel } from './wire.ts';
import { channel } from './wire.ts';

/** What is on the wire of a simulated port: one device, a bus of meters. It answers on the channel to the host. */
export type FarEnd = (toHost: Channel, clock: Clock, faults: Faults) => FarSide;

export interface FarSide {
  /** The host puts characters on the wire. */
  send(bytes: Uint8Array, settings: PortSettings): void;
  /** What the host is sending breaks off in the middle of the bit. */
  cut(): void;
  /** The host's port was opened or set anew; undefined: closed. */
  hostListens(settings: PortSettings | undefined): void;
}

/** A wire with one device at its end. */
export function deviceAt(deviceWith: (faults: Faults) => Device): FarEnd {
  return (toHost, clock, faults) => {
    const toDevice = channel(clock, {
      latencyMs: 0,
      onReceived: (characters) => characters.forEach(({ byte, end }) => listener.received(byte, end)),
    });
    const host = toDevice.sender();
    const own = toHost.sender();
    const listener = deviceWith(faults)({
      clock,
      send: (characters, settings, at) => own.send(characters, settings, at),
      listen: (settings) => toDevice.listen(settings),
    });
    let listens = false;
    return {
      send: (bytes, settings) => void host.send(bytes, settings),
      cut: () => host.cut(),
      hostListens(settings) {
        if (listens !== (settings !== undefined)) listener.hostListens?.((listens = !listens));
      },
    };
  };
}
