import type { Meter } from '../../../src/ams/meter.ts';
import { createPortQueues } from '../../../src/ams/port-queues.ts';
import { type ScheduleHost, type SlotClaim, type SlotOutcome, type SlotStore } from '../../../src/ams/scheduler.ts';
import type { NewRecord } from '../../../src/log/record.ts';
import type { Readout } from '../../../src/protocols/common/readout.ts';
import { type VirtualClock, virtualClock } from '../../../src/simulator/virtual-clock.ts';

export const START = Date.UTC(2026, 10, 20);
export const MINUTE = 60_000;

/** The claims as a database would keep them; `settle` is what `append` does in the same transaction. */
export function memoryStore(): SlotStore & { settle(outcome: SlotOutcome): void } {
  const claimed = new Set<string>();
  const last = new Map<string, number>();
  const open = new Map<string, SlotClaim>();
  return {
    claim: (meterId, slot, missed) => {
      const key = `${meterId} ${slot}`;
      if (claimed.has(key)) return Promise.resolve(false);
      claimed.add(key);
      last.set(meterId, slot);
      open.set(key, missed ? { meterId, slot, missed } : { meterId, slot });
      return Promise.resolve(true);
    },
    lastSlot: (meterId) => Promise.resolve(last.get(meterId)),
    unsettled: () => Promise.resolve([...open.values()]),
    settle: ({ meterId, slot, missed }) => {
      const key = `${meterId} ${slot}`;
      if (!missed || missed.last === slot) open.delete(key);
      else open.set(key, { meterId, slot });
    },
  };
}

export function meterAt(port: number, id: string, change: Partial<Meter> = {}): Meter {
  return { id, port, protocol: 'IEC62056-21', address: id, interval: '1M', enabled: true, since: START, ...change };
}

export const good: Readout = { errorCode: 0, identification: 'ZPA', data: '1.8.0(1*kWh)\r\n' };

export interface World {
  readonly time: VirtualClock;
  readonly host: ScheduleHost;
  readonly store: ReturnType<typeof memoryStore>;
  readonly appended: { readonly record: NewRecord; readonly outcome: SlotOutcome }[];
  readonly reads: { readonly meterId: string; readonly slot: number; readonly at: number }[];
  readonly errors: unknown[];
  meters: readonly Meter[];
  enabledSince: number | undefined;
  retries: number;
  missingPorts: ReadonlySet<number>;
  /** Milliseconds the wall clock is off. */
  skew: number;
  read: (meter: Meter, slot: number, signal: AbortSignal) => Promise<Readout>;
}

/** A schedule's surroundings in memory and virtual time. */
export function createWorld(meters: readonly Meter[]): World {
  const time = virtualClock(START);
  const store = memoryStore();
  const world: World = {
    time,
    store,
    appended: [],
    reads: [],
    errors: [],
    meters,
    enabledSince: START,
    retries: 0,
    missingPorts: new Set(),
    skew: 0,
    read: () => Promise.resolve(good),
    host: {
      clock: { ...time, now: () => time.now() + world.skew },
      store,
      queues: createPortQueues(),
      meters: () => world.meters,
      enabledSince: () => world.enabledSince,
      retries: () => world.retries,
      portLabel: (port) => (world.missingPorts.has(port) ? undefined : `Port ${port}`),
      readMeter: (meter, slot, signal) => {
        world.reads.push({ meterId: meter.id, slot, at: world.host.clock.now() });
        return world.read(meter, slot, signal);
      },
      append: (record, outcome) => {
        world.appended.push({ record, outcome });
        store.settle(outcome);
        return Promise.resolve();
      },
      onError: (error) => world.errors.push(error),
    },
  };
  return world;
}
