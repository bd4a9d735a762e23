import { detectionCodes, detectMeters, hasDetection } from '../ams/detection.ts';
import { MAX_METERS } from '../ams/meter-list.ts';
import { findPort } from '../ams/ports-table.ts';
import type { Detection, DetectionResult } from '../at/host.ts';
import type { Framing } from '../line/framing.ts';
import { openLine } from '../line/open-line.ts';
import type { RecordLog } from '../log/ring.ts';
import { MBUS_BAUD_RATES, type MbusBaudRate } from '../protocols/mbus/address.ts';
import { searchSecondary } from '../protocols/mbus/search-secondary.ts';
import type { SearchEvent } from '../protocols/mbus/search.ts';
import { mbusSettingsFrom } from '../protocols/mbus/settings.ts';
import type { EnginePort, PortRegistry } from './port-registry.ts';
import type { Station } from './station.ts';

export interface BusDetectionParts {
  readonly station: Station;
  readonly log: Pick<RecordLog, 'deleteAll'>;
  readonly registry: PortRegistry;
  onError(error: unknown): void;
}

/**
 * AT^SCAMSADD: empties meter list and log, searches the bus and adds what was found (seed 001, "Automatic Meter
 * Detection"). What can't even begin to search deletes nothing.
 */
export function createBusDetection(
  parts: BusDetectionParts,
): (request: Detection, signal: AbortSignal) => Promise<DetectionResult> {
  const { station, log, registry, onError } = parts;

  return async (request, signal) => {
    const { port: number, protocol, expectedCount } = request;
    if (!hasDetection(protocol)) return failed(detectionCodes['no detection']);
    if (expectedCount > MAX_METERS) return failed(detectionCodes['too many expected']);
    const entry = findPort(station.configuration.ports, number);
    const baudRate = MBUS_BAUD_RATES.find((rate) => rate === request.baudRate);
    if (entry?.portId === undefined || !registry.find(entry.portId) || baudRate === undefined) {
      return failed(detectionCodes['search not started']);
    }
    const { framing } = mbusSettingsFrom({}, entry.active);
    try {
      await station.clear();
    } catch (error) {
      onError(error);
      return failed(detectionCodes['list not emptied']);
    }
    await log.deleteAll();
    const { errorCode, found } = await registry.withPort(
      entry.portId,
      'searching the bus',
      (port) => detectMeters({ protocol, expectedCount, search: () => search(port, baudRate, framing, signal) }),
      signal,
    );
    signal.throwIfAborted();
    for (const { address } of found) {
      const added = await station.add({ port: number, protocol, address, interval: request.interval });
      if (!added.ok) return { errorCode: detectionCodes['meter not added'], found };
    }
    return { errorCode, found };
  };
}

async function* search(
  { port, clock }: EnginePort,
  baudRate: MbusBaudRate,
  framing: Framing,
  signal: AbortSignal,
): AsyncGenerator<SearchEvent, void> {
  const line = await openLine(port, { baudRate, framing, clock });
  try {
    yield* searchSecondary(line, { baudRates: [baudRate], signal });
  } finally {
    await line.close();
  }
}

function failed(errorCode: number): DetectionResult {
  return { errorCode, found: [] };
}
