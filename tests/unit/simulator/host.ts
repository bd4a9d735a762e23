import { portSettings } from '../../../src/line/framing.ts';
import type { Port, PortEvent } from '../../../src/line/port.ts';
import type { MeterEntry } from '../../../src/simulator/index.ts';
import type { Fault } from '../../../src/simulator/index.ts';
import { meters } from '../../../src/simulator/index.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';
import type { VirtualClock } from '../../../src/simulator/virtual-clock.ts';

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

export function entryOf(id: string): MeterEntry {
  const entry = meters.find((candidate) => candidate.id === id);
  if (!entry) throw new Error(`No simulated meter ${id}`);
  return entry;
}

export function hostOf(makePort: (clock: VirtualClock, faults: () => ReadonlySet<Fault>) => Port): Host {
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

export function hostOfMeter(id: string): Host {
  return hostOf((clock, faults) => entryOf(id).create(clock, faults));
}

/** Splits a data message; `sum` and `xor` are computed here, apart from the simulator and the codec. */
export function checked(message: string): { content: string; bcc: number; xor: number; sum: number } {
  const start = message.indexOf('\x02');
  const end = message.indexOf('\x03');
  const codes = Array.from(message.slice(start + 1, end + 1), (character) => character.charCodeAt(0));
  return {
    content: message.slice(start + 1, end),
    bcc: message.charCodeAt(end + 1),
    xor: codes.reduce((a, b) => a ^ b, 0),
    sum: codes.reduce((a, b) => (a + b) & 0x7f, 0),
  };
}
