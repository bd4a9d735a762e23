import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { archiveHandlers } from '../../../../src/archive/handlers.ts';
import { createAtInterpreter } from '../../../../src/at/interpreter.ts';
import { createAtHost } from '../../../../src/engine/at-host.ts';
import { createPortRegistry } from '../../../../src/engine/port-registry.ts';
import { readMeter } from '../../../../src/engine/read-meter.ts';
import { simulatedPorts } from '../../../../src/engine/simulated-ports.ts';
import { openStation, type Station } from '../../../../src/engine/station.ts';
import { createTraceBook } from '../../../../src/engine/traces.ts';
import { connectDatabase, type Database } from '../../../../src/log/database.ts';
import { openReader, type LogReader } from '../../../../src/log/reader.ts';
import { openLog, type RecordLog } from '../../../../src/log/ring.ts';
import { protocols } from '../../../../src/protocols/registry.ts';
import { virtualClock, type VirtualClock } from '../../../../src/simulator/virtual-clock.ts';
import '../../engine/loaded.ts';

/** The protocol in the house: AT, list, log, archive, with a simulated bus. */

const signal = new AbortController().signal;
let names = 0;
let clock: VirtualClock;
let log: RecordLog;
let database: Database;
let reader: LogReader;
let station: Station;

beforeEach(async () => {
  const name = `modbus-${names++}`;
  clock = virtualClock(Date.UTC(2026, 10, 20, 10));
  log = await openLog({ clock, name });
  database = connectDatabase(name);
  reader = openReader({ name });
  const ports = await simulatedPorts(protocols.all, clock, () => ({ faults: {} }));
  const registry = createPortRegistry({ clock, present: () => ports, lost: () => [], onChange: () => undefined });
  station = await openStation({
    clock,
    log,
    database,
    protocols,
    registry,
    traces: createTraceBook(clock),
    read: (request) => readMeter(request),
    onChange: () => undefined,
    onError: (error) => {
      throw error;
    },
  });
  await station.bindPort(2, 'simulated:modbus-cabinet');
});

afterEach(async () => {
  await new Promise((resolve) => setTimeout(resolve, 20));
  log.close();
  database.close();
});

async function at(command: string): Promise<string> {
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
}

test('answers DIRECT_READ in the form of the manual, by name and by number', async () => {
  const form = /\^SCAMS: 0,"","1:04:0000:010404[0-9A-F]{12},1:04:0046:010404[0-9A-F]{12}"/;
  expect(await at('AT^SCAMS="DIRECT_READ",2,"MODBUS","1@9600[2,04:0000:2,04:0046:2]"')).toMatch(form);
  expect(await at('AT^SCAMS="DIRECT_READ",2,3,"1@9600[2,4:0:2,4:46:2]"')).toMatch(form);
  expect(await at('AT^SCAMS="DIRECT_READ",2,3,"1@9600[2,06:0000:2]"')).toContain('^SCAMS: 196610,"",""');
});

test('a record keeps whose registers it has, and is read by that', async () => {
  const settings = { model: 'Eastron SDM630' };
  const added = await station.add({ port: 2, protocol: 'MODBUS', address: '1@9600', interval: '1M', settings });
  expect(added).toMatchObject({ ok: true });
  expect(await at('AT^SCAMS?')).toContain('^SCAMS: 1> 2,"MODBUS","1@9600","1M"');
  const result = await clock.run(station.readNow('1', { signal }));
  const { record } = result.kept ? result : result.unkept;
  expect(result.kept).toBe(true);
  const meaning = { model: 'Eastron SDM630', revision: 1 };
  expect(record).toMatchObject({ protocol: 'MODBUS', errorCode: 0, identification: '', circumstances: { meaning } });

  await reader.load();
  const archive = archiveHandlers({
    reader,
    clock,
    name: `modbus-${names - 1}`,
    openFiles: () => Promise.reject(new Error('no second copy here')),
  });
  const context = { signal, emit: () => undefined };
  const { files } = await archive.export({ format: 'valuereport' }, context);
  const text = (await files[0]?.content.text()) ?? '';
  // Voltages first, then what was imported: by the profile that the record names.
  expect(text).toContain('04:0000 [V];04:0002 [V];');
  expect(text).toContain('04:0048 [kWh');
});
