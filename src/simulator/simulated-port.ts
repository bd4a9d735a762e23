import { PortError, type Port, type PortCapabilities } from '../line/port.ts';
import { portOver, type Driver } from '../line/port-over.ts';
import type { Clock } from '../common/clock.ts';
import type { FarEnd } from './far-end.ts';
import type { Fault, Faults } from './faults.ts';
import type { PortTraits } from './simulated-driver.ts';

/** What a simulated port is made of. */
export interface Simulated {
  /** "three-phase"; its port is "simulated:three-phase". */
  readonly id: string;
  readonly name: string;
  readonly port?: PortTraits;
  /** Faults it always has. */
  readonly nature?: readonly Fault[];
  /** What is on its wire; asked when the port is first opened, and again only where that failed. */
  farEnd(): Promise<FarEnd>;
}

/**
 * A port over a wire that behaves in time as a real one does, with meters at its far end; `faults` come on top of what
 * they have by nature. Nothing is loaded of wire and meters before it is opened.
 */
export function simulatedPort(simulated: Simulated, clock: Clock, faults: Faults): Port {
  const { id, name, port: { fixed, reconfigure = 'reopen' } = {}, nature = [] } = simulated;
  const capabilities: PortCapabilities = {
    ...(fixed ? { reconfigure: 'unavailable', fixed } : { reconfigure }),
    // A simulated head draws no power from DTR and RTS.
    signals: false,
    lineErrors: true,
  };
  const all: Faults = nature.length === 0 ? faults : () => new Set([...nature, ...faults()]);
  const info = { id: `simulated:${id}`, label: `Simulated: ${name}`, transport: 'simulated' } as const;
  return portOver(() => driverOf(simulated, clock, all), { info, capabilities, clock });
}

async function driverOf(simulated: Simulated, clock: Clock, faults: Faults): Promise<Driver> {
  try {
    const [{ simulatedDriver }, farEnd] = await Promise.all([import('./simulated-driver.ts'), simulated.farEnd()]);
    return simulatedDriver(farEnd, { id: simulated.id, ...simulated.port }, clock, faults);
  } catch (error) {
    const checklist = ['Is this device connected to the network?', 'Open the port again.'];
    throw new PortError('failed', `“${simulated.name}” could not be loaded.`, checklist, error);
  }
}
