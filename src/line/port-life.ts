import type { Clock } from '../common/clock.ts';
import type { Milliseconds } from '../common/kinds.ts';
import type { Driver, Tell } from './driver.ts';
import { PortError, type ControlSignals, type PortSettings } from './port.ts';
import { withTimeout } from './timeout.ts';

/** A driver from its opening to its end, each within its time, with silence after it. */
export interface PortLife {
  readonly state: 'closed' | 'opening' | 'open' | 'closing' | 'lost';
  /** Throws a PortError where it is not open. */
  requireOpen(): { readonly driver: Driver; readonly settings: PortSettings };
  /** Of a closed port. */
  open(settings: PortSettings, signals: ControlSignals): Promise<void>;
  /** Of an open one: in place, or where the driver can't, by opening it again with these signals. */
  change(settings: PortSettings, signals: ControlSignals): Promise<void>;
  /** In every state; several callers close once. */
  close(): Promise<void>;
  /** As `Port.look`. */
  look(): Promise<void>;
  listen(listener: Tell): void;
}

/** Opening tries again where another program may be letting go just now, and Bluetooth takes its time. */
const OPEN_LIMIT_MS = 20_000;
const CLOSE_LIMIT_MS = 8000;
const LOOK_LIMIT_MS = 1000;

const REPLUG = [
  'Unplug the adapter and plug it in again.',
  'If that does not help, close this window and open it again.',
];

/** @param given the driver, or what loads it at the first opening */
export function createPortLife(given: Driver | (() => Promise<Driver>), label: string, clock: Clock): PortLife {
  let driver = typeof given === 'function' ? undefined : given;
  let state: PortLife['state'] = 'closed';
  let settings: PortSettings | undefined;
  let listener: Tell = () => undefined;
  /** One for each opening; what an older one still tells reaches nobody. */
  let opening = new AbortController();
  /** The driver's call under way, which closing has to wait for. */
  let work: Promise<void> = Promise.resolve();
  let closing: Promise<void> | undefined;
  /** Whoever could tell whether the device is there has not answered: it is not asked again. */
  let isBlind = false;

  function tellFor(mine: AbortController): Tell {
    return (event) => {
      if (event.kind !== 'notice' && (mine !== opening || mine.signal.aborted)) return;
      if (event.kind === 'lost') {
        state = 'lost';
        mine.abort();
      }
      listener(event);
    };
  }

  function requireOpen() {
    if (state === 'lost') throw lost();
    if (state !== 'open' || !driver || !settings) throw new PortError('failed', 'The port is not open.');
    return { driver, settings };
  }

  const lost = () => new PortError('lost', `${label} is gone.`, ['Is the cable still plugged in?']);

  const overtaken = () =>
    state === 'lost' ? lost() : new PortError('failed', 'The port was closed while it was being opened.');

  /** Whatever time a network takes for it is not the driver's. */
  async function load(stop: AbortSignal): Promise<Driver> {
    const loading = typeof given === 'function' ? given() : Promise.resolve(given);
    const stopped = new Promise<never>((_, reject) => {
      stop.addEventListener('abort', () => reject(overtaken()), { once: true });
    });
    driver = await Promise.race([loading, stopped]);
    if (stop.aborted) throw overtaken();
    return driver;
  }

  async function openAfter(first: () => Promise<void>, wanted: PortSettings, signals: ControlSignals): Promise<void> {
    const mine = (opening = new AbortController());
    state = 'opening';
    settings = wanted;
    try {
      const loaded = driver ?? (await load(mine.signal));
      const opened = (work = first().then(() => loaded.open(wanted, signals, tellFor(mine), mine.signal)));
      await withTimeout(opened, OPEN_LIMIT_MS, clock);
      if (mine.signal.aborted) throw overtaken();
      state = 'open';
    } catch (error) {
      if (mine.signal.aborted) throw overtaken();
      // One that may still come about has to be undone; others are closed already.
      if (error instanceof PortError && error.failure === 'timeout') void close().catch(() => undefined);
      else state = 'closed';
      throw asPortError(error);
    }
  }

  async function letGo(): Promise<void> {
    if (!closing) return;
    await withTimeout(closing, CLOSE_LIMIT_MS, clock).catch((error: unknown) => {
      throw stuck(error);
    });
  }

  function close(): Promise<void> {
    if (state === 'closed') return Promise.resolve();
    if (!closing) {
      const how = state === 'open' ? 'drain' : 'drop';
      state = 'closing';
      opening.abort();
      closing = work
        .catch(() => undefined)
        .then(() => driver?.close(how))
        .finally(() => {
          state = 'closed';
          closing = undefined;
        });
    }
    return letGo();
  }

  return {
    get state() {
      return state;
    },
    requireOpen,
    open: (wanted, signals) => openAfter(() => Promise.resolve(), wanted, signals),
    async change(wanted, signals) {
      const { driver } = requireOpen();
      if (!driver.change) {
        opening.abort();
        return await openAfter(() => driver.close('drain'), wanted, signals);
      }
      work = driver.change(wanted, tellFor(opening));
      await inTime(work, OPEN_LIMIT_MS, clock);
      settings = wanted;
    },
    close,
    async look() {
      const mine = opening;
      if (state !== 'open' || !driver?.isThere || isBlind) return;
      try {
        if (await withTimeout(driver.isThere(), LOOK_LIMIT_MS, clock)) return;
        tellFor(mine)({ kind: 'lost', reason: 'the adapter is gone, and nothing had told so' });
      } catch {
        // What can't be asked says nothing of the device.
        isBlind = true;
      }
    },
    listen(next) {
      listener = next;
    },
  };
}

/** A driver's call, with a PortError where it fails or takes longer. */
export async function inTime<T>(call: Promise<T>, limitMs: Milliseconds, clock: Clock): Promise<T> {
  try {
    return await withTimeout(call, limitMs, clock);
  } catch (error) {
    throw asPortError(error);
  }
}

const asPortError = (error: unknown): PortError =>
  error instanceof PortError
    ? error
    : new PortError('failed', error instanceof Error ? error.message : String(error), [], error);

const stuck = (cause: unknown) =>
  new PortError('stuck', 'The adapter’s driver does not let go of the port.', REPLUG, cause);
