import type { MeterId, Milliseconds } from '../common/kinds.ts';
import type { SlotSpan } from '../log/record.ts';
import type { Absences } from './absences.ts';
import type { Claims } from './claims.ts';
import { dueSlot, oneSlot } from './due.ts';
import type { Meter } from './meter.ts';
import { readWithRetries } from './retries.ts';
import type { ScheduleHost } from './schedule-host.ts';
import type { SlotRecords } from './slot-records.ts';
import type { Turn } from './turns.ts';

/** The slots of meters that are asked: each waits for its port, and is read. */
export interface AskedSlots {
  /** The meter has a slot due that is not dealt with. */
  look(meter: Meter, now: Milliseconds): void;
  /** Does this meter wait for its port, or is it being read? */
  stateOf(meterId: MeterId): 'queued' | 'reading' | undefined;
  idle(): Promise<void>;
}

export interface AskedParts<T extends Turn> {
  readonly host: Pick<
    ScheduleHost<T>,
    'clock' | 'earOf' | 'meters' | 'portLabel' | 'takeTurn' | 'triesFor' | 'readMeter'
  >;
  readonly claims: Claims;
  readonly records: SlotRecords;
  readonly absences: Absences;
  readonly stopping: AbortSignal;
}

export function createAskedSlots<T extends Turn>(parts: AskedParts<T>): AskedSlots {
  const { host, claims, records, absences, stopping } = parts;
  const { clock } = host;
  /** Meters that wait or are being read, with the slot they were queued for. */
  const queued = new Map<string, number>();
  /** Those that have their turn. */
  const reading = new Set<string>();
  /** Meters between two tries whose port is lent to others. */
  const lent = new Set<string>();
  /** Readings that wait or run. */
  const running = new Set<Promise<void>>();
  /** When the last reading of a meter ended. */
  const endedAt = new Map<string, number>();

  async function waitAndRead(meter: Meter): Promise<void> {
    // Before the port tells that it is free: what it tells must not be "waits for its port".
    const job = (turn: T) => readDue(meter, turn).finally(() => queued.delete(meter.id));
    try {
      const refusal = await host.takeTurn(meter.port, job, stopping);
      if (refusal === undefined) return;
      queued.delete(meter.id);
      absences.note(meter.id, `Port ${meter.port} could not be used: ${refusal}`);
    } catch (error) {
      queued.delete(meter.id);
      if (!stopping.aborted) records.storeFailed(error);
    }
  }

  /** The list, the clock and the ports may have changed while the meter waited for its port. */
  async function readDue(asQueued: Meter, turn: T): Promise<void> {
    const meter = host.meters().find(({ id }) => id === asQueued.id);
    if (!meter || meter.port !== asQueued.port || host.portLabel(meter.port) === undefined) return;
    if (host.earOf(meter)) return;
    const letGo = records.hold(meter.id);
    reading.add(meter.id);
    try {
      const due = await claims.claimDue(meter);
      if (!due) return;
      const { slot, missed } = due;
      if (missed) await records.keepMissed(meter.id, missed, absences.reasonFor(meter, missed, wasBusy(meter, missed)));
      absences.forget(meter.id);
      const tries = await host.triesFor(meter);
      const readout = await readWithRetries(() => host.readMeter(meter, slot, turn, tries), {
        tries,
        clock,
        signal: turn.signal,
        async rest() {
          lent.add(meter.id);
          await turn.rest().finally(() => lent.delete(meter.id));
        },
      });
      endedAt.set(meter.id, clock.now());
      await records.keep({ ...records.recordOf(meter, readout), slots: oneSlot(slot) }, meter.id);
    } finally {
      reading.delete(meter.id);
      letGo();
    }
  }

  const wasBusy = ({ id }: Meter, missed: SlotSpan) =>
    missed.last >= (queued.get(id) ?? Infinity) || missed.first <= (endedAt.get(id) ?? -Infinity);

  return {
    look(meter, now) {
      if (queued.has(meter.id)) return;
      if (host.portLabel(meter.port) === undefined) return absences.note(meter.id, `Port ${meter.port} was missing.`);
      queued.set(meter.id, dueSlot(meter.interval, now));
      const reading = waitAndRead(meter).finally(() => running.delete(reading));
      running.add(reading);
    },
    stateOf(meterId) {
      if (!queued.has(meterId)) return undefined;
      return reading.has(meterId) && !lent.has(meterId) ? 'reading' : 'queued';
    },
    async idle() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
