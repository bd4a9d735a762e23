import type { Clock } from '../../../src/common/clock.ts';
import { portOver, type Driver, type Tell } from '../../../src/line/port-over.ts';
import type { Port, PortCapabilities, PortEvent, PortSettings } from '../../../src/line/port.ts';

export interface ScriptedPort extends Port {
  /** What arrives from the far side now. */
  arrive(event: PortEvent): void;
  readonly written: Uint8Array[];
  /** Of each opening and each change in place. */
  readonly settings: PortSettings[];
}

/** A port whose far side is the test itself. */
export function scriptedPort(
  clock: Clock,
  overrides: Partial<Driver> = {},
  capabilities: Partial<PortCapabilities> = {},
): ScriptedPort {
  let tell: Tell = () => undefined;
  const written: Uint8Array[] = [];
  const settings: PortSettings[] = [];
  const driver: Driver = {
    async open(wanted, _signals, newTell) {
      settings.push(wanted);
      tell = newTell;
      tell({ kind: 'ready' });
    },
    close: () => Promise.resolve(),
    write: (bytes) => Promise.resolve(void written.push(bytes)),
    ...overrides,
  };
  const port = portOver(driver, {
    info: { id: 'scripted', label: 'Scripted', transport: 'simulated' },
    capabilities: { reconfigure: 'reopen', signals: false, lineErrors: true, ...capabilities },
    clock,
  });
  return { ...port, arrive: (event) => tell(event), written, settings };
}

/** A driver's call that never comes back. */
export const hangs = (): Promise<never> => new Promise(() => undefined);
