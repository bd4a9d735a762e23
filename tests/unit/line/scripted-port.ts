import type { Port, PortEvent, PortSettings } from '../../../src/line/port.ts';

export interface ScriptedPort extends Port {
  /** What arrives from the far side now. */
  arrive(event: PortEvent): void;
  readonly written: Uint8Array[];
  readonly settings: PortSettings[];
  open: Port['open'];
}

/** A port whose far side is the test itself. */
export function scriptedPort(overrides: Partial<Port> = {}): ScriptedPort {
  let listener: (event: PortEvent) => void = () => undefined;
  const written: Uint8Array[] = [];
  const settings: PortSettings[] = [];
  return {
    info: { id: 'scripted', label: 'Scripted', kind: 'simulated' },
    capabilities: { reconfigure: 'reopen', signals: false, lineErrors: true },
    open: (wanted) => Promise.resolve(void settings.push(wanted)),
    reconfigure: (wanted) => Promise.resolve(void settings.push(wanted)),
    close: () => Promise.resolve(),
    write: (bytes) => Promise.resolve(void written.push(bytes)),
    listen: (next) => {
      listener = next;
    },
    setSignals: () => Promise.resolve(),
    ...overrides,
    arrive: (event) => listener(event),
    written,
    settings,
  };
}
