import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { MeterDraft } from '../../../src/ams/meter.ts';
import { readMeterList } from '../../../src/archive/meter-list.ts';
import { createProtocols } from '../../../src/protocols/registry.ts';
import { traceOfRecord } from '../../../src/engine/trace-names.ts';
import { createTraceBook, type TraceBook } from '../../../src/engine/traces.ts';
import { createPortRegistry, type EnginePort, type PortRegistry } from '../../../src/engine/port-registry.ts';
import { readMeter } from '../../../src/engine/read-meter.ts';
import type { PortRead } from '../../../src/engine/list-reads.ts';
import { openStation, type Station } from '../../../src/engine/station.ts';
import { connectDatabase, type Database } from '../../../src/log/database.ts';
import type { AmsRecord } from '../../../src/log/record.ts';
import { openLog, type RecordLog } from '../../../src/log/ring.ts';
import { toLatin1 } from '../../../src/common/bytes.ts';
import type { Readout } from '../../../src/common/readout.ts';
import { iec62056 } from '../../../src/protocols/iec62056-21/index.ts';
import { simulatedPorts } from '../../../src/engine/simulated-ports.ts';
import { type VirtualClock, virtualClock } from '../../../src/simulator/virtual-clock.ts';
import './loaded.ts';
import { eventually } from '../eventually.ts';
import { turns } from './turns.ts';

const START = Date.UTC(2026, 10, 20, 10);
const MINUTE = 60_000;
const signal = new AbortController().signal;

let names = 0;
let clock: VirtualClock;
/** Milliseconds the wall clock of the device is off. */
let skew = 0;
let log: RecordLog;
let database: Database;
let station: Station;
let registry: PortRegistry;
let ports: readonly EnginePort[];
let unplugged: Set<string>;
let traces: TraceBook;
let asked: PortRead[];
/** What becomes of a read; really done unless a test says otherwise. */
let answer: (request: PortRead) => Promise<Readout>;
let errors: unknown[];
/** Told after every change, as the views are. */
let changed: () => void = () => undefined;

beforeEach(async () => {
  const name = `station-${names++}`;
  const time = virtualClock(START);
  skew = 0;
  clock = { ...time, now: () => time.now() + skew };
  log = await openLog({ clock, name });
  database = connectDatabase(name);
  await start();
});

afterEach(async () => {
  // What a reading taught is kept behind its caller's back.
  await turns();
  log.close();
  database.close();
  expect(errors).toEqual([]);
});

const newPorts = () => simulatedPorts([iec62056], clock, () => ({ faults: {} }));

/** A start of the program over the database as it is. */
async function start(): Promise<void> {
  unplugged = new Set();
  asked = [];
  traces = createTraceBook(clock);
  answer = (request) => readMeter(request);
  errors = [];
  changed = () => undefined;
  ports = await newPorts();
  registry = createPortRegistry({
    clock,
    present: () => ports.filter(({ port }) => !unplugged.has(port.info.id)),
    lost: () => [],
    onChange: () => changed(),
  });
  station = await openStation({
    clock,
    log,
    database,
    protocols: createProtocols([iec62056]),
    registry,
    traces,
    read: (request) => {
      asked.push(request);
      return answer(request);
    },
    onChange: () => changed(),
    onError: (error) => errors.push(error),
  });
}

const draft = (port: number, change: Partial<MeterDraft> = {}): MeterDraft => ({
  port,
  protocol: 'IEC62056-21',
  address: '',
  interval: '5M',
  ...change,
});

const bind = (number: number, meter: string) => station.bindPort(number, `simulated:${meter}`);

/** Lets the schedule look once a second for so long, and what it began come to its end. */
async function pass(ms: number): Promise<void> {
  for (const end = clock.now() + ms; clock.now() < end;) {
    await clock.run(clock.sleep(1000));
    station.tick();
  }
  await clock.run(untilIdle());
  await turns();
}

async function untilIdle(): Promise<void> {
  while (station.state().due > 0) await clock.sleep(1000);
}

/** Reads a meter of the list by hand and gives its record, which is in the log. */
async function recordOf(id: string): Promise<AmsRecord> {
  const result = await station.readNow(id, { signal });
  if (!result.kept) throw new Error(result.unkept.message);
  return result.record;
}

async function amsRecords(): Promise<readonly AmsRecord[]> {
  return (await log.oldest(1000)).filter((record) => record.type === 'AMS');
}

describe('the list', () => {
  test('a meter is added, changed, moved and removed, and is there after a restart', async () => {
    expect(await station.add(draft(1, { name: 'Cellar' }))).toEqual({ ok: true });
    await station.add(draft(2, { interval: '1h' }));
    await station.change('1', { place: 'Left of the door', signals: [{ code: '1.8.0', name: 'Total' }] });
    await station.move('2', 1);
    await start();
    expect(station.configuration.meters).toMatchObject([
      { id: '2', interval: '1H' },
      { id: '1', name: 'Cellar', place: 'Left of the door', signals: [{ code: '1.8.0', name: 'Total' }] },
    ]);
    expect(station.state().meters.map(({ index, state }) => [index, state])).toEqual([
      [1, 'off'],
      [2, 'off'],
    ]);
    await station.remove('2');
    await station.add(draft(3));
    expect(station.configuration.meters.map(({ id }) => id)).toEqual(['1', '3']);
  });

  test('what does not fit is refused with its reason, and nothing changes', async () => {
    expect(await station.add(draft(200))).toMatchObject({ ok: false, fault: { kind: 'port' } });
    expect(await station.add(draft(1, { protocol: 'LOTOS' }))).toMatchObject({
      ok: false,
      fault: { kind: 'protocol not built in' },
    });
    expect(await station.change('9', { name: 'x' })).toMatchObject({ ok: false, fault: { kind: 'no such meter' } });
    expect(station.configuration.meters).toEqual([]);
  });

  test('the sixty-fifth meter finds the list full, by hand and by file', async () => {
    for (let i = 0; i < 63; i++) await station.add(draft(1));
    const file = await station.exportMeters('json');
    expect(await station.importMeters((await readMeterList(file)).meters)).toMatchObject({
      added: 1,
      problems: { length: 62 },
    });
    expect(await station.add(draft(1))).toMatchObject({ ok: false, fault: { kind: 'list full' } });
  });

  test('meters of a file get numbers of their own', async () => {
    await station.add(draft(1, { name: 'A' }));
    await station.add(draft(1, { name: 'B' }));
    const file = await station.exportMeters('json');
    await station.clear();
    await station.add(draft(1, { name: 'C' }));
    await station.importMeters((await readMeterList(file)).meters);
    expect(station.configuration.meters.map(({ id, name }) => [id, name])).toEqual([
      ['3', 'C'],
      ['4', 'A'],
      ['5', 'B'],
    ]);
  });
});

describe('the schedule', () => {
  test('reads two meters on one port one after the other, and shows what came', async () => {
    await bind(1, 'fast-reaction');
    await station.add(draft(1));
    await station.add(draft(1, { interval: '10M' }));
    await station.setSchedule({ enabled: true });
    expect(station.state()).toMatchObject({ enabled: true, nextDue: START + 5 * MINUTE });
    await pass(10 * MINUTE);

    const records = await amsRecords();
    expect(records.map(({ meter, index, errorCode }) => [meter, index, errorCode]).sort()).toEqual(
      [
        [1, 1, 0],
        [1, 1, 0],
        [2, 2, 0],
        // Enabled on a slot of both, which is owed.
        [1, 1, 0],
        [2, 2, 0],
      ].sort(),
    );
    const { meters, nextDue } = station.state();
    expect(meters.map(({ state }) => state)).toEqual(['waiting', 'waiting']);
    expect(meters[0]?.last).toEqual({
      seq: records.filter(({ meter }) => meter === 1).at(-1)?.seq,
      time: records.filter(({ meter }) => meter === 1).at(-1)?.time,
      errorCode: 0,
    });
    expect(nextDue).toBe(START + 15 * MINUTE);
  });

  test('takes the number that a meter’s newest record tells, and leaves a given one alone', async () => {
    await bind(1, 'fast-reaction');
    await station.add(draft(1));
    await station.add(draft(1, { serialNumber: 'on the plate' }));
    const first = await clock.run(recordOf('1'));
    const { seq } = await clock.run(recordOf('2'));
    const numbers = () => station.configuration.meters.map(({ serialNumber }) => serialNumber);
    await station.noteNumber('2', seq, '31004711');
    // Of a record before the newest, and of a meter that is gone.
    await station.noteNumber('1', first.seq - 1, '04710815');
    await station.noteNumber('9', first.seq, '04710815');
    expect(numbers()).toEqual([undefined, 'on the plate']);
    await station.noteNumber('1', first.seq, '31004711');
    expect(numbers()).toEqual(['31004711', 'on the plate']);
    await station.change('1', { serialNumber: 'mended' });
    await station.noteNumber('1', first.seq, '31004711');
    expect(numbers()).toEqual(['mended', 'on the plate']);
  });

  test('a record keeps what was on the wire, of all tries, and one of what was missed keeps nothing', async () => {
    await bind(1, 'fast-reaction');
    await station.add(draft(1, { address: 'nobody', settings: { retries: 0 } }));
    await station.setSchedule({ enabled: true, retries: 1 });
    unplugged.add('simulated:fast-reaction');
    await pass(11 * MINUTE);
    unplugged.clear();
    await pass(MINUTE);
    await station.change('1', { address: '' });
    await clock.run(recordOf('1'));
    const records = await amsRecords();
    expect(records.map(({ errorCode }) => errorCode === 0 || errorCode === 4)).toEqual([true, false, true]);
    const [missed, failed, good] = records.map(({ seq }) => traces.find(traceOfRecord(log.generation, seq)));
    expect(missed).toBeUndefined();
    const opened = failed?.entries.filter(({ text }) => text.startsWith('open,'));
    expect(opened?.length).toBe(2);
    // By one clock: the second try came after the first.
    const times = failed?.entries.map(({ time }) => time) ?? [];
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(good?.startedAt).toBeGreaterThan(failed?.startedAt ?? Infinity);
    const received = good?.entries.filter(({ direction }) => direction === 'received') ?? [];
    expect(received.map(({ bytes }) => toLatin1(bytes)).join('')).toContain('1.8.0(');
  });

  test('an outage is closed in the log before its meter goes, is switched off or gets other slots', async () => {
    await bind(1, 'fast-reaction');
    for (let i = 0; i < 3; i++) await station.add(draft(1));
    await station.setSchedule({ enabled: true });
    await pass(MINUTE);
    unplugged.add('simulated:fast-reaction');
    await pass(11 * MINUTE);
    await station.remove('1');
    await station.change('2', { enabled: false });
    await station.change('3', { interval: '1H' });
    const outages = (await amsRecords()).filter(({ errorCode }) => errorCode === 4);
    expect(outages.map(({ meter, slots }) => [meter, slots?.count])).toEqual([
      [1, 2],
      [2, 2],
      [3, 2],
    ]);
  });

  test('an adapter that was out: the slot due is read late, those missed are one record with their count and span', async () => {
    await bind(1, 'fast-reaction');
    await station.add(draft(1));
    await station.setSchedule({ enabled: true });
    await pass(MINUTE);
    unplugged.add('simulated:fast-reaction');
    await pass(16 * MINUTE);
    expect(station.state().meters[0]?.state).toBe('port missing');
    unplugged.clear();
    await pass(4 * MINUTE);

    const records = await amsRecords();
    expect(records.map(({ errorCode }) => errorCode)).toEqual([0, 4, 0, 0]);
    expect(records[1]).toMatchObject({
      meter: 1,
      circumstances: {
        message: 'Port 1 was missing.',
        notes: ['2 readings missed, from 2026-11-20T10:05Z to 2026-11-20T10:10Z'],
      },
    });
  });

  test('a meter that stays at its first rate is asked to from then on, and when that was learnt is kept', async () => {
    await bind(1, 'stays-slow');
    await station.add(draft(1, { interval: '30M' }));
    await clock.run(recordOf('1'));
    await turns();
    expect(station.configuration.meters[0]?.learnt).toEqual({
      staysAtFirstRate: true,
      learnedAt: expect.any(Number) as number,
    });
    await start();
    const { circumstances } = await clock.run(recordOf('1'));
    expect(circumstances).toMatchObject({ baudRate: 300, attempts: 1 });
  });

  test('when a reading has ended the last thing told is that nothing waits', async () => {
    await bind(1, 'gas');
    await station.add(draft(1));
    const told: string[] = [];
    changed = () => {
      const { due, meters } = station.state();
      told.push(`${meters[0]?.state} ${due}`);
    };
    await station.setSchedule({ enabled: true });
    await pass(6 * MINUTE);
    expect(told).toContain('reading 1');
    expect(told.at(-1)).toBe('waiting 0');
  });
});

test('a clock set back is a record also while no meter is listed, once, and when the log takes it', async () => {
  const setBacks = async () => (await log.oldest(100)).flatMap((record) => (record.type === 'SYSTART' ? record : []));
  await pass(3000);
  const from = clock.now() + 1000;
  skew = -3 * 60 * MINUTE;
  const to = clock.now() + 1000;
  await pass(1000);
  await eventually(() => {
    station.tick();
    expect(log.count).toBe(1);
  });
  await pass(5000);
  expect(await setBacks()).toEqual([{ type: 'SYSTART', seq: 1, time: to / 1000, setBack: { from, to } }]);
});

describe('by hand', () => {
  test('a meter is read at once with its own settings and recorded under its number', async () => {
    await bind(4, 'gas');
    await station.add(draft(4, { settings: { closeDelayMs: 300, retries: 2 } }));
    const record = await clock.run(recordOf('1'));
    expect(record).toMatchObject({ type: 'AMS', meter: 1, index: 1, errorCode: 0, port: 'Simulated: Gas meter' });
    expect(asked[0]).toMatchObject({ target: { settings: { closeDelayMs: 300, retries: 2, baudRate: 300 } } });
    expect(station.state().meters[0]?.last?.seq).toBe(record.seq);
  });

  test('the number on its plate goes with every read, and another meter’s is not taken for it', async () => {
    await bind(1, 'three-phase');
    await station.add(draft(1, { serialNumber: '31004711' }));
    const record = await clock.run(recordOf('1'));
    expect(record).toMatchObject({ errorCode: 0, circumstances: { otherMeter: '04710815' } });
    await turns();
    expect(station.configuration.meters[0]?.serialNumber).toBe('31004711');
  });

  test('who waits for the port may give up, and the next one goes on', async () => {
    await bind(1, 'fast-reaction');
    for (let i = 0; i < 3; i++) await station.add(draft(1));
    const controller = new AbortController();
    const first = station.readNow('1', { signal });
    const second = station.readNow('2', { signal: controller.signal });
    const third = station.readNow('3', { signal });
    await clock.run(clock.sleep(1));
    expect(station.state().meters.map(({ state, waitsFor }) => [state, waitsFor])).toEqual([
      ['reading', undefined],
      ['queued', 'reading'],
      ['queued', 'reading'],
    ]);
    expect(station.state().due).toBe(3);
    controller.abort();
    await expect(second).rejects.toMatchObject({ name: 'AbortError' });
    expect(station.state().meters[1]?.state).toBe('off');
    await clock.run(Promise.all([first, third]));
    expect((await amsRecords()).map(({ meter }) => meter)).toEqual([1, 3]);
  });

  test('goes before what the schedule wants, and interrupts nothing', async () => {
    await bind(1, 'fast-reaction');
    for (let i = 0; i < 3; i++) await station.add(draft(1));
    await station.setSchedule({ enabled: true });
    station.tick();
    await clock.run(clock.sleep(500));
    const byHand = station.readNow('3', { signal });
    expect(station.state().meters.map(({ state }) => state)).toEqual(['reading', 'queued', 'queued']);
    await clock.run(byHand);
    await clock.run(untilIdle());
    const order = (await amsRecords()).map(({ meter, slots }) => [meter, slots ? 'schedule' : 'by hand']);
    expect(order).toEqual([
      [1, 'schedule'],
      [3, 'by hand'],
      [2, 'schedule'],
      [3, 'schedule'],
    ]);
  });

  test('goes in between two tries of the schedule, and the meter that is tried is shown as waiting then', async () => {
    await bind(1, 'fast-reaction');
    await station.add(draft(1, { address: 'nobody', settings: { retries: 0 } }));
    await station.add(draft(1, { enabled: false }));
    await station.setSchedule({ enabled: true, retries: 1 });
    station.tick();
    await clock.run(clock.sleep(500));
    const byHand = station.readNow('2', { signal });
    await clock.run(
      vi.waitUntil(
        async () => {
          await clock.sleep(100);
          return station.state().meters[1]?.state === 'reading';
        },
        { timeout: 60_000, interval: 0 },
      ),
    );
    expect(station.state().meters.map(({ state, waitsFor }) => [state, waitsFor])).toEqual([
      ['queued', 'reading'],
      ['reading', undefined],
    ]);
    await clock.run(byHand);
    await clock.run(untilIdle());
    expect((await amsRecords()).map(({ meter, circumstances }) => [meter, circumstances?.attempts])).toEqual([
      [2, 1],
      [1, 2],
    ]);
  });

  test('what waits for a port that is given another number is read through the port of its number now', async () => {
    await bind(1, 'fast-reaction');
    await bind(2, 'gas');
    await station.add(draft(1));
    await station.add(draft(1));
    const first = station.readNow('1', { signal });
    const second = station.readNow('2', { signal });
    await clock.run(clock.sleep(1));
    await station.change('2', { port: 2 });
    await clock.run(Promise.all([first, second]));
    expect(asked.map(({ portId }) => portId)).toEqual(['simulated:fast-reaction', 'simulated:gas']);
  });

  test('a port on which something hangs says so in list and record, and what was missed is one record when it is over', async () => {
    await bind(1, 'fast-reaction');
    await station.add(draft(1));
    const stop = new AbortController();
    const turn = { rank: 'person', text: 'checking the head', signal: stop.signal } as const;
    const hanging = registry.use('simulated:fast-reaction', turn, () => new Promise(() => undefined));
    await clock.run(clock.sleep(1));
    stop.abort();
    await expect(clock.run(hanging)).rejects.toMatchObject({ name: 'AbortError' });
    await clock.run(clock.sleep(20_000));
    await station.setSchedule({ enabled: true });
    expect(station.state().meters[0]?.state).toBe('port stuck');
    expect(registry.states().find(({ info }) => info.id === 'simulated:fast-reaction')).toMatchObject({
      state: 'stuck',
      text: 'stuck: unplug it and plug it in again',
    });
    expect(await clock.run(recordOf('1'))).toMatchObject({
      errorCode: 4,
      circumstances: { message: 'The port does not let go of what was stopped before.' },
    });
    await pass(12 * MINUTE);
    // Another object for the same adapter, as after it was plugged in anew.
    ports = await newPorts();
    registry.portsChanged();
    await pass(3 * MINUTE);
    const records = await amsRecords();
    expect(records.slice(1)).toMatchObject([
      {
        errorCode: 4,
        slots: { count: 1 },
        circumstances: {
          message: expect.stringContaining('Port 1 could not be used: The port does not let go') as string,
        },
      },
      { errorCode: 0, slots: { count: 1 } },
      { errorCode: 0, slots: { count: 1 } },
    ]);
  });

  test('a meter without an adapter says so in its record', async () => {
    await station.add(draft(9));
    const record = await clock.run(recordOf('1'));
    expect(record).toMatchObject({ errorCode: 3, circumstances: { message: 'There is no port 9 for IEC62056-21.' } });
  });

  test('read again within a second, it waits until the meter listens again, and takes no longer than that', async () => {
    await bind(1, 'fast-reaction');
    await station.add(draft(1));
    const first = await clock.run(recordOf('1'));
    const began = clock.now();
    const second = await clock.run(recordOf('1'));
    expect(second).toMatchObject({ errorCode: 0, circumstances: { attempts: 1 } });
    const took = clock.now() - began;
    expect(took).toBeLessThan((first.circumstances?.durationMs ?? 0) + 2000);
    expect(took).toBeGreaterThan(first.circumstances?.durationMs ?? Infinity);
    // Later there is nothing to wait for.
    await clock.run(clock.sleep(5000));
    const later = clock.now();
    await clock.run(recordOf('1'));
    expect(clock.now() - later).toBeLessThan(took);
  });

  test.each([
    ['the storage is full', new DOMException('no room', 'QuotaExceededError'), 'full'],
    ['it is larger than the log', new RangeError('a record of 70000 bytes does not fit'), 'refused'],
  ] as const)('a reading that cannot be kept, as %s, is handed over', async (_why, error, fault) => {
    await bind(4, 'gas');
    await station.add(draft(4));
    const append = vi.spyOn(log, 'append').mockRejectedValue(error);
    const result = await clock.run(station.readNow('1', { signal }));
    append.mockRestore();
    expect(result).toMatchObject({ kept: false, unkept: { fault, message: error.message } });
    if (result.kept) return;
    const { record } = result.unkept;
    expect(record).toMatchObject({ seq: 0, time: Math.floor(clock.now() / 1000), meter: 1, errorCode: 0 });
    expect(record.data).not.toBe('');
    expect(station.state().meters[0]?.last).toBeUndefined();
  });

  test('a meter that is not in the list cannot be read', async () => {
    await expect(station.readNow('7', { signal })).rejects.toThrow(/no longer in the list/);
  });
});

describe('direct read', () => {
  test('answers and records nothing', async () => {
    await bind(2, 'by-number');
    const readout = await clock.run(station.directRead(2, 'IEC62056-21', '421337', {}, { signal }));
    expect(readout).toMatchObject({ errorCode: 0, identification: 'ITSIM07' });
    expect(asked[0]?.memory).toBeUndefined();
    expect(log.count).toBe(0);
  });

  test('goes before what the schedule wants', async () => {
    await bind(1, 'fast-reaction');
    for (let i = 0; i < 3; i++) await station.add(draft(1));
    await station.setSchedule({ enabled: true });
    station.tick();
    await clock.run(clock.sleep(500));
    await clock.run(station.directRead(1, 'IEC62056-21', '', {}, { signal }));
    expect((await amsRecords()).map(({ meter }) => meter)).toEqual([1]);
    await clock.run(untilIdle());
    expect(log.count).toBe(3);
  });

  test.each([
    ['a protocol that is not built in', 2, 'NOSUCH', '', 3],
    ['A/D inputs, which this device has not', 128, 'AIN_DIN', '1/ADC/CAL', 3],
    ['a serial protocol on the port of the A/D inputs', 128, 'IEC62056-21', '', 3],
    ['a port beyond all there can be', 1000, 'IEC62056-21', '', 3],
    ['the port that is there from the start, as long as no adapter is', 1, 'IEC62056-21', '', 4],
    ['a port that is bound to nothing', 5, 'IEC62056-21', '', 3],
    ['an adapter that is not plugged in', 3, 'IEC62056-21', '', 4],
    ['an address nobody can send', 2, 'IEC62056-21', 'x'.repeat(40), 65538],
  ])('refuses %s', async (_, port, protocol, address, errorCode) => {
    await bind(2, 'by-number');
    await bind(3, 'gas');
    unplugged.add('simulated:gas');
    expect(await clock.run(station.directRead(port, protocol, address, {}, { signal }))).toMatchObject({ errorCode });
  });
});

test('ports: one number a port, and values are staged, saved and used', async () => {
  expect(await bind(1, 'gas')).toBe(true);
  expect(await bind(2, 'gas')).toBe(false);
  expect(await station.stagePortValue(1, 'BAUDRATE', 9600)).toBe(true);
  expect(await station.stagePortValue(1, 'PARITY', 7)).toBe(false);
  expect(station.state().ports[0]).toMatchObject({ active: { baudRate: 300 }, staged: { baudRate: 9600 } });
  await station.restartPort(1);
  await start();
  expect(station.state()).toMatchObject({
    ports: [{ number: 1, portId: 'simulated:gas', active: { baudRate: 9600 } }],
  });
  await station.bindPort(1, undefined);
  expect(station.state().ports[0]?.portId).toBeUndefined();
});

test('what was lost under the open program begins with its meter list, and no number stands for two meters', async () => {
  await bind(2, 'by-number');
  await station.add(draft(2));
  const [meter] = station.configuration.meters;
  await clock.run(station.readNow(meter?.id ?? '', { signal }));
  await turns();
  const { name } = await log.database.use((db) => Promise.resolve(db));
  await new Promise<void>((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(new Error('not deleted'));
  });
  await clock.run(station.readNow(meter?.id ?? '', { signal }));
  await turns();
  await start();
  expect(station.configuration).toMatchObject({ meters: [{ id: '1' }], nextMeterNumber: 2 });

  // The list alone is gone.
  await (await database.use((db) => Promise.resolve(db))).clear('settings');
  await start();
  await bind(2, 'by-number');
  await station.add(draft(2));
  expect(station.configuration).toMatchObject({ meters: [{ id: '2' }], nextMeterNumber: 3 });
});
