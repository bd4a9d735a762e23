import type { PortId } from '../common/kinds.ts';
import { openReader, type LogReader } from '../log/reader.ts';
import type { Clock } from '../common/clock.ts';
import { AT_PORT_KEY, type AtPortSettings } from './ams-api.ts';
import { createAtHost, type AtHostParts } from './at-host.ts';
import { createAtPortService, type AtPortService } from './at-port.ts';
import { createAtSessions, type AtSessions } from './at-sessions.ts';
import { createBusDetection } from './bus-detection.ts';
import type { KeyValueStore } from './memory.ts';
import type { PortRegistry } from './port-registry.ts';
import type { Station } from './station.ts';
import type { TraceBook } from './traces.ts';

/** Everything that speaks AT: loaded when a terminal or a port first asks for it. */
export interface At {
  readonly sessions: AtSessions;
  readonly port: AtPortService;
}

export interface AtParts extends Omit<AtHostParts, 'reader' | 'detect'> {
  readonly registry: PortRegistry;
  readonly traces: Pick<TraceBook, 'record'>;
  readonly clock: Clock;
  readonly settings: KeyValueStore;
  onError(error: unknown): void;
  onChange(): void;
}

export function createAt(parts: AtParts): At {
  const { station, log, registry, protocols, traces, clock, settings, onError, onChange } = parts;
  let reader: LogReader | undefined;
  const host = createAtHost({
    ...parts,
    reader: () => (reader ??= openReader()),
    detect: createBusDetection({ station, log, registry, protocols, traces, onError }),
  });
  return {
    sessions: createAtSessions(host, onError),
    port: createAtPortService({
      registry,
      host,
      clock,
      obstacle: (portId) => obstacleOf(portId, registry, station),
      stored: async () => atPortSettings(await settings.get(AT_PORT_KEY)),
      keep: (value) => settings.put(AT_PORT_KEY, value),
      onError,
      onChange,
    }),
  };
}

/** A port through which meters of the list are read is theirs: whatever comes in there is of meters, not of commands. */
function obstacleOf(
  portId: PortId,
  registry: Pick<PortRegistry, 'find'>,
  station: Pick<Station, 'configuration'>,
): string | undefined {
  const { meters, ports } = station.configuration;
  const numbers = ports.filter((entry) => entry.portId === portId).map(({ number }) => number);
  const count = meters.filter(({ port }) => numbers.includes(port)).length;
  if (count > 0)
    return `${count === 1 ? 'A meter' : `${count} meters`} of the list ${count === 1 ? 'is' : 'are'} read through this port.`;
  return registry.find(portId) ? undefined : 'The adapter is not plugged in.';
}

/** The stored settings; undefined when there are none, or none this version can read. */
function atPortSettings(value: unknown): AtPortSettings | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { portId, baudRate, mode } = value as Partial<AtPortSettings>;
  const isMode = mode === 'read-only' || mode === 'confirm' || mode === 'full';
  return typeof portId === 'string' && typeof baudRate === 'number' && isMode ? { portId, baudRate, mode } : undefined;
}
