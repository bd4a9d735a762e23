import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MeterDraft } from '../../../src/ams/meter.ts';
import type { HeardTelegram, ListeningState, ListenRequest } from '../../../src/engine/ams-api.ts';
import { createPortRegistry, type EnginePort, type PortRegistry } from '../../../src/engine/port-registry.ts';
import { readMeter } from '../../../src/engine/read-meter.ts';
import { openStation, type Station } from '../../../src/engine/station.ts';
import { traceOfRecord } from '../../../src/engine/trace-names.ts';
import { createTraceBook, type TraceBook } from '../../../src/engine/traces.ts';
import { PortError, type Port } from '../../../src/line/port.ts';
import { connectDatabase, type Database } from '../../../src/log/database.ts';
import type { AmsRecord } from '../../../src/log/record.ts';
import { openLog, type RecordLog } from '../../../src/log/ring.ts';
import { protocols } from '../../../src/protocols/registry.ts';
import { simulatedPorts } from '../../../src/engine/simulated-ports.ts';
import { virtualClock, type VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import './loaded.ts';
import { turns } from './turns.ts';
// Loaded when they are needed, which takes real time: virtual time would run ahead of it.

/** A port that is heard without being asked, from the call to the records, in virtual time. */

const METER = 'push-9600';
const PORT = `simulated:${METER}`;
const MINUTE = 60_000;

let names = 0;
let clock: VirtualClock;
let log: RecordLog;
let database: Database;
let registry: PortRegistry;
let station: Station;
let traces: TraceBook;
let ports: readonly EnginePort[];
let isPlugged = true;
/** Why the port does not open, if it does not. */
let refusal: PortError | undefined;
let wants: ListenRequest;
let errors: unknown[];

beforeEach(async () => {
  const name = `listening-${names++}`;
  clock = virtualClock(Date.UTC(2026, 10, 20, 10));
  log = await openLog({ clock, name });
  database = connectDatabase(name);
  isPlugged = true;
  refusal = undefined;
  await start();
});

afterEach(async () => {
  await station.listening.stop(PORT);
  await pass(1000);
  log.close();
  database.close();
  expect(errors).toEqual([]);
});

/** A start of the program over the database as it is. */
async function start(): Promise<void> {
  errors = [];
  traces = createTraceBook(clock);
  await plugIn();
  registry = createPortRegistry({
    clock,
    present: () => (isPlugged ? ports : []),
    lost: () => [],
    onChange: () => undefined,
  });
  station = await openStation({
    clock,
    log,
    database,
    protocols,
    registry,
    traces,
    read: (request) => readMeter(request),
    onChange: () => undefined,
    onError: (error) => errors.push(error),
  });
}

async function plugIn(): Promise<void> {
  const all = await simulatedPorts(protocols.all, clock, () => ({ faults: {} }));
  const found = all.find(({ port }) => port.info.id === PORT);
  if (!found?.suggested) throw new Error(`There is no meter ${METER}.`);
  const { port, suggested } = found;
  const open: Port['open'] = async (settings) => {
    if (refusal) throw refusal;
    await port.open(settings);
  };
  ports = [{ port: { ...port, open }, clock, suggested }];
  wants = {
    portId: PORT,
    protocol: 'IEC62056-21',
    address: '',
    settings: suggested.settings,
    everyMs: 15 * MINUTE,
  };
}

/** Lets so much virtual time pass, and what the storage has to do in between come to its end. */
async function pass(ms: number): Promise<void> {
  await turns();
  for (const end = clock.now() + ms; clock.now() < end;)
    await clock.run(clock.sleep(Math.min(5000, end - clock.now())));
  await turns();
}

const listen = (change: Partial<ListenRequest> = {}) => station.listening.start({ ...wants, ...change });

function state(): ListeningState {
  const [one] = station.listening.states();
  if (!one) throw new Error('Nobody listens.');
  return one;
}

async function records(): Promise<readonly AmsRecord[]> {
  return (await log.oldest(1000)).filter((record) => record.type === 'AMS');
}

const draft = (change: Partial<MeterDraft> = {}): MeterDraft => ({
  port: 1,
  protocol: 'IEC62056-21',
  address: '',
  interval: '1D',
  settings: wants.settings,
  ...change,
});

describe('listening', () => {
  test('gives the port a number, and makes a record of what it hears at once, with its wire', async () => {
    expect(await listen()).toEqual({ ok: true });
    expect(station.configuration.ports).toMatchObject([{ number: 1, portId: PORT, listens: { everyMs: 900_000 } }]);
    await pass(20_000);
    const [record, ...others] = await records();
    expect(others).toEqual([]);
    expect(record).toMatchObject({ type: 'AMS', protocol: 'IEC62056-21', index: 0, errorCode: 0 });
    expect(record?.address).not.toBe('');
    expect(record?.port).toBe(ports[0]?.port.info.label);
    expect(record?.circumstances).toMatchObject({ mode: 'D', borneOut: true });
    const wire = traces.find(traceOfRecord(log.generation, record?.seq ?? 0));
    expect(wire?.entries.some(({ direction }) => direction === 'received')).toBe(true);
    expect(state()).toMatchObject({ state: 'listening', kept: 1, dropped: 0, lastKept: { seq: record?.seq } });
    expect(state().heard).toBeGreaterThan(3);
    expect(clock.now() - (state().lastHeardAt ?? 0)).toBeLessThan(5000);
  });

  test('makes one record a meter in its time, every one where that is 0, and both can be changed while it runs', async () => {
    await listen({ everyMs: 5 * MINUTE });
    await pass(11 * MINUTE);
    const times = (await records()).map(({ time }) => time);
    expect(times).toHaveLength(3);
    // The stamp is that of the writing, which real time has a part in.
    for (const [i, time] of times.slice(1).entries()) expect(time - (times[i] ?? 0)).toBeGreaterThan(295);
    const { heard } = state();
    expect(heard).toBeGreaterThan(100);
    await listen({ everyMs: 0 });
    await pass(20_000);
    expect(state().heard).toBeGreaterThan(heard);
    expect((await records()).length - 3).toBe(state().heard - heard);
  });

  test('is recorded as the meter of the list that it covers, and shown as its last', async () => {
    await station.bindPort(1, PORT);
    await station.add(draft());
    await listen();
    await pass(20_000);
    const [record] = await records();
    expect(record).toMatchObject({ meter: 1, index: 1, address: '' });
    expect(station.state().meters[0]?.last).toMatchObject({ seq: record?.seq, errorCode: 0 });
  });

  test('is not recorded as a meter of the list with another number', async () => {
    await station.bindPort(1, PORT);
    await station.add(draft({ serialNumber: '99887766' }));
    await listen();
    await pass(20_000);
    const [record] = await records();
    expect(record).toMatchObject({ index: 0 });
    expect(record).not.toHaveProperty('meter');
  });

  test('steps back for a read by hand, and comes back by itself', async () => {
    await station.bindPort(1, PORT);
    await station.add(draft());
    await listen();
    await pass(20_000);
    const { heard } = state();
    const reading = station.readNow('1', { signal: new AbortController().signal });
    await clock.run(clock.sleep(1000));
    expect(state()).toMatchObject({ state: 'aside', text: 'waits: this port is reading' });
    const result = await clock.run(reading);
    expect(result).toMatchObject({ kept: true, record: { errorCode: 0 } });
    await pass(20_000);
    expect(state().state).toBe('listening');
    expect(state().heard).toBeGreaterThan(heard + 2);
    // What was heard meanwhile is too soon for another one.
    expect(await records()).toHaveLength(2);
  });

  test('is stopped at once, also while a guest reads, who goes on', async () => {
    await station.bindPort(1, PORT);
    await station.add(draft());
    await listen();
    await pass(20_000);
    const reading = station.readNow('1', { signal: new AbortController().signal });
    await clock.run(clock.sleep(500));
    await station.listening.stop(PORT);
    expect(station.listening.states()).toEqual([]);
    expect(await clock.run(reading)).toMatchObject({ record: { errorCode: 0 } });
    await pass(60_000);
    expect(registry.wireState(PORT)).toBeUndefined();
    expect(await records()).toHaveLength(2);
  });

  test('goes on when the adapter is plugged in again', async () => {
    await listen();
    await pass(20_000);
    const { heard } = state();
    isPlugged = false;
    registry.portsChanged();
    await pass(20_000);
    expect(state()).toMatchObject({ state: 'port missing', text: 'waits until the adapter is plugged in' });
    await plugIn();
    isPlugged = true;
    registry.portsChanged();
    await pass(30_000);
    expect(state().state).toBe('listening');
    expect(state().heard).toBeGreaterThan(heard + 2);
    expect(await records()).toHaveLength(1);
  });

  test('tries again by itself where the port does not open, and says why it does not', async () => {
    refusal = new PortError('busy', 'The port is in use by another program.');
    await listen();
    await pass(15_000);
    expect(state()).toMatchObject({ state: 'failed', text: 'The port is in use by another program.', heard: 0 });
    refusal = undefined;
    await pass(30_000);
    expect(state().state).toBe('listening');
    expect(state().kept).toBe(1);
  });

  test('goes on with the next start of the program', async () => {
    await listen();
    await pass(20_000);
    const before = registry;
    isPlugged = false;
    before.portsChanged();
    await pass(20_000);
    isPlugged = true;
    await start();
    await pass(20_000);
    expect(state()).toMatchObject({ state: 'listening', kept: 1 });
  });

  test('ends when the port gives up its number, and does not begin at another port of that number', async () => {
    await listen();
    await pass(5000);
    await station.bindPort(1, 'simulated:gas');
    expect(station.listening.states()).toEqual([]);
    expect(station.configuration.ports[0]).not.toHaveProperty('listens');
  });

  test('tells who follows it the last telegram and each that comes', async () => {
    await listen();
    await pass(20_000);
    const heard: HeardTelegram[] = [];
    const stop = new AbortController();
    const following = station.listening.follow(PORT, (one) => heard.push(one), stop.signal);
    await turns();
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatchObject({ protocol: 'IEC62056-21', readout: { errorCode: 0 } });
    await pass(20_000);
    expect(heard.length).toBeGreaterThan(3);
    stop.abort();
    await following;
    const { length } = heard;
    await pass(20_000);
    expect(heard).toHaveLength(length);
  });

  test('says why it cannot be', async () => {
    expect(await listen({ protocol: 'MBUS' })).toEqual({
      ok: false,
      message: 'MBUS has no meters that speak by themselves.',
    });
    expect(await listen({ everyMs: -1 })).toMatchObject({ ok: false });
    await expect(listen({ address: '12!' })).rejects.toThrow('not allowed');
    expect(station.listening.states()).toEqual([]);
  });

  test('does not lose what the log does not take without a word', async () => {
    log.close();
    await listen();
    await pass(20_000);
    expect(state()).toMatchObject({ kept: 0 });
    expect(state().dropped).toBeGreaterThan(1);
    expect(state().lastDropped?.reason).toMatch(/^The log did not take it: /);
  });
});
