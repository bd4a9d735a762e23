import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ReadEvent, ReadResult } from '../../../src/engine/api.ts';
import { changeBook } from './change-book.ts';
import { createEngine, type Engine } from '../../../src/engine/engine.ts';
import { createLastingTraces } from '../../../src/engine/lasting-traces.ts';
import { createPortRegistry, type PortRegistry } from '../../../src/engine/port-registry.ts';
import type { StorageState } from '../../../src/engine/storage.ts';
import type { AmsRecord } from '../../../src/log/record.ts';
import { openLog, type RecordLog } from '../../../src/log/ring.ts';
import type { Values } from '../../../src/common/form.ts';
import { protocols } from '../../../src/protocols/registry.ts';
import { simulatedPorts } from '../../../src/engine/simulated-ports.ts';
import { type VirtualClock, virtualClock } from '../../../src/simulator/virtual-clock.ts';
import './loaded.ts';
import { eventually } from '../eventually.ts';

/** Reading by hand, from the call to the record, on a port that others use too. */

const GAS = 'simulated:gas';

let names = 0;
let clock: VirtualClock;
let log: RecordLog;
let registry: PortRegistry;
let engine: Engine;

beforeEach(async () => {
  clock = virtualClock(Date.UTC(2026, 10, 20));
  log = await openLog({ clock, name: `by-hand-${names++}` });
  const ports = await simulatedPorts(protocols.all, clock, () => ({ faults: {} }));
  registry = createPortRegistry({ clock, present: () => ports, lost: () => [], onChange: () => engine.changed() });
  engine = createEngine({
    now: clock.now,
    log,
    registry,
    traces: createLastingTraces(clock, log, (error) => expect.fail(String(error))),
    faults: [],
    changes: changeBook(),
    protocols,
    settings: { get: () => Promise.resolve(undefined) },
    memory: () => ({ recall: () => undefined, remember: () => undefined }),
    simulation: { get: () => ({ speed: 1, faults: {} }), set: () => undefined },
    storage: () => ({}) as StorageState,
    ams: {
      readInputs: () => Promise.reject(new Error('not asked for')),
      state: () => ({}) as never,
      handlers: {} as never,
    },
    refreshPorts: () => Promise.resolve(),
  });
});

afterEach(() => log.close());

function read(settings: Values = {}) {
  const stop = new AbortController();
  const events: ReadEvent[] = [];
  const result = Promise.resolve(
    engine.handlers.read(
      { portId: GAS, protocol: 'IEC62056-21', address: '', settings },
      { signal: stop.signal, emit: (event) => void events.push(event) },
    ),
  );
  return { result, events, stop: () => stop.abort() };
}

const pass = (ms: number) => clock.run(clock.sleep(ms));
const codeOf = async (result: Promise<ReadResult>) => {
  const read = await clock.run(result);
  return read.kept ? read.record.errorCode : undefined;
};

test('says for what it waits, and that it waits no more; stopped while it waits it is answered at once', async () => {
  const first = read();
  const second = read();
  const third = read();
  await pass(1000);
  for (const { events } of [second, third]) expect(events).toEqual([{ kind: 'waits', forWhat: 'reading' }]);
  third.stop();
  const stoppedAt = clock.monotonic();
  await expect(clock.run(third.result)).rejects.toMatchObject({ name: 'AbortError' });
  expect(clock.monotonic()).toBe(stoppedAt);
  expect([await codeOf(first.result), await codeOf(second.result)]).toEqual([0, 0]);
  expect(second.events.slice(0, 2)).toEqual([{ kind: 'waits', forWhat: 'reading' }, { kind: 'waits' }]);
  expect(second.events.find(({ kind }) => kind === 'progress')).toBeDefined();
  expect(log.count).toBe(2);
});

test('stopped, it waits for no delay before the port is closed, which would pass for a port that hangs', async () => {
  const { result, stop } = read({ closeDelayMs: 60_000 });
  await pass(1500);
  stop();
  // The log writes in turns of the event loop, which the clock knows nothing of: it may be answered before that.
  await clock.run(result).catch(() => undefined);
  await eventually(() => expect(log.count).toBe(1));
  await pass(20_000);
  expect(registry.wireState(GAS)).toBeUndefined();
});

test('otherwise the port stays open for that delay', async () => {
  await codeOf(read().result);
  const usual = clock.monotonic();
  await codeOf(read({ closeDelayMs: 60_000 }).result);
  expect(clock.monotonic() - usual).toBeGreaterThan(60_000);
});

test('the head check is shown as what the port does', async () => {
  const check = engine.handlers.headCheck(
    { portId: GAS, test: 'listen' },
    { signal: new AbortController().signal, emit: () => undefined },
  );
  const { result, events } = read();
  await pass(10);
  expect(events).toEqual([{ kind: 'waits', forWhat: 'checking the head' }]);
  expect(registry.running).toEqual({ portId: GAS, text: 'checking the head' });
  await clock.run(Promise.resolve(check));
  expect(await codeOf(result)).toBe(0);
});

test('the record has what was on the wire', async () => {
  const { result } = read();
  const { record } = (await clock.run(result)) as { record: AmsRecord };
  const context = { signal: new AbortController().signal, emit: () => undefined };
  const trace = await engine.handlers.trace({ seq: record.seq }, context);
  expect(trace?.entries.some(({ direction }) => direction === 'received')).toBe(true);
  expect(await engine.handlers.trace({ seq: record.seq + 1 }, context)).toBeUndefined();
  expect(await engine.handlers.trace({ searchOn: GAS }, context)).toBeUndefined();
});
