import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MeterDraft } from '../../../src/ams/meter.ts';
import type { LiveInputs } from '../../../src/engine/ams-api.ts';
import { createPortRegistry, type EnginePort, type PortRegistry } from '../../../src/engine/port-registry.ts';
import { readMeter } from '../../../src/engine/read-meter.ts';
import { simulatedPorts } from '../../../src/engine/simulated-ports.ts';
import { openStation, type Station } from '../../../src/engine/station.ts';
import { createTraceBook } from '../../../src/engine/traces.ts';
import type { ModemSignals } from '../../../src/line/port.ts';
import { connectDatabase, type Database } from '../../../src/log/database.ts';
import { openLog, type RecordLog } from '../../../src/log/ring.ts';
import { protocols } from '../../../src/protocols/registry.ts';
import { virtualClock, type VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import { scriptedPort } from '../line/scripted-port.ts';
import './loaded.ts';

const START = Date.UTC(2026, 10, 20, 10);
const BOARD = 'simulated:inputs-board';
const signal = new AbortController().signal;

let names = 0;
let clock: VirtualClock;
let log: RecordLog;
let database: Database;
let registry: PortRegistry;
let station: Station;
let ports: readonly EnginePort[];
let gone: boolean;
let errors: unknown[];
let onChange: () => void;

beforeEach(async () => {
  const name = `inputs-${names++}`;
  clock = virtualClock(START);
  log = await openLog({ clock, name });
  database = connectDatabase(name);
  ports = await simulatedPorts(protocols.all, clock, () => ({ faults: {} }));
  gone = false;
  errors = [];
  onChange = () => undefined;
  await start();
});

afterEach(async () => {
  await clock.run(station.setInputs(undefined));
  await clock.run(clock.sleep(3000));
  log.close();
  database.close();
  expect(errors).toEqual([]);
});

/** A start of the program over the database as it is. */
async function start(): Promise<void> {
  registry = createPortRegistry({
    clock,
    present: () => (gone ? [] : ports),
    lost: () => [],
    onChange: () => undefined,
  });
  station = await openStation({
    clock,
    log,
    database,
    protocols,
    registry,
    traces: createTraceBook(clock),
    read: (request) => readMeter(request),
    onChange: () => onChange(),
    onError: (error) => errors.push(error),
  });
}

const read = async (address: string, set = {}) =>
  await clock.run(station.directRead(128, 'AIN_DIN', address, set, { signal }));

const draft = (address: string, change: Partial<MeterDraft> = {}): MeterDraft => ({
  port: 128,
  protocol: 'AIN_DIN',
  address,
  interval: '1M',
  ...change,
});

test('port 128 is read from a board that is heard all the time, without a turn at its port', async () => {
  expect(station.state().inputs).toBeUndefined();
  expect(await read('1/ADC/ABS')).toMatchObject({
    errorCode: 4,
    circumstances: { message: 'No inputs are connected to port 128.' },
  });
  await clock.run(station.setInputs({ portId: BOARD, settings: { low1: 0, high1: 1000 } }));
  const adc = await read('1/ADC/ABS');
  expect(adc).toMatchObject({ errorCode: 0, identification: '1/ADC/ABS' });
  expect((await read('1/ADC/CAL')).data).toBe(String(Math.round(Number((await read('1/ADC/ABS')).data) / 10)));
  expect((await read('2/DIN')).data).toMatch(/^[01]$/);
  expect(station.state().inputs).toMatchObject({ portId: BOARD, state: 'listening', text: 'Firmata 2.5, 20 pins' });
  // What a meter sets of itself goes before what the source says.
  expect((await read('1/ADC/CAL', { low1: 1022, high1: 1023 })).data).toBe('0');
  expect(await read('7/DIN')).toMatchObject({ errorCode: 8388610, identification: '' });
});

test('its counters go on after a restart, and after somebody else had the port', async () => {
  await clock.run(station.setInputs({ portId: BOARD, settings: {} }));
  await read('3/DIN');
  await clock.run(clock.sleep(12_000));
  const before = Number((await read('3/PULSE/ABS')).data);
  expect(before).toBeGreaterThanOrEqual(4);
  const turn = { rank: 'person', text: 'reading', signal } as const;
  await clock.run(registry.use(BOARD, turn, async () => await clock.sleep(5000)));
  const missed = await read('3/PULSE/ABS');
  expect(Number(missed.data)).toBeGreaterThanOrEqual(before);
  expect(missed.circumstances?.notes?.[0]).toContain('pulses of that time are missing');

  const stored = station.configuration.inputs;
  await clock.run(station.setInputs(undefined));
  await clock.run(clock.sleep(2000));
  await start();
  expect(station.configuration.inputs).toBeUndefined();
  await clock.run(station.setInputs(stored));
  expect(Number((await read('3/PULSE/ABS')).data)).toBeGreaterThanOrEqual(Number(missed.data));
  const old = station;
  await start();
  expect(station.configuration.inputs).toEqual(stored);
  // The program before was only stopped, wakes, and must not undo what the new one counts.
  await read('3/DIN');
  await clock.run(clock.sleep(10_000));
  const counts = Number((await read('3/PULSE/ABS')).data);
  expect(counts).toBeGreaterThan(Number(missed.data));
  const setting = old.inputs.setCounter({ input: 3, count: '1' });
  await expect(clock.run(setting)).rejects.toMatchObject({ code: 8388608 });
  expect(Number((await read('3/PULSE/ABS')).data)).toBeGreaterThanOrEqual(counts);
  await clock.run(old.setInputs(undefined));
  await clock.run(clock.sleep(2000));
  expect(new Set(errors.map(String))).toEqual(new Set(['Error: The inputs are counted by another window now.']));
  errors.length = 0;
});

test('other settings hold at once, and nothing that is heard is interrupted by them', async () => {
  await clock.run(station.setInputs({ portId: BOARD, settings: {} }));
  await read('1/ADC/ABS');
  const texts: string[] = [];
  onChange = () => texts.push(station.state().inputs?.text ?? '');
  await clock.run(station.setInputs({ portId: BOARD, settings: { low1: 1022, high1: 1023, threshold2: 1023 } }));
  expect((await read('1/ADC/CAL')).data).toBe('0');
  expect((await read('2/DIN')).data).toBe('0');
  expect((await read('3/PULSE/ABS')).circumstances?.notes).toBeUndefined();
  expect(new Set(texts)).toEqual(new Set(['Firmata 2.5, 20 pins']));
  // Another pin is told to the board, which need not begin anew for that.
  await clock.run(station.setInputs({ portId: BOARD, settings: { pin1: 4, pin3: 2 } }));
  await clock.run(clock.sleep(5000));
  expect(Number((await read('1/PULSE/ABS')).data)).toBeGreaterThanOrEqual(1);
  expect(texts.some((text) => text === 'waiting for the board')).toBe(false);
});

test('what cannot be heard is tried with other settings at once, or when somebody asks', async () => {
  await clock.run(station.setInputs({ portId: BOARD, settings: { adc1: 9 } }));
  expect(await read('1/ADC/ABS')).toMatchObject({ errorCode: 8388865 });
  await clock.run(clock.sleep(1000));
  expect(station.state().inputs).toMatchObject({ state: 'failed', text: expect.stringContaining('A9') as string });
  const before = clock.monotonic();
  await station.setInputs({ portId: BOARD, settings: {} });
  expect((await read('1/ADC/ABS')).errorCode).toBe(0);
  // As long as a board takes to begin, and not ten seconds more.
  expect(clock.monotonic() - before).toBeLessThan(6000);

  gone = true;
  registry.portsChanged();
  await clock.run(station.setInputs({ portId: 'nobody', settings: {} }));
  station.inputs.retry();
  expect(station.state().inputs?.state).toBe('port missing');
});

test('a page is told of live values a few times a second, and of nothing that did not change', async () => {
  await clock.run(station.setInputs({ portId: BOARD, settings: { constant3: 1000 } }));
  await read('3/DIN');
  const abort = new AbortController();
  const told: LiveInputs[] = [];
  const following = station.inputs.follow((live) => told.push(live), abort.signal);
  await clock.run(clock.sleep(10_000));
  expect(told.length).toBeGreaterThan(5);
  expect(told.length).toBeLessThanOrEqual(41);
  const [first, second, third] = told.at(-1)?.inputs ?? [];
  expect(first).toMatchObject({ input: 1, converter: { low: { key: 'low1', value: 0 }, high: { value: 1023 } } });
  expect(second?.isClosed).toEqual(expect.any(Boolean));
  expect(third).toMatchObject({
    part: 'A2 and digital pin 4 of the board',
    fields: ['constant3', 'unit3'],
    rate: { quantity: 'Power', unit: 'W', value: { coefficient: 1500, exponent: 0 } },
    amount: { quantity: 'Energy', unit: 'kWh' },
  });
  await clock.run(station.setInputs(undefined));
  await clock.run(clock.sleep(500));
  expect(told.at(-1)).toEqual({ isHeard: false, inputs: [] });
  const count = told.length;
  await clock.run(clock.sleep(5000));
  expect(told.length).toBe(count);
  abort.abort();
  await clock.run(following);
});

test('a counter goes on from what a person says, with the pulses that came meanwhile', async () => {
  await clock.run(station.setInputs({ portId: BOARD, settings: {} }));
  await read('3/DIN');
  const from = (await read('3/PULSE/ABS')).data;
  await clock.run(clock.sleep(6000));
  await clock.run(station.inputs.setCounter({ input: 3, count: '18446744073709551615', from }));
  const since = (await read('3/PULSE/ABS')).data;
  expect(['1', '2']).toContain(since);
  expect((await read('3/PULSE/REL')).data).toBe(String(Number(since) + 1));
  for (const count of ['18446744073709551616', '-1', '', '1.5'])
    await expect(clock.run(station.inputs.setCounter({ input: 3, count }))).rejects.toMatchObject({ code: 8388610 });
  await clock.run(station.setInputs(undefined));
  await expect(station.inputs.setCounter({ input: 3, count: '0' })).rejects.toThrow('No inputs are connected');
});

test('the schedule records inputs like meters', async () => {
  await clock.run(station.setInputs({ portId: BOARD, settings: { constant3: 1000 } }));
  expect(await station.add(draft('3/PULSE/REL'))).toEqual({ ok: true });
  expect(await station.add(draft('1/DIN', { port: 2 }))).toMatchObject({ ok: false });
  await read('3/DIN');
  await clock.run(station.setSchedule({ enabled: true }));
  for (let second = 0; second < 62; second++) {
    await clock.run(clock.sleep(1000));
    station.tick();
  }
  await clock.run(clock.sleep(1000));
  const records = (await log.oldest(100)).filter((record) => record.type === 'AMS');
  expect(records.length).toBe(1);
  expect(records[0]).toMatchObject({
    protocol: 'AIN_DIN',
    index: 1,
    errorCode: 0,
    identification: '3/PULSE/REL',
    data: expect.stringMatching(/^2\d$/) as string,
    port: 'Simulated: A/D inputs (Arduino)',
    circumstances: { meaning: { constant: 1000, unit: 'imp/kWh' } },
  });
});

test('a source that is not plugged in says so, and is heard when it comes', async () => {
  gone = true;
  await clock.run(station.setInputs({ portId: BOARD, settings: {} }));
  expect(station.state().inputs?.state).toBe('port missing');
  expect((await read('1/DIN')).errorCode).toBe(8388613);
  gone = false;
  registry.portsChanged();
  expect((await read('1/DIN')).errorCode).toBe(0);
});

test('what is no input is not read on port 128, nor an input elsewhere', async () => {
  const codes = [
    await clock.run(station.directRead(128, 'IEC62056-21', '', {}, { signal })),
    await clock.run(station.directRead(2, 'AIN_DIN', '1/DIN', {}, { signal })),
  ].map(({ errorCode }) => errorCode);
  expect(codes).toEqual([3, 3]);
});

test('the modem lines of an adapter are watched while another protocol has it', async () => {
  let pulses = 0;
  let wasHigh = false;
  const signals = (): Promise<ModemSignals> => {
    const at = clock.monotonic();
    return Promise.resolve({ cts: at % 1000 < 30, dsr: false, dcd: true, ri: false });
  };
  const port = scriptedPort(clock, { getSignals: signals, setSignals: () => Promise.resolve() }, { signals: true });
  ports = [{ port, clock }];
  await clock.run(station.setInputs({ portId: port.info.id, settings: { source: 'modem' } }));
  expect((await read('3/DIN')).data).toBe('1');
  const begun = Number((await read('1/PULSE/ABS')).data);
  const from = clock.monotonic();
  const turn = { rank: 'person', text: 'reading', signal } as const;
  await clock.run(
    registry.use(port.info.id, turn, async (seat) => {
      await seat.port.open({ baudRate: 300, dataBits: 8, stopBits: 1, parity: 'none' });
      await clock.sleep(10_000);
      await seat.port.close();
    }),
  );
  for (let at = from; at < clock.monotonic(); at++) {
    const isHigh = at % 1000 < 30;
    if (isHigh && !wasHigh && at > from) pulses++;
    wasHigh = isHigh;
  }
  expect(Number((await read('1/PULSE/ABS')).data) - begun).toBe(pulses);
});
