import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createProtocols, protocols } from '../../../src/protocols/registry.ts';
import type { Detection } from '../../../src/at/host.ts';
import { createBusDetection } from '../../../src/engine/bus-detection.ts';
import { createBusHandlers } from '../../../src/engine/bus.ts';
import type { ChangeRequest, FindEvent, FindMessage, FindRequest, FindResult } from '../../../src/engine/bus-api.ts';
import { mailbox } from '../../../src/rpc/rpc.ts';
import { traceOfSearch } from '../../../src/engine/trace-names.ts';
import { createTraceBook, type TraceBook } from '../../../src/engine/traces.ts';
import { createPortRegistry, type PortRegistry } from '../../../src/engine/port-registry.ts';
import type { Turn } from '../../../src/engine/seat.ts';
import { readMeter } from '../../../src/engine/read-meter.ts';
import { openStation, type Station } from '../../../src/engine/station.ts';
import { connectDatabase, type Database } from '../../../src/log/database.ts';
import { openLog, type RecordLog } from '../../../src/log/ring.ts';
import type { Readout } from '../../../src/common/readout.ts';
import { openLine } from '../../../src/line/open-line.ts';
import type { Port } from '../../../src/line/port.ts';
import { mbus } from '../../../src/protocols/mbus/index.ts';
import { selectSlave } from '../../../src/protocols/mbus/messages.ts';
import { simulatedPorts } from '../../../src/engine/simulated-ports.ts';
import { type VirtualClock, virtualClock } from '../../../src/simulator/virtual-clock.ts';
import { changeBook, type TestedBook } from './change-book.ts';
import './loaded.ts';

const HOUSE = 'simulated:mbus-house';
const signal = new AbortController().signal;
const settings = { get: () => Promise.resolve(undefined) };
const asking = { signal, onWait: () => undefined };

let clock: VirtualClock;
let registry: PortRegistry;
let traces: TraceBook;
let unplugged: Set<string>;
let changes: TestedBook;

beforeEach(async () => {
  clock = virtualClock(Date.UTC(2026, 10, 20, 10));
  unplugged = new Set();
  changes = changeBook(clock);
  traces = createTraceBook(clock);
  const ports = await simulatedPorts([mbus], clock, () => ({ faults: {} }));
  registry = createPortRegistry({
    clock,
    present: () => ports.filter(({ port }) => !unplugged.has(port.info.id)),
    lost: () => [],
    onChange: () => undefined,
  });
});

const secondary: FindRequest = {
  portId: HOUSE,
  protocol: 'MBUS',
  id: 'secondary',
  values: { rates: '2400' },
  settings: {},
};

/** Runs a search in virtual time; what it tells is in `events`. */
async function find(request: FindRequest, onEvent: (event: FindEvent) => void = () => undefined, stop = signal) {
  const handlers = createBusHandlers({ registry, protocols, traces, settings, changes });
  const events: FindEvent[] = [];
  const result = await clock.run(
    Promise.resolve(
      handlers.findMeters(request, {
        signal: stop,
        hear: () => undefined,
        emit: (event) => {
          events.push(event);
          onEvent(event);
        },
      }),
    ),
  );
  return { result, events, handlers };
}

describe('finding meters', () => {
  test('all seven of the house, the two of one number among them, each told at once', async () => {
    const { result, events } = await find(secondary);
    expect(result.outcome).toBe('complete');
    expect(result.problems).toEqual([]);
    expect(result.meters.map(({ number, facts }) => `${number} ${facts[0] ?? ''}`).sort()).toEqual([
      '00770041 LUG',
      '10230017 EMH',
      '20450088 ELS',
      '30001200 QDS',
      '40404040 SEN',
      '40404040 ZRI',
      '55500047 HYD',
    ]);
    expect(new Set(result.meters.map(({ address }) => address)).size).toBe(7);
    expect(events.filter(({ kind }) => kind === 'found')).toHaveLength(7);
    const last = events.findLast((event) => event.kind === 'progress');
    expect(last?.progress.effort).toMatch(/^\d+ selections · 2400 Bd$/);
    expect(result.effort).toMatch(/^\d+ selections$/);
    expect(result.wireMs).toBeGreaterThan(1000);
  });

  test('by primary address, where two at one address are a problem in words that survives the way between workers', async () => {
    const { result, events } = await find({ ...secondary, id: 'primary' });
    expect(result.meters.map(({ listed }) => listed.primaryAddress)).toEqual([0, 1, 3, 5, 12]);
    expect(result.problems).toEqual([expect.objectContaining({ address: '20', code: 131094 })]);
    expect(structuredClone(events)).toEqual(events);
  });

  test('only what a mask means', async () => {
    const { result } = await find({ ...secondary, values: { rates: '2400', mask: ' 4fffffff ' } });
    expect(result.meters.map(({ facts }) => facts[0]).sort()).toEqual(['SEN', 'ZRI']);
  });

  test('stopped: what was found so far stays, and the port is free again', async () => {
    const stop = new AbortController();
    const { result } = await find(secondary, (event) => event.kind === 'found' && stop.abort(), stop.signal);
    expect(result).toMatchObject({ outcome: 'stopped', problems: [] });
    expect(result.meters).toHaveLength(1);
    expect(registry.running).toBeUndefined();
  });

  test('held and let go on; the pause is no wire time', async () => {
    const whole = (await find(secondary)).result;
    const handlers = createBusHandlers({ registry, protocols, traces, settings, changes });
    const kinds: string[] = [];
    const { deliver, hear } = mailbox<FindMessage>();
    let wait: Promise<void> = Promise.resolve();
    const search = handlers.findMeters(secondary, {
      signal,
      hear,
      emit: (event) => {
        kinds.push(event.kind);
        if (kinds.length === 5) deliver({ paused: true });
        if (event.kind === 'paused') wait = clock.sleep(3_600_000).then(() => deliver({ paused: false }));
      },
    });
    const began = clock.monotonic();
    const result = await clock.run(Promise.resolve(search), 3 * 3_600_000);
    await wait;
    expect(kinds.filter((kind) => kind === 'paused' || kind === 'resumed')).toEqual(['paused', 'resumed']);
    expect(result.meters).toHaveLength(7);
    expect(clock.monotonic() - began).toBeGreaterThan(3_600_000);
    expect(result.wireMs).toBeLessThan(whole.wireMs + 2000);
  });

  test('what was on the wire is kept of the last search on the port, of one that was stopped too', async () => {
    await find({ ...secondary, values: { rates: '2400', mask: '4FFFFFFF' } });
    const whole = traces.find(traceOfSearch(HOUSE))?.entries.length ?? 0;
    expect(whole).toBeGreaterThan(20);
    const stop = new AbortController();
    await find(secondary, (event) => event.kind === 'found' && stop.abort(), stop.signal);
    const stopped = traces.find(traceOfSearch(HOUSE))?.entries ?? [];
    expect(stopped.filter(({ direction }) => direction === 'sent').length).toBeGreaterThan(2);
    expect(stopped.length).not.toBe(whole);
  });

  describe('a reading that comes in between', () => {
    const read = (rank: Turn['rank'], address = '*55500047') =>
      registry.use(HOUSE, { rank, text: 'reading', signal }, (seat) =>
        readMeter({
          protocol: mbus,
          seat,
          target: { address, settings: {} },
          onTrace: () => undefined,
        }),
      );

    const found = ({ meters }: FindResult) => meters.map(({ address }) => address).sort();

    test.each(['secondary', 'primary'] as const)(
      'has the line, and the search by %s address misses nothing',
      async (kind) => {
        const quiet = (await find({ ...secondary, id: kind })).result;
        const readings: Promise<unknown>[] = [];
        let progress = 0;
        const { result, events } = await find({ ...secondary, id: kind }, (event) => {
          if (event.kind !== 'progress' || ++progress % 20 !== 10) return;
          readings.push(
            read('schedule').then(() => 'scheduled'),
            read('person', '*10230017'),
          );
        });
        expect(found(result)).toEqual(found(quiet));
        expect(result.problems).toEqual(quiet.problems);
        expect(readings.length).toBeGreaterThan(3);
        const answers = await clock.run(Promise.all(readings));
        expect(answers.filter((answer) => answer !== 'scheduled')).toEqual(
          Array(readings.length / 2).fill(expect.objectContaining({ errorCode: 0 })),
        );
        const order = events.map(({ kind: told }) => told).filter((told) => told === 'lent' || told === 'back');
        expect(order.length).toBeGreaterThanOrEqual(readings.length / 2);
        expect(order.filter((_, i) => i % 2 === 0)).toEqual(Array(order.length / 2).fill('lent'));
        // What others had of the line is no time of the search.
        expect(result.wireMs).toBeLessThan(quiet.wireMs * 1.2);
      },
    );

    test('may leave a meter selected: nothing that was said before is trusted', async () => {
      const port = () => registry.find(HOUSE)?.port as Port;
      let guests = 0;
      const { result } = await find(secondary, (event) => {
        if (event.kind !== 'progress' || guests++ > 5) return;
        void registry.use(HOUSE, { rank: 'schedule', text: 'reading', signal }, async (seat) => {
          const line = await openLine(port(), { baudRate: 2400, framing: '8E1', clock });
          await line.write(selectSlave({ identification: '55500047' }));
          await clock.sleep(300);
          await seat.close(() => line.close());
        });
      });
      expect(guests).toBeGreaterThan(5);
      expect(result.meters).toHaveLength(7);
      expect(result.problems).toEqual([]);
    });

    test('has it while the search is held, too', async () => {
      const { deliver, hear } = mailbox<FindMessage>();
      let answer: unknown;
      const search = createBusHandlers({ registry, protocols, traces, settings, changes }).findMeters(secondary, {
        signal,
        hear,
        emit(event) {
          if (event.kind === 'found' && !answer) deliver({ paused: true });
          if (event.kind !== 'paused' || answer) return;
          answer = 'asked';
          void clock
            .sleep(60_000)
            .then(() => read('schedule'))
            .then((readout) => {
              answer = readout;
              deliver({ paused: false });
            });
        },
      });
      const { meters, outcome } = await clock.run(Promise.resolve(search));
      expect(answer).toMatchObject({ errorCode: 0 });
      expect([outcome, meters.length]).toEqual(['complete', 7]);
    });

    test('keeps it when the search is stopped meanwhile, which is answered at once with what was found', async () => {
      const stop = new AbortController();
      let reading: Promise<Readout> | undefined;
      let stoppedAt = 0;
      const { result } = await find(
        secondary,
        (event) => {
          if (event.kind === 'found') reading ??= read('schedule');
          if (event.kind !== 'lent') return;
          void clock.sleep(200).then(() => {
            stoppedAt = clock.monotonic();
            stop.abort();
          });
        },
        stop.signal,
      );
      expect(clock.monotonic()).toBe(stoppedAt);
      expect(result.outcome).toBe('stopped');
      expect(result.meters.length).toBeGreaterThan(0);
      expect(await clock.run(reading as Promise<Readout>)).toMatchObject({ errorCode: 0 });
      expect(registry.running).toBeUndefined();
    });
  });

  test('waits for its turn and says for what; stopped then, it is answered at once', async () => {
    let end: () => void = () => undefined;
    const before = registry.use(HOUSE, { rank: 'schedule', text: 'reading', signal }, () => {
      return new Promise<void>((resolve) => (end = resolve));
    });
    const stop = new AbortController();
    const events: FindEvent[] = [];
    const search = createBusHandlers({ registry, protocols, traces, settings, changes }).findMeters(secondary, {
      signal: stop.signal,
      hear: () => undefined,
      emit: (event) => events.push(event),
    });
    await clock.run(clock.sleep(60_000));
    expect(events).toEqual([{ kind: 'waits', forWhat: 'reading' }]);
    stop.abort();
    await expect(search).rejects.toMatchObject({ name: 'AbortError' });
    end();
    await clock.run(before);
    expect(registry.wireState(HOUSE)).toBeUndefined();
  });

  test('a port that is not there rejects', async () => {
    unplugged.add(HOUSE);
    await expect(find(secondary)).rejects.toThrow('not plugged in');
  });
});

describe('changing a meter', () => {
  const moved = { id: 'primary address', address: '3', values: { newAddress: 77 }, settings: {} };
  const request = { portId: HOUSE, protocol: 'MBUS', ...moved };

  const change = (whole: ChangeRequest) =>
    clock.run(
      Promise.resolve(
        createBusHandlers({ registry, protocols, traces, settings, changes }).changeMeterItself(whole, {
          signal,
          emit: () => undefined,
        }),
      ),
    );

  test('waits for its turn, and nothing is sent where that is given up', async () => {
    let end: () => void = () => undefined;
    const before = registry.use(HOUSE, { rank: 'person', text: 'reading', signal }, () => {
      return new Promise<void>((resolve) => (end = resolve));
    });
    const stop = new AbortController();
    const events: unknown[] = [];
    const changing = createBusHandlers({ registry, protocols, traces, settings, changes }).changeMeterItself(request, {
      signal: stop.signal,
      emit: (event) => events.push(event),
    });
    await clock.run(clock.sleep(1000));
    expect(events).toEqual([{ kind: 'waits', forWhat: 'reading' }]);
    stop.abort();
    await expect(changing).rejects.toMatchObject({ name: 'AbortError' });
    end();
    await clock.run(before);
    expect(registry.wireState(HOUSE)).toBeUndefined();
  });

  test('says how far it came when it is stopped on its way, however long that takes', async () => {
    const stop = new AbortController();
    const { plan } = await change(request);
    const changing = createBusHandlers({ registry, protocols, traces, settings, changes }).changeMeterItself(
      { ...request, ...(plan ? { plan } : {}) },
      { signal: stop.signal, emit: () => undefined },
    );
    await clock.run(clock.sleep(1500));
    stop.abort();
    const { errorCode, frames } = await clock.run(Promise.resolve(changing));
    expect(errorCode).not.toBe(0);
    expect(frames.length).toBeGreaterThan(0);
  });

  test('a new primary address is where the meter answers afterwards', async () => {
    const proved = await change(request);
    expect(proved).toMatchObject({ errorCode: 0, plan: { meter: 'HYD 55500047, water, version 42' } });
    // Nobody at the new address, one meter at the old one.
    const before = ['– silence, as expected', '– silence, as expected', '✓ acknowledged', '✓ one meter'];
    expect(proved.frames.map(({ answer }) => answer)).toEqual(before);
    expect(proved.frames.some(({ isCommand }) => isCommand)).toBe(false);
    if (!proved.plan) throw new Error('not proved');

    const made = await change({ ...request, plan: proved.plan });
    expect(made).toMatchObject({ errorCode: 0, headline: 'The meter now answers at 77.' });
    // The command, and the same meter at the new address.
    expect(made.frames.map(({ answer }) => answer)).toEqual([...before, '✓ acknowledged', '✓ one meter']);
    expect(made.frames.filter(({ isCommand }) => isCommand)).toHaveLength(1);
    const { result } = await find({ ...secondary, values: { rates: '2400', mask: '55500047' } });
    expect(result.meters[0]?.listed.primaryAddress).toBe(77);
    // Nobody is at the old one any more.
    const reset = await change({ ...request, id: 'application reset', values: {} });
    expect(reset).toMatchObject({ errorCode: 131082, headline: 'Nothing was changed.' });
    expect(reset.plan).toBeUndefined();
  });
});

describe('AT^SCAMSADD', () => {
  let names = 0;
  let log: RecordLog;
  let database: Database;
  let station: Station;
  let isOver = false;
  const request: Detection = { port: 2, protocol: 'MBUS', baudRate: 2400, interval: '2H', expectedCount: 7 };

  beforeEach(async () => {
    isOver = false;
    const name = `bus-${names++}`;
    log = await openLog({ clock, name });
    database = connectDatabase(name);
    station = await openStation({
      clock,
      log,
      database,
      protocols: createProtocols([mbus]),
      registry,
      traces,
      read: (read) => readMeter(read),
      onChange: () => undefined,
      onError: (error) => {
        if (!isOver) throw error;
      },
    });
    await station.bindPort(2, HOUSE);
    await station.add({ port: 2, protocol: 'MBUS', address: '9', interval: '1H' });
    await log.append({ type: 'SYSTART' });
  });

  afterEach(async () => {
    // The number a first reading tells is kept behind its caller's back, and may come too late.
    isOver = true;
    log.close();
    database.close();
  });

  const detect = (changes: Partial<Detection> = {}) =>
    drive(
      createBusDetection({ station, log, registry, protocols, traces, onError: () => undefined })(
        { ...request, ...changes },
        asking,
      ),
    );

  /** Lets virtual time pass second by second: the database works in turns of the event loop, which no clock knows of. */
  async function drive<T>(promise: Promise<T>): Promise<T> {
    let running = true;
    const ended = promise.finally(() => {
      running = false;
    });
    ended.catch(() => undefined);
    while (running) {
      await clock.run(clock.sleep(1000));
      await new Promise((resolve) => setTimeout(resolve));
    }
    return await ended;
  }

  test('empties list and log, finds all and adds them by secondary address with their rate', async () => {
    const { errorCode, found } = await detect();
    expect(errorCode).toBe(0);
    expect(found).toHaveLength(7);
    expect(log.count).toBe(0);
    const { meters } = station.configuration;
    expect(meters).toHaveLength(7);
    expect(meters.map(({ address }) => address)).toContain('*00770041@2400');
    expect(meters.every(({ port, interval }) => port === 2 && interval === '2H')).toBe(true);
    const [first] = meters;
    const reading = await drive(station.readNow(first?.id ?? '', asking));
    expect(reading).toMatchObject({ kept: true, record: { errorCode: 0 } });
  });

  test('another number than expected is told with what was found', async () => {
    const { errorCode, found } = await detect({ expectedCount: 8 });
    expect([errorCode, found.length]).toEqual([65286, 7]);
    expect(station.configuration.meters).toHaveLength(7);
  });

  test.each([
    ['another protocol', { protocol: 'IEC62056-21' }, 65289],
    ['more than the list holds', { expectedCount: 65 }, 65281],
    ['a port without an adapter', { port: 1 }, 65282],
  ] as const)('%s is refused, and nothing is deleted', async (_what, changes, code) => {
    expect(await detect(changes)).toEqual({ errorCode: code, found: [] });
    expect(log.count).toBe(1);
    expect(station.configuration.meters).toHaveLength(1);
  });
});
