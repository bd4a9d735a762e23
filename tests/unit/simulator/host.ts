import { portSettings } from '../../../src/line/framing.ts';
import type { Port, PortEvent } from '../../../src/line/port.ts';
import type { FarEnd } from '../../../src/simulator/far-end.ts';
import type { Fault, Faults } from '../../../src/simulator/faults.ts';
import type { PortTraits } from '../../../src/simulator/simulated-driver.ts';
import { simulatedPort } from '../../../src/simulator/simulated-port.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';
import type { VirtualClock } from '../../../src/simulator/virtual-clock.ts';
// Loaded when a port is first opened, which takes real time: virtual time would run ahead of it.
import '../../../src/simulator/simulated-driver.ts';
import type { Clock } from '../../../src/common/clock.ts';

/** A reader by hand: raw characters out and in, with the time of each chunk. */
export interface Host {
  readonly clock: VirtualClock;
  readonly port: Port;
  readonly faults: Set<Fault>;
  readonly events: PortEvent[];
  readonly chunks: { readonly at: number; readonly bytes: Uint8Array }[];
  open(baudRate?: number): Promise<void>;
  reopen(baudRate: number): Promise<void>;
  /** Sends with even parity and waits the wire time. */
  send(text: string): Promise<void>;
  wait(ms: number): Promise<void>;
  /** Everything received since the last call, parity removed. */
  take(): string;
  raw(): number[];
}

export function withEvenParity(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => {
    const code = character.charCodeAt(0);
    const ones = code.toString(2).replaceAll('0', '').length;
    return ones % 2 === 0 ? code : code | 0x80;
  });
}

/** A port with this at its far end. */
export function portTo(farEnd: FarEnd, clock: Clock, faults: Faults, port: PortTraits = {}): Port {
  return simulatedPort({ id: 'test', name: 'Test', port, farEnd: () => Promise.resolve(farEnd) }, clock, faults);
}

export function hostOf(makePort: (clock: VirtualClock, faults: Faults) => Port): Host {
  // Nothing here is loaded later: who stands still is stuck.
  const clock = virtualClock(undefined, 0);
  const faults = new Set<Fault>();
  const port = makePort(clock, () => faults);
  const events: PortEvent[] = [];
  const chunks: Host['chunks'] = [];
  let pending: number[] = [];
  let rate = 300;
  port.listen((event) => {
    events.push(event);
    if (event.kind !== 'data') return;
    chunks.push({ at: clock.monotonic(), bytes: event.bytes });
    pending.push(...event.bytes);
  });
  const raw = () => {
    const bytes = pending;
    pending = [];
    return bytes;
  };
  return {
    clock,
    port,
    faults,
    events,
    chunks,
    open: (baudRate = 300) => {
      rate = baudRate;
      return clock.run(port.open(portSettings('8N1', baudRate)));
    },
    reopen: (baudRate) => {
      rate = baudRate;
      return clock.run(port.reconfigure(portSettings('8N1', baudRate)));
    },
    async send(text) {
      await clock.run(port.write(withEvenParity(text)));
      await clock.run(clock.sleep((text.length * 10_000) / rate));
    },
    wait: (ms) => clock.run(clock.sleep(ms)),
    take: () => String.fromCharCode(...raw().map((byte) => byte & 0x7f)),
    raw,
  };
}
