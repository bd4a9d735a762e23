import { portEntry } from '../ams/ports-table.ts';
import { AtError } from '../at/at-error.ts';
import type { AtAsking, AtHost, Detection, DetectionResult } from '../at/host.ts';
import { formatScdata } from '../log/export/scdata.ts';
import { parseFilter } from '../log/filter/parse.ts';
import type { LogRecord } from '../log/record.ts';
import type { LogReader } from '../log/reader.ts';
import type { RecordLog } from '../log/ring.ts';
import type { Protocols } from '../protocols/registry.ts';
import type { Changed } from './ams-api.ts';
import type { Station } from './station.ts';

/** Records printed at a time: a terminal is slow, and the engine has meters to mind. */
const BATCH = 50;

export interface AtHostParts {
  readonly station: Station;
  readonly log: RecordLog;
  /** Opened when a filter first asks for it: its index is loaded into memory. */
  reader(): LogReader;
  detect(request: Detection, asking: AtAsking): Promise<DetectionResult>;
  readonly protocols: Protocols;
  readonly version: string;
  readonly serialNumber: string;
}

/** The AT commands' view of this device: the same station and log that the interface drives. */
export function createAtHost({ station, log, reader, detect, protocols, version, serialNumber }: AtHostParts): AtHost {
  return {
    identity: () => Promise.resolve({ manufacturer: 'OpenHHU', model: 'OpenHHU', revision: version, serialNumber }),
    isEnabled: () => Promise.resolve(station.configuration.enabledSince !== undefined),
    setEnabled: (enabled) => station.setSchedule({ enabled }),
    retryCount: () => Promise.resolve(station.configuration.retries),
    setRetryCount: (retries) => station.setSchedule({ retries }),
    listMeters: () => Promise.resolve(station.configuration.meters),
    addMeter: async (meter) => done(await station.add(meter)),
    async removeMeter(index) {
      const meter = station.configuration.meters[index - 1];
      if (!meter) throw new AtError(21);
      done(await station.remove(meter.id));
    },
    clearMeters: () => station.clear(),
    changeInterval: async (which, interval) => done(await station.setInterval(which, interval)),
    findProtocol: protocols.find,
    directRead: ({ port, protocol, address, settings }, asking) =>
      station.directRead(port, protocol, address, settings, asking),
    detect,
    recordCount: () => Promise.resolve(log.count),
    freeSpace: () => Promise.resolve(log.freeBytes),
    async *oldestRecords(count) {
      let after = -1;
      for (let left = count; left > 0;) {
        const records = await log.oldest(Math.min(BATCH, left), after);
        if (records.length === 0) return;
        yield records.map(formatScdata);
        after = records.at(-1)?.seq ?? after;
        left -= records.length;
      }
    },
    async *filteredRecords(text) {
      const { filter, mistakes } = parseFilter(text, { strict: true });
      if (!filter) throw new AtError(50, mistakes[0]?.message);
      const { chunks } = await reader().select(filter);
      for await (const records of chunks) yield* inBatches(records);
    },
    deleteOldestRecords: async (count) => {
      await log.deleteOldest(count);
    },
    deleteAllRecords: () => log.deleteAll(),
    portSettings: (port) => Promise.resolve(portEntry(station.configuration.ports, port)?.staged),
    stagePortValue: async (port, key, value) => {
      if (!(await station.stagePortValue(port, key, value))) throw new AtError(50);
    },
    savePort: (port) => station.savePort(port),
    restartPort: (port) => station.restartPort(port),
  };
}

function* inBatches(records: readonly LogRecord[]): Iterable<readonly string[]> {
  for (let i = 0; i < records.length; i += BATCH) yield records.slice(i, i + BATCH).map(formatScdata);
}

function done(changed: Changed): void {
  if (!changed.ok) throw new AtError(changed.fault.kind === 'list full' ? 20 : 50, changed.fault.message);
}
