import { setMaxListeners } from 'node:events';
import { generalErrors } from '../../../src/common/general-errors.ts';
import { iecErrors } from '../../../src/protocols/iec62056-21/errors.ts';
import { createTries } from '../../../src/common/tries.ts';
import { watchClock } from '../../../src/ams/clock-watch.ts';
import type { Meter } from '../../../src/ams/meter.ts';
import { oneSlot } from '../../../src/ams/due.ts';
import type { TimedRecord } from '../../../src/ams/outcomes.ts';
import type { ScheduleHost } from '../../../src/ams/schedule-host.ts';
import { AlreadySettled, stillOpen, type SlotOutcome, type SlotStore } from '../../../src/ams/slot-store.ts';
import type { SlotSpan } from '../../../src/log/record.ts';
import type { Turn } from '../../../src/ams/turns.ts';
import { createDesk } from '../../../src/engine/desk.ts';
import { PortError } from '../../../src/line/port.ts';
import type { Readout } from '../../../src/common/readout.ts';
import { type VirtualClock, virtualClock } from '../../../src/simulator/virtual-clock.ts';

export const START = Date.UTC(2026, 10, 20);
export const MINUTE = 60_000;

/** The claims as a database would keep them; `settle` is what `append` does in the same transaction. */
export function memoryStore(): SlotStore & { settle(outcome: SlotOutcome): void } {
  const claimed = new Map<string, Set<number>>();
  const last = new Map<string, number>();
  const open = new Map<string, readonly SlotSpan[]>();
  const claimsOf = (meterId: string) => claimed.get(meterId) ?? new Set();
  return {
    claim: (meterId, slot, missed) => {
      const claims = claimsOf(meterId);
      const won = !claims.has(slot);
      claimed.set(meterId, claims.add(slot));
      last.set(meterId, slot);
      const owed = won ? [...(missed ? [missed] : []), oneSlot(slot)] : [];
      open.set(meterId, [...(open.get(meterId) ?? []), ...owed]);
      return Promise.resolve(won);
    },
    lastSlot: (meterId) => Promise.resolve(last.get(meterId)),
    owed: () => Promise.resolve([...open].flatMap(([meterId, spans]) => spans.map((slots) => ({ meterId, slots })))),
    rewind: (meterId, now, lastSlot) => {
      for (const slot of claimsOf(meterId)) if (slot > now) claimsOf(meterId).delete(slot);
      last.set(meterId, lastSlot);
      return Promise.resolve();
    },
    isOwed: ({ meterId, slots }) => {
      const spans = open.get(meterId) ?? [];
      return Promise.resolve(stillOpen(spans, slots).length < spans.length);
    },
    settle: ({ meterId, slots }) => {
      open.set(meterId, stillOpen(open.get(meterId) ?? [], slots));
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
  readonly appended: { readonly record: TimedRecord; readonly meterId: string | undefined }[];
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

/** The turns of one window, as the engine's desk gives them. */
export function turnsOf(
  time: VirtualClock,
  desk = createDesk({ clock: time, portOf: () => time, onChange: () => undefined }),
) {
  return async (port: number, job: (turn: Turn) => Promise<void>, signal: AbortSignal): Promise<string | undefined> => {
    // All who wait for a port wait for the end of the schedule too, and leave when their turn comes.
    setMaxListeners(0, signal);
    try {
      await desk.use(`serial:${port}`, { rank: 'schedule', text: 'reading', signal }, job);
      return undefined;
    } catch (error) {
      if (error instanceof PortError) return error.message;
      throw error;
    }
  };
}

/** A schedule's surroundings in memory and virtual time. */
export function createWorld(meters: readonly Meter[]): World {
  const time = virtualClock(START);
  const store = memoryStore();
  let skew = 0;
  const clock = { ...time, now: () => time.now() + skew };
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
    get skew() {
      return skew;
    },
    set skew(ms) {
      skew = ms;
    },
    read: () => Promise.resolve(good),
    host: {
      clock,
      // One for each program, as each scheduler stands for one.
      get watch() {
        return watchClock(clock);
      },
      store,
      takeTurn: turnsOf(time),
      meters: () => world.meters,
      enabledSince: () => world.enabledSince,
      earOf: () => undefined,
      appendHeard: () => Promise.reject(new Error('Nothing is heard.')),
      triesFor: () => Promise.resolve(createTries(world.retries, [...generalErrors, ...iecErrors])),
      portLabel: (port) => (world.missingPorts.has(port) ? undefined : `Port ${port}`),
      readMeter: (meter, slot, { signal }) => {
        world.reads.push({ meterId: meter.id, slot, at: world.host.clock.now() });
        return world.read(meter, slot, signal);
      },
      append: async (record, meterId) => {
        const slots = record.type === 'AMS' ? record.slots : undefined;
        if (meterId !== undefined && slots) {
          if (!(await store.isOwed({ meterId, slots }))) throw new AlreadySettled();
          store.settle({ meterId, slots });
        }
        world.appended.push({ record, meterId });
      },
      onError: (error) => world.errors.push(error),
    },
  };
  return world;
}
