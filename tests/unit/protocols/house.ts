import 'fake-indexeddb/auto';
import { createAtInterpreter } from '../../../src/at/interpreter.ts';
import { createAtHost } from '../../../src/engine/at-host.ts';
import { createPortRegistry, type PortRegistry } from '../../../src/engine/port-registry.ts';
import { readMeter } from '../../../src/engine/read-meter.ts';
import { simulatedPorts } from '../../../src/engine/simulated-ports.ts';
import { openStation, type Station } from '../../../src/engine/station.ts';
import { createTraceBook } from '../../../src/engine/traces.ts';
import { connectDatabase, type Database } from '../../../src/log/database.ts';
import { openSettings } from '../../../src/log/settings.ts';
import { openReader, type LogReader } from '../../../src/log/reader.ts';
import { openLog, type RecordLog } from '../../../src/log/ring.ts';
import type { Protocols } from '../../../src/protocols/registry.ts';
import type { Fault } from '../../../src/simulator/faults.ts';
import { virtualClock, type VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import '../engine/loaded.ts';
import { turns } from '../engine/turns.ts';

/** All that a protocol lives in, with every simulated meter, in virtual time. */
export interface House {
  /** Of its database. */
  readonly name: string;
  readonly clock: VirtualClock;
  readonly log: RecordLog;
  readonly reader: LogReader;
  readonly registry: PortRegistry;
  readonly station: Station;
  /** Of simulated meters, by their ids, from now on. */
  setFaults(faults: Readonly<Record<string, readonly Fault[]>>): void;
  /** An AT command, and what comes back. */
  at(command: string): Promise<string>;
  close(): Promise<void>;
}

let houses = 0;

export async function openHouse(protocols: Protocols): Promise<House> {
  const name = `house-${houses++}`;
  const clock = virtualClock(Date.UTC(2026, 10, 20, 10));
  const log = await openLog({ clock, name });
  const database: Database = connectDatabase(name);
  const reader = openReader({ name });
  let simulation: Parameters<House['setFaults']>[0] = {};
  const ports = await simulatedPorts(protocols.all, clock, () => ({ faults: simulation }));
  const registry = createPortRegistry({ clock, present: () => ports, lost: () => [], onChange: () => undefined });
  const station = await openStation({
    clock,
    log,
    database,
    protocols,
    registry,
    traces: createTraceBook(clock),
    read: (request) => readMeter({ settings: openSettings(database, () => undefined), ...request }),
    onChange: () => undefined,
    onError: (error) => {
      throw error;
    },
  });
  return {
    name,
    clock,
    log,
    reader,
    registry,
    station,
    setFaults: (faults) => void (simulation = faults),
    async at(command) {
      let answer = '';
      const host = createAtHost({
        station,
        log,
        reader: () => reader,
        detect: () => Promise.reject(new Error('not asked for')),
        protocols,
        version: '1',
        serialNumber: '1',
      });
      const interpreter = createAtInterpreter(host, (text) => void (answer += text));
      await clock.run(Promise.resolve(interpreter.input(`${command}\r`)));
      return answer;
    },
    async close() {
      // What is still being written.
      await turns();
      log.close();
      database.close();
    },
  };
}
