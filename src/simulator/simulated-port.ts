import { PortError } from '../line/port.ts';
import type { Port, PortCapabilities, PortEvent, PortInfo, PortSettings } from '../line/port.ts';
import type { Clock } from '../common/clock.ts';
import type { Device } from './device.ts';
import type { Faults } from './faults.ts';
import { randomSource } from './random.ts';
import { channel } from './wire.ts';
import type { ReceivedCharacter } from './uart.ts';

export interface SimulatedPortOptions {
  readonly info: PortInfo;
  readonly faults: Faults;
  /** 'reopen' unless told: as Web Serial does it. */
  readonly reconfigure?: PortCapabilities['reconfigure'];
  /** Milliseconds for opening, and for closing and opening again. Measured on Chromium: 3–20. */
  readonly openMs?: number;
  /** Milliseconds a received character waits in the adapter for more, 1–16. */
  readonly latencyMs?: number;
  /** How likely a character arrives with a wrong bit while the fault 'noise' is on. */
  readonly noise?: number;
  /** Makes the noise of one port differ from another's. */
  readonly seed?: number;
}

const defaults = { reconfigure: 'reopen', openMs: 8, latencyMs: 4, noise: 0.002, seed: 1 } as const;

/** The fault 'port-lost' strikes after so many characters since the port was opened: beyond an identification message. */
const CHARACTERS_BEFORE_LOSS = 48;

type State = 'closed' | 'opening' | 'open' | 'lost';

/** A port with a device at the far end of a wire that behaves in time as a real one does. */
export function simulatedPort(device: Device, clock: Clock, options: SimulatedPortOptions): Port {
  const { info, faults, reconfigure, openMs, latencyMs, noise, seed } = { ...defaults, ...options };
  const random = randomSource(seed);
  let state: State = 'closed';
  /** Counts openings and closings, so that an opening that was overtaken knows it. */
  let generation = 0;
  let settings: PortSettings | undefined;
  let received = 0;
  let listener: (event: PortEvent) => void = () => undefined;

  const toHost = channel(clock, { latencyMs, onReceived: hand });
  const toDevice = channel(clock, {
    latencyMs: 0,
    onReceived: (characters) => characters.forEach(({ byte, end }) => deviceListener.received(byte, end)),
  });
  const host = toDevice.sender();
  const head = toHost.sender();
  const meter = toHost.sender();
  const deviceListener = device({
    clock,
    send: (characters, deviceSettings, at) => meter.send(characters, deviceSettings, at),
    listen: (deviceSettings) => toDevice.listen(deviceSettings),
  });

  function disturbed(byte: number): number {
    if (!faults().has('noise') || random() >= noise) return byte;
    return byte ^ (1 << Math.floor(random() * (settings?.dataBits ?? 8)));
  }

  /** What the adapter makes of received characters; with parity by the chip a wrong one is removed and reported, as POSIX does. */
  function hand(characters: readonly ReceivedCharacter[]): void {
    let bytes: number[] = [];
    const flush = () => {
      if (bytes.length > 0) listener({ kind: 'data', bytes: Uint8Array.from(bytes) });
      bytes = [];
    };
    for (const { byte, parityOk } of characters) {
      if (state !== 'open') return;
      if (parityOk) {
        bytes.push(disturbed(byte));
      } else {
        flush();
        listener({ kind: 'line-error', error: 'parity' });
      }
      received++;
      if (faults().has('port-lost') && received > CHARACTERS_BEFORE_LOSS) {
        flush();
        lose();
      }
    }
    flush();
  }

  function lose(): void {
    shut('lost');
    listener({ kind: 'lost', reason: 'The device has been lost.' });
  }

  /** Nothing more leaves, nothing more comes in. */
  function shut(next: State): void {
    generation++;
    state = next;
    host.cut();
    head.cut();
    toHost.listen(undefined);
    deviceListener.hostListens?.(false);
  }

  async function openWith(wanted: PortSettings): Promise<void> {
    state = 'opening';
    const mine = ++generation;
    await clock.sleep(openMs);
    if (generation !== mine) throw new PortError('failed', 'The port was closed while it was being opened.');
    state = 'open';
    settings = wanted;
    listener({ kind: 'ready' });
    toHost.listen(wanted);
    deviceListener.hostListens?.(true);
  }

  const requireOpen = () => {
    if (state === 'lost') throw new PortError('lost', 'The device has been lost.');
    if (state !== 'open') throw new PortError('failed', 'The port is not open.');
  };

  return {
    info,
    capabilities: { reconfigure, signals: false, lineErrors: true },
    async open(wanted) {
      if (state === 'open' || state === 'opening') throw new PortError('failed', 'The port is already open.');
      if (state === 'lost' && faults().has('port-lost')) throw new PortError('lost', 'The device has been lost.');
      received = 0;
      await openWith(wanted);
    },
    async reconfigure(wanted) {
      requireOpen();
      if (reconfigure === 'reopen') {
        shut('closed');
        await openWith(wanted);
        return;
      }
      host.cut();
      head.cut();
      // What the old settings made of the line comes first.
      toHost.listen(wanted);
      settings = wanted;
      listener({ kind: 'ready' });
    },
    async close() {
      if (state === 'open' || state === 'opening') shut('closed');
    },
    async write(bytes) {
      requireOpen();
      if (!settings) return;
      host.send(bytes, settings);
      if (faults().has('echo')) head.send(bytes, settings);
    },
    listen(next) {
      listener = next;
    },
    // A simulated head draws no power from DTR and RTS.
    async setSignals() {
      requireOpen();
    },
  };
}
