import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTraceBook } from '../../../src/engine/traces.ts';
import { createPortRegistry } from '../../../src/engine/port-registry.ts';
import { createProtocols } from '../../../src/protocols/registry.ts';
import { openStation, type Station } from '../../../src/engine/station.ts';
import { connectDatabase, type Database } from '../../../src/log/database.ts';
import { openLog, type RecordLog } from '../../../src/log/ring.ts';
import { iec62056 } from '../../../src/protocols/iec62056-21/index.ts';
import { simulatedPorts } from '../../../src/engine/simulated-ports.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';
import './loaded.ts';

/** A first rate set higher on a port falls back to 300 Bd once a meter answers at 300 only. */

let names = 0;
let name: string;
let log: RecordLog;
let database: Database;
let station: Station;
let fellBackTo300: boolean;

beforeEach(async () => {
  name = `fall-back-${names++}`;
  log = await openLog({ clock: virtualClock(), name });
  database = connectDatabase(name);
  station = await start();
  fellBackTo300 = true;
  await station.bindPort(2, 'simulated:gas');
  await station.stagePortValue(2, 'BAUDRATE', 2400);
  await station.restartPort(2);
});

afterEach(() => {
  log.close();
  database.close();
});

async function start(): Promise<Station> {
  const clock = virtualClock();
  const ports = await simulatedPorts([iec62056], clock, () => ({ faults: {} }));
  return await openStation({
    clock,
    log,
    database,
    protocols: createProtocols([iec62056]),
    traces: createTraceBook(clock),
    registry: createPortRegistry({ clock, present: () => ports, lost: () => [], onChange: () => undefined }),
    read: () =>
      Promise.resolve({
        errorCode: 0,
        identification: 'X',
        data: '',
        circumstances: fellBackTo300 ? { fellBackTo300 } : {},
      }),
    onChange: () => undefined,
    onError: (error) => {
      throw error;
    },
  });
}

const rates = ({ configuration: { ports } }: Station = station) =>
  ports.map(({ active, saved, staged }) => [active.baudRate, saved.baudRate, staged.baudRate]);

async function read(address = '', knobs = {}): Promise<void> {
  await station.directRead(2, 'IEC62056-21', address, knobs, { signal: new AbortController().signal });
  // A change that nobody waits for: the next one waits for it.
  await station.savePort(3);
}

test('until the next start, which tries the higher rate again', async () => {
  expect(rates()).toEqual([[2400, 2400, 2400]]);
  await read();
  expect(rates()).toEqual([[300, 2400, 2400]]);
  await read();
  expect(rates()).toEqual([[300, 2400, 2400]]);
  expect(rates(await start())).toEqual([[2400, 2400, 2400]]);
});

test('not where the meter answered at the rate of the port', async () => {
  fellBackTo300 = false;
  await read();
  expect(rates()).toEqual([[2400, 2400, 2400]]);
});

test('not where the higher rate was the address’s or the command’s own', async () => {
  await read('123@9600');
  await read('', { baudRate: 9600 });
  expect(rates()).toEqual([[2400, 2400, 2400]]);
});
