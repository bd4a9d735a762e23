import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import { changeBook } from './change-book.ts';
import { createEngine } from '../../../src/engine/engine.ts';
import type { AmsState } from '../../../src/engine/ams-api.ts';
import type { EngineState } from '../../../src/engine/api.ts';
import { createProtocols } from '../../../src/protocols/registry.ts';
import { createLastingTraces } from '../../../src/engine/lasting-traces.ts';
import { createPortRegistry } from '../../../src/engine/port-registry.ts';
import { applyChange, type StateChange } from '../../../src/engine/state-change.ts';
import type { StorageState } from '../../../src/engine/storage.ts';
import { systemClock } from '../../../src/common/clock.ts';
import { openLog } from '../../../src/log/ring.ts';

const METERS = 64;

function amsState(change: (index: number) => Partial<AmsState['meters'][number]>): AmsState {
  return {
    enabled: true,
    retries: 1,
    ports: [],
    listening: [],
    due: 0,
    meters: Array.from({ length: METERS }, (_, i) => ({
      meter: {
        id: String(i + 1),
        port: 1,
        protocol: 'MBUS',
        address: `*${String(i).padStart(8, '0')}`,
        interval: '15M',
        enabled: true,
        since: 0,
        name: `Flat ${i + 1}`,
        place: 'Cellar, second door on the left',
      },
      index: i + 1,
      state: 'waiting',
      ...change(i + 1),
    })),
  };
}

let logs = 0;

async function setUp() {
  const log = await openLog({ clock: { now: () => 1_800_000_000_000 }, name: `watch-${logs++}` });
  let ams = amsState(() => ({}));
  const engine = createEngine({
    now: () => 0,
    log,
    protocols: createProtocols([]),
    traces: createLastingTraces(systemClock, log, () => undefined),
    faults: [],
    changes: changeBook(),
    registry: createPortRegistry({ clock: systemClock, present: () => [], lost: () => [], onChange: () => undefined }),
    settings: { get: () => Promise.resolve(undefined) },
    memory: () => {
      throw new Error('not used');
    },
    simulation: { get: () => ({ speed: 1, faults: {} }), set: () => undefined },
    storage: () => ({}) as StorageState,
    ams: {
      readInputs: () => Promise.reject(new Error('not asked for')),
      state: () => ams,
      handlers: {} as Parameters<typeof createEngine>[0]['ams']['handlers'],
    },
    refreshPorts: () => Promise.resolve(),
  });
  const open = () => {
    const changes: StateChange[] = [];
    const controller = new AbortController();
    void engine.handlers.watch(undefined, {
      signal: controller.signal,
      emit: (change) => changes.push(structuredClone(change)),
    });
    const shown = () =>
      changes.reduce<unknown>((state, change) => applyChange(state, change), undefined) as EngineState;
    return { changes, shown, close: () => controller.abort() };
  };
  return {
    engine,
    log,
    open,
    setAms: (next: AmsState) => {
      ams = next;
      engine.changed();
    },
  };
}

test('watchers are told the whole once and then what changed, whenever they came', async () => {
  const { open, setAms, log, engine } = await setUp();
  const first = open();
  const whole = JSON.stringify(first.changes).length;
  setAms(amsState((index) => (index === 5 ? { state: 'reading' } : {})));
  const second = open();
  setAms(amsState((index) => (index === 5 ? { last: { seq: 1, time: 2, errorCode: 0 } } : {})));
  await log.append({ type: 'SYSTART' });
  engine.changed();
  expect(first.changes).toHaveLength(4);
  expect(second.changes).toHaveLength(3);
  for (const change of [...first.changes.slice(1), ...second.changes.slice(1)]) {
    expect(JSON.stringify(change).length).toBeLessThan(whole / 40);
  }
  expect(second.shown()).toEqual(first.shown());
  expect(first.shown()).toMatchObject({ records: { count: 1 } });
  expect(first.shown().ams.meters[4]).toMatchObject({ state: 'waiting', last: { seq: 1 } });
  first.close();
  second.close();
  setAms(amsState(() => ({ state: 'off' })));
  const third = open();
  expect(third.changes).toHaveLength(1);
  expect(third.shown().ams.meters[0]).toMatchObject({ state: 'off' });
  third.close();
  log.close();
});

test('the log takes no size that keeps nothing, and says the least', async () => {
  const { engine, log } = await setUp();
  const context = { signal: new AbortController().signal, emit: () => undefined };
  const before = log.capacityBytes;
  for (const bytes of [1, 0, -1, Number.NaN, Infinity, 2 ** 20 - 1, 2 ** 20 + 0.5]) {
    await expect(engine.handlers.setCapacity({ bytes }, context)).rejects.toThrow('The least is 1 MiB');
  }
  expect(log.capacityBytes).toBe(before);
  await engine.handlers.setCapacity({ bytes: 2 ** 20 }, context);
  expect(log.capacityBytes).toBe(2 ** 20);
  log.close();
});
