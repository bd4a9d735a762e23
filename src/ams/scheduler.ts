import type { NewRecord, SlotSpan } from '../log/record.ts';
import type { Clock } from '../common/clock.ts';
import type { Tries } from '../common/tries.ts';
import type { Readout } from '../common/readout.ts';
import { absenceReason, reasons } from './absence.ts';
import type { ClockWatch, SetBack } from './clock-watch.ts';
import { CLOCK_CORRECTION_MS, describeMissed, type Due, dueOf, dueSlot, oneSlot } from './due.ts';
import { indexOfMeter } from './meter-list.ts';
import type { Meter } from './meter.ts';
import { intervalMs } from './intervals.ts';
import { createOutcomes, type OutcomeHost } from './outcomes.ts';
import { NOT_STARTED, readWithRetries } from './retries.ts';
import type { SlotOutcome, SlotStore } from './slot-store.ts';
import { createStoreHealth } from './store-health.ts';
import type { TakeTurn, Turn } from './turns.ts';

/**
 * The schedule as data, not timers: `tick` may be called at any time and by anybody; a slot is claimed in the
 * store before it is read, so every slot of every meter gets exactly one outcome: a reading (good or failed), or a place
 * in the one record that tells of an outage. Only where the clock was set back a slot comes, and is read, again.
 */
export interface ScheduleHost<T extends Turn = Turn> extends OutcomeHost {
  readonly clock: Clock;
  /** Of the same clock, and older than the schedule: what it saw before is recorded too. */
  readonly watch: ClockWatch;
  readonly store: SlotStore;
  readonly takeTurn: TakeTurn<T>;
  meters(): readonly Meter[];
  /** When the schedule was switched on, milliseconds; undefined while it is off. */
  enabledSince(): number | undefined;
  /** The account of repetitions of one reading of this meter. */
  triesFor(meter: Meter): Promise<Tries>;
  /** Label of the port bound to a number; undefined while it is missing. */
  portLabel(port: number): string | undefined;
  readMeter(meter: Meter, slot: number, turn: T, tries: Tries): Promise<Readout>;
  /** What was the matter before this program started; unless told, that no window was open. */
  readonly absence?: { readonly missed: string; readonly unfinished: string };
}

export interface Scheduler {
  /** Asks for a turn for every meter that has a slot due, and whose port is there. Returns at once. */
  tick(now?: number): void;
  /** Once per start, before the first tick: records what an owner that was killed had claimed and not finished. Never rejects. */
  recover(): Promise<void>;
  /**
   * Before meters are removed, switched off or given other slots: records what they are owed until now. A slot that is
   * being read keeps its reading. Rejects when the store fails; then nothing should be changed.
   */
  closeOutages(meterIds: readonly string[]): Promise<void>;
  /** Is this meter due and waiting for its port, or being read? Undefined: neither. */
  stateOf(meterId: string): 'queued' | 'reading' | undefined;
  /** Resolves once nothing runs or waits. */
  idle(): Promise<void>;
  /** Ends the running readings and starts no more. */
  stop(): Promise<void>;
}

export { reasons } from './absence.ts';

/** 32 bits, in 2106. */
const MAX_TIME_STAMP = 0xffff_ffff;

export function createScheduler<T extends Turn>(host: ScheduleHost<T>): Scheduler {
  const { clock, watch, store } = host;
  const { absence = { missed: reasons.closed, unfinished: reasons.killed } } = host;
  const stopping = new AbortController();
  const outcomes = createOutcomes(host);
  /** Meters that wait or are being read, with the slot they were queued for. */
  const queued = new Map<string, number>();
  /** Meters whose slot is being claimed or was claimed, and whose outcome is not on its way yet. */
  const inHand = new Set<string>();
  /** Meters between two tries whose port is lent to others. */
  const lent = new Set<string>();
  /** Readings that wait or run. */
  const running = new Set<Promise<void>>();
  /** The slot already dealt with, so that a tick costs no look into the store. */
  const dealtWith = new Map<string, number>();
  /** When the last reading of a meter ended. */
  const endedAt = new Map<string, number>();
  /** Why a meter that was due could not have its port, in words. */
  const withoutPort = new Map<string, string>();
  /** Why something in the store may be owed that nobody here works on; undefined: nothing is. */
  let sweepReason: string | undefined;
  let sweeping = false;
  let setBacks: Promise<void> = Promise.resolve();
  const health = createStoreHealth(clock);

  function tick(now = clock.now()): void {
    watch.look();
    for (let setBack = watch.takeSetBack(); setBack; setBack = watch.takeSetBack()) void noteSetBack(setBack, true);
    if (health.isResting()) return;
    void catchUp();
    const since = host.enabledSince();
    if (since === undefined || stopping.signal.aborted) return;
    for (const meter of host.meters()) {
      const slot = dueSlot(meter.interval, now);
      if (queued.has(meter.id) || dealtWith.get(meter.id) === slot || !dueOf(meter, since, undefined, now)) continue;
      if (host.portLabel(meter.port) === undefined) withoutPort.set(meter.id, `Port ${meter.port} was missing.`);
      else enqueue(meter, slot);
    }
  }

  function enqueue(meter: Meter, slot: number): void {
    queued.set(meter.id, slot);
    const reading = waitAndRead(meter).finally(() => running.delete(reading));
    running.add(reading);
  }

  async function waitAndRead(meter: Meter): Promise<void> {
    const { signal } = stopping;
    // Before the port tells that it is free: what it tells must not be "waits for its port".
    const job = (turn: T) => readDue(meter, turn).finally(() => queued.delete(meter.id));
    try {
      const refusal = await host.takeTurn(meter.port, job, signal);
      if (refusal === undefined) return;
      queued.delete(meter.id);
      withoutPort.set(meter.id, `Port ${meter.port} could not be used: ${refusal}`);
    } catch (error) {
      queued.delete(meter.id);
      if (!signal.aborted) storeFailed(error);
    }
  }

  function storeFailed(error: unknown): void {
    // A claim may have gone through although it was reported as failed.
    sweepReason ??= reasons.storage;
    health.failed();
    host.onError(error);
  }

  /** The list, the clock and the ports may have changed while the meter waited for its port. */
  async function readDue(asQueued: Meter, turn: T): Promise<void> {
    const meter = host.meters().find(({ id }) => id === asQueued.id);
    if (!meter || meter.port !== asQueued.port || host.portLabel(meter.port) === undefined) return;
    inHand.add(meter.id);
    try {
      const due = await claimDue(meter);
      if (!due) return;
      const { slot, missed } = due;
      if (missed) await keepMissed(meter.id, missed, reasonFor(meter, missed));
      withoutPort.delete(meter.id);
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
      const slots = oneSlot(slot);
      await keep({ ...recordOf(meter, readout), slots }, meter.id);
    } finally {
      inHand.delete(meter.id);
    }
  }

  /** Why slots were missed, as far as this scheduler saw it happen. */
  function reasonFor(meter: Meter, missed: SlotSpan): string {
    const portReason = withoutPort.get(meter.id);
    if (portReason !== undefined) return portReason;
    if (health.failedWithin(missed.first, missed.last + intervalMs(meter.interval))) return reasons.storage;
    const waited = missed.last >= (queued.get(meter.id) ?? Infinity);
    const wasRead = missed.first <= (endedAt.get(meter.id) ?? -Infinity);
    return waited || wasRead ? reasons.busy : absenceReason(watch, missed, absence.missed);
  }

  async function claimDue(meter: Meter): Promise<Due | undefined> {
    await setBacks;
    const lastSlot = await store.lastSlot(meter.id);
    const since = host.enabledSince();
    if (since === undefined || stopping.signal.aborted) return undefined;
    const now = clock.now();
    // It was set back while nobody looked.
    if (lastSlot !== undefined && lastSlot - now > CLOCK_CORRECTION_MS) await noteSetBack({ from: lastSlot, to: now });
    const due = dueOf(meter, since, lastSlot, now);
    const won = due !== undefined && (await store.claim(meter.id, due.slot, due.missed));
    health.worked();
    dealtWith.set(meter.id, dueSlot(meter.interval, now));
    return won ? due : undefined;
  }

  /**
   * Readings go on: slots ahead of the clock may be taken again, from the one that is due now. The change is a record,
   * once: where it only shows in the store, whoever sees it first writes it.
   */
  function noteSetBack(change: SetBack, seen = false): Promise<void> {
    setBacks = setBacks.then(async () => {
      let found = seen;
      try {
        for (const { id, interval } of host.meters()) {
          const lastSlot = await store.lastSlot(id);
          if (lastSlot === undefined || lastSlot <= change.to) continue;
          found = true;
          await store.rewind(id, change.to, dueSlot(interval, change.to) - 1);
          dealtWith.delete(id);
        }
      } catch (error) {
        storeFailed(error);
      }
      if (found) await keep({ type: 'SYSTART', setBack: change });
    });
    return setBacks;
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

  async function keepMissed(meterId: string, slots: SlotSpan, reason: string): Promise<void> {
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

  function keep(record: NewRecord, meterId?: string): Promise<void> {
    const time = Math.floor(clock.now() / 1000);
    // A clock beyond all time stamps is for the log to deal with.
    return outcomes.keep(time >= 0 && time <= MAX_TIME_STAMP ? { ...record, time } : record, meterId);
  }

  /** Tries again what the store refused, and records what is owed in it and worked on by nobody. */
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
    const free = owed.filter(({ meterId }) => !inHand.has(meterId));
    for (const { meterId, slots } of joined(free, host.meters())) await keepMissed(meterId, slots, reason);
    sweepReason = free.length < owed.length || outcomes.waiting > 0 ? reasons.storage : undefined;
  }

  async function recover(): Promise<void> {
    sweepReason = absence.unfinished;
    await catchUp();
  }

  async function closeOutages(meterIds: readonly string[]): Promise<void> {
    for (const meter of host.meters().filter(({ id }) => meterIds.includes(id))) {
      const due = await claimDue(meter);
      if (!due) continue;
      const { slot, missed } = due;
      const slots = missed ? { ...missed, count: missed.count + 1, last: slot } : oneSlot(slot);
      await keepMissed(meter.id, slots, withoutPort.has(meter.id) ? reasonFor(meter, slots) : reasons.changed);
      withoutPort.delete(meter.id);
    }
  }

  async function idle(): Promise<void> {
    while (running.size > 0) await Promise.all(running);
  }

  return {
    tick,
    recover,
    closeOutages,
    stateOf: (meterId) =>
      inHand.has(meterId) && !lent.has(meterId) ? 'reading' : queued.has(meterId) ? 'queued' : undefined,
    idle,
    stop: () => {
      stopping.abort(new DOMException('The schedule was stopped.', 'AbortError'));
      return idle();
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
