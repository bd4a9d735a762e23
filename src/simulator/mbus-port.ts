import type { Port, PortEvent, PortSettings } from '../line/port.ts';
import type { Clock } from '../common/clock.ts';
import type { Device } from './device.ts';
import { mbusBus } from './mbus-bus.ts';
import type { MbusMeterSpec } from './mbus-slave.ts';
import { randomSource } from './random.ts';
import type { SimulatedPortOptions } from './simulated-port.ts';
import { simulatedPort } from './simulated-port.ts';
import type { ReceivedCharacter } from './uart.ts';
import { channel } from './wire.ts';

const defaults = { latencyMs: 4, noise: 0.002, seed: 1 } as const;
/** As in the simulated port: the fault 'port-lost' strikes in the middle of the data. */
const CHARACTERS_BEFORE_LOSS = 48;

/** Opening, closing and the echo are those of a simulated port with nothing at its far end; the bus is beside it. */
const nothing: Device = () => ({ received: () => undefined });

/** A port with a level converter and a whole bus of meters behind it. */
export function mbusPort(specs: readonly MbusMeterSpec[], clock: Clock, options: SimulatedPortOptions): Port {
  const { faults, latencyMs, noise, seed } = { ...defaults, ...options };
  const random = randomSource(seed);
  const port = simulatedPort(nothing, clock, options);
  const toHost = channel(clock, { latencyMs, onReceived: hand });
  const bus = mbusBus(specs, toHost, clock, faults);
  let listener: (event: PortEvent) => void = () => undefined;
  let settings: PortSettings | undefined;
  let received = 0;

  function hand(characters: readonly ReceivedCharacter[]): void {
    let bytes: number[] = [];
    const flush = () => {
      if (bytes.length > 0) listener({ kind: 'data', bytes: Uint8Array.from(bytes) });
      bytes = [];
    };
    for (const { byte, parityOk, stopOk } of characters) {
      if (!settings) return;
      if (parityOk && stopOk) {
        bytes.push(disturbed(byte));
      } else {
        flush();
        listener({ kind: 'line-error', error: parityOk ? 'framing' : 'parity' });
      }
      received++;
      if (faults().has('port-lost') && received > CHARACTERS_BEFORE_LOSS) {
        flush();
        lose();
      }
    }
    flush();
  }

  function disturbed(byte: number): number {
    return faults().has('noise') && random() < noise ? byte ^ (1 << Math.floor(random() * 8)) : byte;
  }

  function lose(): void {
    hearWith(undefined);
    void port.close();
    listener({ kind: 'lost', reason: 'The device has been lost.' });
  }

  function hearWith(next: PortSettings | undefined): void {
    settings = next;
    toHost.listen(next);
    if (next) bus.setParity(next.parity);
  }

  return {
    ...port,
    async open(wanted) {
      await port.open(wanted);
      received = 0;
      hearWith(wanted);
    },
    async reconfigure(wanted) {
      hearWith(undefined);
      await port.reconfigure(wanted);
      hearWith(wanted);
    },
    async close() {
      hearWith(undefined);
      await port.close();
    },
    async write(bytes) {
      await port.write(bytes);
      if (settings) bus.send(bytes, settings);
    },
    listen(next) {
      listener = next;
      port.listen(next);
    },
  };
}
