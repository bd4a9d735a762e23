import 'fake-indexeddb/auto';
import { expect, test, vi } from 'vitest';
import { changeBook } from './change-book.ts';
import { createEngine } from '../../../src/engine/engine.ts';
import { createProtocols } from '../../../src/protocols/registry.ts';
import { createLastingTraces } from '../../../src/engine/lasting-traces.ts';
import { createPortRegistry } from '../../../src/engine/port-registry.ts';
import type { StorageState } from '../../../src/engine/storage.ts';
import { systemClock } from '../../../src/common/clock.ts';
import { openLog } from '../../../src/log/ring.ts';

/** Parts of the engine that come with the first call which needs them. */

test('search and configuration of a bus are loaded anew after they could not be', async () => {
  let tries = 0;
  vi.doMock('../../../src/engine/bus.ts', () => {
    if (++tries === 1) throw new Error('offline');
    return { createBusHandlers: () => ({ findMeters: () => Promise.resolve('found') }) };
  });
  const log = await openLog({ clock: { now: () => 0 }, name: 'lazy-parts' });
  const unused = () => {
    throw new Error('not used');
  };
  const { handlers } = createEngine({
    now: () => 0,
    log,
    protocols: createProtocols([]),
    traces: createLastingTraces(systemClock, log, unused),
    faults: [],
    changes: changeBook(),
    registry: createPortRegistry({ clock: systemClock, present: () => [], lost: () => [], onChange: () => undefined }),
    memory: unused,
    settings: { get: unused },
    simulation: { get: () => ({ speed: 1, faults: {} }), set: unused },
    storage: () => ({}) as StorageState,
    ams: {
      readInputs: () => Promise.reject(new Error('not asked for')),
      state: unused,
      handlers: {} as Parameters<typeof createEngine>[0]['ams']['handlers'],
    },
    refreshPorts: () => Promise.resolve(),
  });
  const find = async () =>
    await handlers.findMeters(
      {} as Parameters<typeof handlers.findMeters>[0],
      {
        signal: new AbortController().signal,
        emit: () => undefined,
      } as unknown as Parameters<typeof handlers.findMeters>[1],
    );
  await expect(find()).rejects.toThrow();
  expect(await find()).toBe('found');
  expect(tries).toBe(2);
  log.close();
});
