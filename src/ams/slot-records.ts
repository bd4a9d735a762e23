import type { MeterId } from '../common/kinds.ts';
import type { Readout } from '../common/readout.ts';
import type { NewRecord, SlotSpan } from '../log/record.ts';
import { reasons } from './absence.ts';
import { describeMissed } from './due.ts';
import { intervalMs } from './intervals.ts';
import { indexOfMeter } from './meter-list.ts';
import type { Meter } from './meter.ts';
import { createOutcomes } from './outcomes.ts';
import { NOT_STARTED } from './retries.ts';
import type { ScheduleHost } from './schedule-host.ts';
import type { SlotOutcome } from './slot-store.ts';
import { createStoreHealth, type StoreHealth } from './store-health.ts';

/** What becomes of slots, on its way into the log; and what is owed in the store and worked on by nobody. */
export interface SlotRecords {
  readonly health: StoreHealth;
  /** A slot of this meter is being claimed or was claimed, and its outcome is not on its way yet: until what is returned is called. */
  hold(meterId: MeterId): () => void;
  /** Of a meter as it is in the list now. */
  recordOf(meter: Meter, readout: Readout): Extract<NewRecord, { type: 'AMS' }>;
  /** Never rejects, and so the next one. */
  keep(record: NewRecord, meterId?: MeterId): Promise<void>;
  keepMissed(meterId: MeterId, slots: SlotSpan, reason: string): Promise<void>;
  storeFailed(error: unknown): void;
  /** Tries again what the store refused, and records what is owed in it. Never rejects. */
  catchUp(): Promise<void>;
  /** Once per start: what an owner that was killed had claimed and not finished. Never rejects. */
  recover(): Promise<void>;
}

/** 32 bits, in 2106. */
const MAX_TIME_STAMP = 0xffff_ffff;

export function createSlotRecords(host: Omit<ScheduleHost, 'takeTurn' | 'readMeter'>): SlotRecords {
  const { clock, store } = host;
  const outcomes = createOutcomes(host);
  const health = createStoreHealth(clock);
  const held = new Map<string, number>();
  /** Why something in the store may be owed that nobody here works on; undefined: nothing is. */
  let sweepReason: string | undefined;
  let sweeping = false;

  function storeFailed(error: unknown): void {
    // A claim may have gone through although it was reported as failed.
    sweepReason ??= reasons.storage;
    health.failed();
    host.onError(error);
  }

  function recordOf(meter: Meter, readout: Readout): Extract<NewRecord, { type: 'AMS' }> {
    const port = host.portLabel(meter.port);
    return {
      type: 'AMS',
      protocol: meter.protocol,
      index: indexOfMeter(host.meters(), meter.id),
      address: meter.address,
      ...readout,
      ...(port === undefined ? {} : { port }),
    };
  }

  async function keepMissed(meterId: MeterId, slots: SlotSpan, reason: string): Promise<void> {
    const meter = host.meters().find(({ id }) => id === meterId);
    const readout: Readout = {
      errorCode: NOT_STARTED,
      identification: '',
      data: '',
      circumstances: { message: reason, notes: [describeMissed(slots)] },
    };
    const record = meter
      ? recordOf(meter, readout)
      : ({ type: 'AMS', protocol: 'Unknown', index: 0, ...readout } as const);
    await keep({ ...record, slots }, meterId);
  }

  function keep(record: NewRecord, meterId?: MeterId): Promise<void> {
    const time = Math.floor(clock.now() / 1000);
    // A clock beyond all time stamps is for the log to deal with.
    return outcomes.keep(time >= 0 && time <= MAX_TIME_STAMP ? { ...record, time } : record, meterId);
  }

  async function catchUp(): Promise<void> {
    if (sweeping || (outcomes.waiting === 0 && sweepReason === undefined)) return;
    sweeping = true;
    try {
      await outcomes.retry();
      if (outcomes.waiting > 0) {
        // Perhaps more is owed than was kept in memory.
        sweepReason ??= reasons.storage;
        health.failed();
      } else if (sweepReason !== undefined) await sweep(sweepReason);
    } catch (error) {
      storeFailed(error);
    } finally {
      sweeping = false;
    }
  }

  async function sweep(reason: string): Promise<void> {
    const owed = await store.owed();
    const free = owed.filter(({ meterId }) => !held.has(meterId));
    for (const { meterId, slots } of joined(free, host.meters())) await keepMissed(meterId, slots, reason);
    sweepReason = free.length < owed.length || outcomes.waiting > 0 ? reasons.storage : undefined;
  }

  return {
    health,
    hold(meterId) {
      held.set(meterId, (held.get(meterId) ?? 0) + 1);
      return () => {
        const others = (held.get(meterId) ?? 0) - 1;
        if (others > 0) held.set(meterId, others);
        else held.delete(meterId);
      };
    },
    recordOf,
    keep,
    keepMissed,
    storeFailed,
    catchUp,
    async recover() {
      sweepReason = (host.absence ?? { unfinished: reasons.killed }).unfinished;
      await catchUp();
    },
  };
}

/** What is owed of a meter and follows each other without a break becomes one. */
function joined(owed: readonly SlotOutcome[], meters: readonly Meter[]): readonly SlotOutcome[] {
  const runs: SlotOutcome[] = [];
  for (const next of owed) {
    const before = runs.at(-1);
    const meter = meters.find(({ id }) => id === next.meterId);
    const follows =
      meter && before?.meterId === next.meterId && before.slots.last + intervalMs(meter.interval) === next.slots.first;
    if (!before || !follows) runs.push(next);
    else {
      const { first, count } = before.slots;
      runs.splice(-1, 1, { ...next, slots: { count: count + next.slots.count, first, last: next.slots.last } });
    }
  }
  return runs;
}
