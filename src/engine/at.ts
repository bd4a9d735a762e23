import { openReader, type LogReader } from '../log/reader.ts';
import { createAtHost, type AtHostParts } from './at-host.ts';
import { createAtPortService, type AtPortService } from './at-port.ts';
import { createAtSessions, type AtSessions } from './at-sessions.ts';
import { createBusDetection } from './bus-detection.ts';
import type { PortRegistry } from './port-registry.ts';

/** Everything that speaks AT: loaded when a terminal or a port first asks for it. */
export interface At {
  readonly sessions: AtSessions;
  readonly port: AtPortService;
}

export function createAt(
  parts: Omit<AtHostParts, 'reader' | 'detect'>,
  registry: PortRegistry,
  onError: (error: unknown) => void,
  onChange: () => void,
): At {
  let reader: LogReader | undefined;
  const { station, log } = parts;
  const host = createAtHost({
    ...parts,
    reader: () => (reader ??= openReader()),
    detect: createBusDetection({ station, log, registry, onError }),
  });
  return { sessions: createAtSessions(host, onError), port: createAtPortService(registry, host, onError, onChange) };
}
