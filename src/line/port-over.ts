import type { Milliseconds } from '../common/kinds.ts';
import type { Clock } from '../common/clock.ts';
import { characterMs } from './framing.ts';
import {
  PortError,
  type ControlSignals,
  type ModemSignals,
  type Port,
  type PortCapabilities,
  type PortEvent,
  type PortInfo,
  type PortSettings,
} from './port.ts';
import { refusal } from './refusal.ts';
import { withTimeout } from './timeout.ts';

/** A transport's own part of a port: how things are done. When they may be done is the same for all: {@link portOver}. */
export interface Driver {
  /**
   * Opens, sets the control lines and tells 'ready' before what comes in. Rejects when it can't, with a PortError where
   * there are words for it; rejects soon after `stop` aborts, closed again.
   */
  open(settings: PortSettings, signals: ControlSignals, tell: Tell, stop: AbortSignal): Promise<void>;
  /** Sets an open port anew and tells 'ready'. Absent: it has to be closed and opened. */
  change?(settings: PortSettings, tell: Tell): Promise<void>;
  /** 'drain': what it took goes out first. Also called after a loss. Rejects where the port can't be closed. */
  close(how: 'drain' | 'drop'): Promise<void>;
  write(bytes: Uint8Array): Promise<void>;
  setSignals?(signals: ControlSignals): Promise<void>;
  getSignals?(): Promise<ModemSignals>;
  /** Is the device still there? Browsers are seen to say nothing when it goes. */
  isThere?(): Promise<boolean>;
}

export type Tell = (event: PortEvent) => void;

export interface PortParts {
  readonly info: PortInfo;
  readonly capabilities: PortCapabilities;
  readonly clock: Clock;
}

/** Opening tries again where another program may be letting go just now, and Bluetooth takes its time. */
const OPEN_LIMIT_MS = 20_000;
const CLOSE_LIMIT_MS = 8000;
/** Beyond the time the bytes take on the wire, for a driver to take them. */
const WRITE_LIMIT_MS = 5000;
const SIGNALS_LIMIT_MS = 2000;
const LOOK_LIMIT_MS = 1000;

/** Heads fed from the control lines need both high, at once and after each reopening (WICG/serial#141). */
const POWERED: ControlSignals = { dtr: true, rts: true };

const REPLUG = [
  'Unplug the adapter and plug it in again.',
  'If that does not help, close this window and open it again.',
];

/**
 * The {@link Port} that a driver makes: states, limits, refusals in words, and silence after the end. A driver whose code
 * comes with the first opening is given as what loads it.
 */
export function portOver(given: Driver | (() => Promise<Driver>), { info, capabilities, clock }: PortParts): Port {
  let driver = typeof given === 'function' ? undefined : given;
  let state: 'closed' | 'opening' | 'open' | 'closing' | 'lost' = 'closed';
  let listener: Tell = () => undefined;
  let settings: PortSettings | undefined;
  let signals = POWERED;
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

  const lost = () => new PortError('lost', `${info.label} is gone.`, ['Is the cable still plugged in?']);

  const overtaken = () =>
    state === 'lost' ? lost() : new PortError('failed', 'The port was closed while it was being opened.');

  function requireFit(wanted: PortSettings): void {
    const refused = refusal(info.label, capabilities, wanted);
    if (refused) throw refused;
  }

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

  async function openWith(wanted: PortSettings, first: () => Promise<void>): Promise<void> {
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

  /** A driver's call on the open port. */
  async function ask<T>(call: Promise<T> | undefined, limitMs: Milliseconds): Promise<T> {
    if (!call) throw new PortError('unsupported', `${info.label} has no control lines.`);
    try {
      return await withTimeout(call, limitMs, clock);
    } catch (error) {
      throw asPortError(error);
    }
  }

  return {
    info,
    capabilities,
    async open(wanted) {
      if (state === 'open' || state === 'opening') throw new PortError('failed', 'The port is already open.');
      requireFit(wanted);
      signals = POWERED;
      if (state !== 'closed') await close();
      await openWith(wanted, () => Promise.resolve());
    },
    async reconfigure(wanted) {
      const { driver } = requireOpen();
      requireFit(wanted);
      if (!driver.change) {
        opening.abort();
        return await openWith(wanted, () => driver.close('drain'));
      }
      await ask((work = driver.change(wanted, tellFor(opening))), OPEN_LIMIT_MS);
      settings = wanted;
    },
    close,
    async write(bytes) {
      const { driver, settings } = requireOpen();
      const wireMs = bytes.length * characterMs(settings);
      await ask(driver.write(bytes), wireMs + WRITE_LIMIT_MS);
    },
    listen(next) {
      listener = next;
    },
    async setSignals(wanted) {
      const { driver } = requireOpen();
      await ask(driver.setSignals?.(wanted), SIGNALS_LIMIT_MS);
      signals = { ...signals, ...wanted };
    },
    async getSignals() {
      const { driver } = requireOpen();
      return await ask(driver.getSignals?.(), SIGNALS_LIMIT_MS);
    },
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
  };
}

const asPortError = (error: unknown): PortError =>
  error instanceof PortError
    ? error
    : new PortError('failed', error instanceof Error ? error.message : String(error), [], error);

const stuck = (cause: unknown) =>
  new PortError('stuck', 'The adapter’s driver does not let go of the port.', REPLUG, cause);
