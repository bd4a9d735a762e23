import type { Clock } from '../common/clock.ts';
import type { Driver } from './driver.ts';
import { characterMs } from './framing.ts';
import {
  PortError,
  type ControlSignals,
  type Port,
  type PortCapabilities,
  type PortInfo,
  type PortSettings,
} from './port.ts';
import { createPortLife, inTime } from './port-life.ts';
import { refusal } from './refusal.ts';

export type { Driver, Tell } from './driver.ts';

export interface PortParts {
  readonly info: PortInfo;
  readonly capabilities: PortCapabilities;
  readonly clock: Clock;
}

/** Beyond the time the bytes take on the wire, for a driver to take them. */
const WRITE_LIMIT_MS = 5000;
const SIGNALS_LIMIT_MS = 2000;

/** Heads fed from the control lines need both high, at once and after each reopening (WICG/serial#141). */
const POWERED: ControlSignals = { dtr: true, rts: true };

/**
 * The {@link Port} that a driver makes: what it may be asked when, limits, and refusals in words. A driver whose code
 * comes with the first opening is given as what loads it.
 */
export function portOver(given: Driver | (() => Promise<Driver>), { info, capabilities, clock }: PortParts): Port {
  const life = createPortLife(given, info.label, clock);
  let signals = POWERED;

  function requireFit(wanted: PortSettings): void {
    const refused = refusal(info.label, capabilities, wanted);
    if (refused) throw refused;
  }

  async function ask<T>(call: Promise<T> | undefined): Promise<T> {
    if (!call) throw new PortError('unsupported', `${info.label} has no control lines.`);
    return await inTime(call, SIGNALS_LIMIT_MS, clock);
  }

  return {
    info,
    capabilities,
    async open(wanted) {
      if (life.state === 'open' || life.state === 'opening') throw new PortError('failed', 'The port is already open.');
      requireFit(wanted);
      signals = POWERED;
      if (life.state !== 'closed') await life.close();
      await life.open(wanted, signals);
    },
    async reconfigure(wanted) {
      life.requireOpen();
      requireFit(wanted);
      await life.change(wanted, signals);
    },
    close: life.close,
    async write(bytes) {
      const { driver, settings } = life.requireOpen();
      const wireMs = bytes.length * characterMs(settings);
      await inTime(driver.write(bytes), wireMs + WRITE_LIMIT_MS, clock);
    },
    listen: life.listen,
    async setSignals(wanted) {
      await ask(life.requireOpen().driver.setSignals?.(wanted));
      signals = { ...signals, ...wanted };
    },
    async getSignals() {
      return await ask(life.requireOpen().driver.getSignals?.());
    },
    look: life.look,
  };
}
