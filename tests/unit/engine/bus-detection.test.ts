import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createProtocols, protocols } from '../../../src/protocols/registry.ts';
import type { Detection, DetectionResult } from '../../../src/at/host.ts';
import { createBusDetection } from '../../../src/engine/bus-detection.ts';
import { createTraceBook } from '../../../src/engine/traces.ts';
import { createPortRegistry, type PortRegistry } from '../../../src/engine/port-registry.ts';
import { openStation, type Station } from '../../../src/engine/station.ts';
import { type Port, PortError } from '../../../src/line/port.ts';
import { connectDatabase, type Database } from '../../../src/log/database.ts';
import { openLog, type RecordLog } from '../../../src/log/ring.ts';
import { mbus } from '../../../src/protocols/mbus/index.ts';
import { simulatedPorts } from '../../../src/engine/simulated-ports.ts';
import { mbusBus } from '../../../src/protocols/mbus/simulated/bus.ts';
import type { Fault } from '../../../src/simulator/faults.ts';
import { type VirtualClock, virtualClock } from '../../../src/simulator/virtual-clock.ts';
import { meter } from '../protocols/mbus/bus.ts';
import { portTo } from '../simulator/host.ts';
import './loaded.ts';

/** AT^SCAMSADD, and what becomes of meter list and log when it can't do what it is asked. */

const HOUSE = 'simulated:mbus-house';
const request: Detection = { port: 2, protocol: 'MBUS', baudRate: 2400, interval: '2H', expectedCount: 7 };

let names = 0;
let name: string;
let clock: VirtualClock;
let registry: PortRegistry;
let log: RecordLog;
let database: Database;
let station: Station;
let faults: readonly Fault[];
/** What stands between engine and bus. */
let behind: (port: Port) => Port;

beforeEach(async () => {
  name = `detection-${names++}`;
  clock = virtualClock(Date.UTC(2026, 10, 20, 10));
  faults = [];
  behind = (port) => port;
  const ports = await simulatedPorts([mbus], clock, () => ({ faults: { 'mbus-house': faults } }));
  registry = createPortRegistry({
    clock,
    present: () => ports.map((entry) => ({ ...entry, port: behind(entry.port) })),
    lost: () => [],
    onChange: () => undefined,
  });
  log = await openLog({ clock, name });
  database = connectDatabase(name);
  station = await start();
  await station.bindPort(2, HOUSE);
  await station.add({ port: 2, protocol: 'MBUS', address: '9', interval: '1H' });
  await log.append({ type: 'SYSTART' });
});

afterEach(() => {
  log.close();
  database.close();
});

/** A start of the engine over the database as it is. */
async function start(): Promise<Station> {
  return await openStation({
    clock,
    log,
    database,
    protocols: createProtocols([mbus]),
    registry,
    traces: createTraceBook(clock),
    read: () => Promise.reject(new Error('nothing is read here')),
    onChange: () => undefined,
    onError: (error) => {
      throw error;
    },
  });
}

interface Run {
  readonly answer: Promise<DetectionResult>;
  readonly errors: readonly unknown[];
}

function begin(changes: Partial<Detection> = {}, signal = new AbortController().signal, parts = {}): Run {
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  const detect = createBusDetection({
    station,
    log,
    registry,
    protocols,
    traces: createTraceBook(clock),
    onError,
    ...parts,
  });
  return { answer: detect({ ...request, ...changes }, { signal, onWait: () => undefined }), errors };
}

/** Lets virtual time pass second by second: the database works in turns of the event loop, which no clock knows of. */
async function drive<T>(promise: Promise<T>): Promise<T> {
  let running = true;
  const ended = promise.finally(() => (running = false));
  ended.catch(() => undefined);
  while (running) await aSecond();
  return await ended;
}

async function aSecond(): Promise<void> {
  await clock.run(clock.sleep(1000));
  await new Promise((resolve) => setTimeout(resolve));
}

/** Another reading has the port until it is told to end. */
function busyWithReading() {
  let endReading: () => void = () => undefined;
  const reading = new Promise<void>((resolve) => (endReading = resolve));
  const before = registry.use(
    HOUSE,
    { rank: 'person', text: 'reading', signal: new AbortController().signal },
    () => reading,
  );
  return { endReading: () => endReading(), before };
}

const addresses = ({ configuration }: Station = station) => configuration.meters.map(({ address }) => address);
const untouched = () => {
  expect(addresses()).toEqual(['9']);
  expect(log.count).toBe(1);
};

describe('nothing is deleted', () => {
  test.each(['busy', 'denied', 'timeout', 'failed'] as const)('when the port does not open: %s', async (failure) => {
    behind = (port) => ({ ...port, open: () => Promise.reject(new PortError(failure, 'no')) });
    expect(await drive(begin().answer)).toMatchObject({ errorCode: 65282, found: [] });
    untouched();
  });

  test('when the port is unplugged before its turn comes', async () => {
    const { endReading, before } = busyWithReading();
    const { answer } = begin();
    await aSecond();
    behind = (port) => ({ ...port, info: { ...port.info, id: 'gone' } });
    endReading();
    await before;
    expect(await drive(answer)).toMatchObject({ errorCode: 65282, found: [] });
    untouched();
  });

  test('when the port is lost in the midst of the search', async () => {
    faults = ['port-lost'];
    const { errorCode, found } = await drive(begin().answer);
    expect(errorCode).not.toBe(0);
    expect(errorCode).not.toBe(65286);
    expect(found).toEqual([]);
    untouched();
  });

  test('when it is cancelled at once', async () => {
    const stop = new AbortController();
    stop.abort(new DOMException('ended', 'AbortError'));
    await expect(drive(begin({}, stop.signal).answer)).rejects.toThrow('ended');
    untouched();
  });

  test('when it is cancelled while it waits for the port, which is answered at once', async () => {
    const { endReading, before } = busyWithReading();
    const stop = new AbortController();
    const { answer } = begin({}, stop.signal);
    stop.abort(new DOMException('ended', 'AbortError'));
    await expect(answer).rejects.toThrow('ended');
    endReading();
    await before;
    await drive(aSecond());
    untouched();
  });

  test('when it is cancelled in the midst of the search', async () => {
    const stop = new AbortController();
    const { answer } = begin({}, stop.signal);
    answer.catch(() => undefined);
    for (let second = 0; second < 5; second++) await aSecond();
    stop.abort(new DOMException('ended', 'AbortError'));
    await expect(drive(answer)).rejects.toThrow('ended');
    untouched();
  });

  test('when the program ends in the midst of the search: the next owner has all of it', async () => {
    void begin().answer.catch(() => undefined);
    for (let second = 0; second < 5; second++) await aSecond();
    const next = await start();
    expect(addresses(next)).toEqual(['9']);
    const nextLog = await openLog({ clock, name });
    expect(await nextLog.oldest(9)).toMatchObject([{ type: 'SYSTART' }]);
    nextLog.close();
  });

  // The SmartCOM leaves an empty list behind; here there is nothing to put in its place, and most of all a cable is loose.
  test('when nobody answers on the bus: 65286', async () => {
    faults = ['silent'];
    expect(await drive(begin().answer)).toMatchObject({ errorCode: 65286, found: [] });
    untouched();
  });

  test('when meters collide: 131094', async () => {
    // Two meters of one number, maker and kind: nothing but what they measure tells them apart.
    const twins = [meter('50505050'), meter('50505050', { telegrams: () => [Uint8Array.of(0x0b, 0x13, 1, 2, 3)] })];
    behind = ({ info }) => ({ ...portTo(mbusBus(twins), clock, () => new Set(faults)), info });
    const { answer, errors } = begin();
    expect([await drive(answer), errors]).toMatchObject([{ errorCode: 131094, found: [] }, []]);
    untouched();
  });

  test('when the list can not be written: 65284', async () => {
    const full = new Error('disk full');
    const parts = { station: { configuration: station.configuration, replace: () => Promise.reject(full) } };
    const { answer, errors } = begin({}, undefined, parts);
    expect(await drive(answer)).toEqual({ errorCode: 65284, found: [] });
    expect(errors).toEqual([full]);
    untouched();
  });

  test('when a meter can not be added: 65287', async () => {
    const fault = { kind: 'list full', message: 'full' } as const;
    const parts = {
      station: { configuration: station.configuration, replace: () => Promise.resolve({ ok: false, fault }) },
    };
    expect(await drive(begin({}, undefined, parts).answer)).toMatchObject({ errorCode: 65287 });
    untouched();
  });
});

test('what came in while the bus was searched stays: records of other ports, meters of other windows', async () => {
  const { answer } = begin();
  await aSecond();
  await log.append({ type: 'AMS', protocol: 'MBUS', index: 0, errorCode: 0, identification: '', data: '68' });
  await station.add({ port: 3, protocol: 'MBUS', address: '5', interval: '1H' });
  expect((await drive(answer)).errorCode).toBe(0);
  expect(await log.oldest(9)).toMatchObject([{ type: 'AMS', data: '68' }]);
  expect(addresses()).toHaveLength(8);
  expect(addresses()[0]).toBe('5');
});

test('the list is replaced though its records can not be deleted, and the answer says that something failed', async () => {
  const broken = new Error('no');
  const parts = { log: { count: 1, newestSeq: 1, deleteOldest: () => Promise.reject(broken) } };
  const { answer, errors } = begin({}, undefined, parts);
  expect(await drive(answer)).toMatchObject({ errorCode: 65280 });
  expect(errors).toEqual([broken]);
  expect(addresses()).toHaveLength(7);
});
