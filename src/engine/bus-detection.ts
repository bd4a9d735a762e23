import { detectionCodes, detectMeters, type Detected } from '../ams/detection.ts';
import { MAX_METERS } from '../ams/meter-list.ts';
import { findPort } from '../ams/ports-table.ts';
import type { AtAsking, Detection, DetectionResult } from '../at/host.ts';
import type { TraceEntry } from '../line/trace.ts';
import type { RecordLog } from '../log/ring.ts';
import { fits, settingsOf } from '../common/form.ts';
import { framingOf } from '../line/framing.ts';
import type { Protocols } from '../protocols/registry.ts';
import type { Searcher, SearchEvent, SearchTask } from '../protocols/search.ts';
import type { PortRegistry, PortSeat } from './port-registry.ts';
import type { Station } from './station.ts';
import { traceOfSearch } from './trace-names.ts';
import type { TraceBook } from './traces.ts';
import { openLendable } from './with-line.ts';

export interface BusDetectionParts {
  readonly station: Pick<Station, 'configuration' | 'replace'>;
  readonly log: Pick<RecordLog, 'count' | 'newestSeq' | 'deleteOldest'>;
  readonly protocols: Protocols;
  readonly registry: Pick<PortRegistry, 'use'>;
  readonly traces: Pick<TraceBook, 'record'>;
  onError(error: unknown): void;
}

/** Answers that come with all meters that were found: with any other one, meter list and log are as they were. */
const searchedThrough: ReadonlySet<number> = new Set([0, detectionCodes['another number found']]);

/**
 * AT^SCAMSADD: searches the bus, then puts what was found in the place of meter list and records. The SmartCOM empties
 * both first; here nothing goes before what replaces it is known, so that a port that is busy or lost, a command that is
 * cancelled, a device that is switched off in the midst of a search, meters that collide, and a bus on which nobody
 * answers (a cable that is not plugged in) cost nothing.
 */
export function createBusDetection(
  parts: BusDetectionParts,
): (request: Detection, asking: AtAsking) => Promise<DetectionResult> {
  const { station, log, registry, protocols, traces, onError } = parts;

  return async (request, { signal, onWait }) => {
    const { port: number, protocol, expectedCount, interval } = request;
    const known = protocols.find(protocol);
    const searchForm = (await known?.parts.searches?.())?.find(({ isDetection }) => isDetection);
    const searcher = searchForm && (await known?.parts.searcher?.());
    if (!known || !searcher) return failed('no detection');
    if (expectedCount > MAX_METERS) return failed('too many expected');
    const { ports, meters } = station.configuration;
    const entry = findPort(ports, number);
    const values = { rates: String(request.baudRate) };
    const isRate = searchForm.fields.every((field) => !(field.key in values) || fits(field, values.rates));
    if (entry?.portId === undefined || !isRate) return failed('search not started');
    const port = { baudRate: entry.active.baudRate, framing: framingOf(entry.active) };
    const task = { id: searchForm.id, values, settings: settingsOf(known.settings, { port }) };
    const { newestSeq } = log;
    let detected: Detected;
    try {
      const recorder = traces.record();
      recorder.keepAs(traceOfSearch(entry.portId));
      detected = await registry.use(
        entry.portId,
        { rank: 'person', text: 'searching the bus', signal, onWait },
        (seat) => detectMeters({ expectedCount, search: () => search(seat, searcher, task, recorder.add) }),
      );
    } catch (error) {
      signal.throwIfAborted();
      onError(error);
      return failed('search not started');
    }
    signal.throwIfAborted();
    const { errorCode, found } = detected;
    if (!searchedThrough.has(errorCode) || found.length === 0) return detected;

    const old = meters.map(({ id }) => id);
    const drafts = found.map(({ address }) => ({ port: number, protocol, address, interval }));
    try {
      const replaced = await station.replace(old, drafts);
      if (!replaced.ok) return { errorCode: detectionCodes['meter not added'], found };
    } catch (error) {
      onError(error);
      return failed('list not emptied');
    }
    try {
      // What other ports brought in meanwhile stays.
      await log.deleteOldest(Math.max(0, log.count - (log.newestSeq - newestSeq)));
    } catch (error) {
      onError(error);
      return { errorCode: detectionCodes.internal, found };
    }
    return { errorCode, found };
  };
}

async function* search(
  seat: PortSeat,
  searcher: Searcher,
  task: SearchTask,
  onTrace: (entry: TraceEntry) => void,
): AsyncGenerator<SearchEvent, void> {
  const { isWanted, wanted } = seat;
  const { line, lend, close } = await openLendable(seat, { ...searcher.lineOf(task), onTrace });
  try {
    yield* searcher.search(line, task, { lender: { isWanted, wanted, lend } });
  } finally {
    await close();
  }
}

function failed(reason: keyof typeof detectionCodes): DetectionResult {
  return { errorCode: detectionCodes[reason], found: [] };
}
