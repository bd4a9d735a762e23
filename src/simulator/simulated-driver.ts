import type { PortSettings } from '../line/port.ts';
import { PortError } from '../line/port.ts';
import type { Driver, Tell } from '../line/port-over.ts';
import type { Clock } from '../common/clock.ts';
import type { FarEnd } from './far-end.ts';
import type { Faults } from './faults.ts';
import { randomSource, seedOf } from './random.ts';
import { channel } from './wire.ts';
import type { ReceivedCharacter } from './uart.ts';

export interface PortTraits {
  /** 'reopen' unless told: as Web Serial does it. */
  readonly reconfigure?: 'reopen' | 'in-place';
  /** Rate and format that can't be changed, as behind a gateway. */
  readonly fixed?: PortSettings;
  /** Milliseconds for opening, and for closing and opening again. Measured on Chromium: 3–20. */
  readonly openMs?: number;
  /** Milliseconds a received character waits in the adapter for more, 1–16. */
  readonly latencyMs?: number;
  /** How likely a character arrives with a wrong bit while the fault 'noise' is on. */
  readonly noise?: number;
}

const defaults = { reconfigure: 'reopen', openMs: 8, latencyMs: 4, noise: 0.002 } as const;

/** The fault 'port-lost' strikes after so many characters since the port was opened: beyond an identification message. */
const CHARACTERS_BEFORE_LOSS = 48;

/** What a simulated port does; each has a noise of its own. */
export function simulatedDriver(
  farEnd: FarEnd,
  traits: PortTraits & { readonly id: string },
  clock: Clock,
  faults: Faults,
): Driver {
  const { reconfigure, openMs, latencyMs, noise } = { ...defaults, ...traits };
  const random = randomSource(seedOf(traits.id));
  let settings: PortSettings | undefined;
  let tell: Tell = () => undefined;
  let received = 0;
  let isLost = false;

  const toHost = channel(clock, { latencyMs, onReceived: hand });
  const far = farEnd(toHost, clock, faults);
  /** What the head gives back of what is sent. */
  const head = toHost.sender();

  function disturbed(byte: number): number {
    if (!faults().has('noise') || random() >= noise) return byte;
    return byte ^ (1 << Math.floor(random() * (settings?.dataBits ?? 8)));
  }

  /** What the adapter makes of received characters; where the chip checks them a wrong one is removed and reported, as POSIX does. */
  function hand(characters: readonly ReceivedCharacter[]): void {
    let bytes: number[] = [];
    const flush = () => {
      if (bytes.length > 0) tell({ kind: 'data', bytes: Uint8Array.from(bytes) });
      bytes = [];
    };
    for (const { byte, parityOk, stopOk } of characters) {
      if (!settings) return;
      if (parityOk && (stopOk || settings.parity === 'none')) {
        bytes.push(disturbed(byte));
      } else {
        flush();
        tell({ kind: 'line-error', error: parityOk ? 'framing' : 'parity' });
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
    isLost = true;
    hear(undefined);
    tell({ kind: 'lost', reason: 'The device has been lost.' });
  }

  /** Nothing that is under way gets through a change. */
  function hear(next: PortSettings | undefined): void {
    far.cut();
    head.cut();
    // In place, what the old settings made of the line comes first.
    toHost.listen(next);
    settings = next;
    if (next) tell({ kind: 'ready' });
    far.hostListens(next);
  }

  const driver: Driver = {
    async open(wanted, _signals, newTell, stop) {
      if (isLost && faults().has('port-lost')) throw new PortError('lost', 'The device has been lost.');
      isLost = false;
      await clock.sleep(openMs, stop);
      tell = newTell;
      hear(wanted);
    },
    close() {
      if (settings) hear(undefined);
      return Promise.resolve();
    },
    write(bytes) {
      if (settings) {
        far.send(bytes, settings);
        if (faults().has('echo')) head.send(bytes, settings);
      }
      return Promise.resolve();
    },
  };
  if (reconfigure === 'reopen') return driver;
  return { ...driver, change: (wanted) => Promise.resolve(hear(wanted)) };
}
