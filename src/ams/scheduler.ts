import type { NewRecord } from '../log/record.ts';
import type { Clock } from '../protocols/common/clock.ts';
import type { Readout } from '../protocols/common/readout.ts';
import { describeMissed, dueOf, dueSlot, type SlotSpan } from './due.ts';
import { indexOfMeter } from './meter-list.ts';
import type { Meter } from './meter.ts';
import type { PortQueues } from './port-queues.ts';
import { NOT_STARTED, readWithRetries } from './retries.ts';

/**
 * The schedule as data (DESIGN, decision 3): `tick` may be called at any time and by anybody; a slot is claimed in the
 * store before it is read, so every slot of every meter gets exactly one outcome: a reading (good or failed), or a place
 * in the one record that tells of an outage.
 */

/** Claims, shared by every window of the browser. */
export interface SlotStore {
  /**
   * Takes a slot for the caller; atomic. True for exactly one caller per meter and slot, ever. Remembers the slot as the
   * meter's last and, until their outcomes are appended, the claim itself and `missed`.
   */
  claim(meterId: string, slot: number, missed?: SlotSpan): Promise<boolean>;
  /** The slot claimed last, by order of claiming (after a clock was set back it need not be the latest). */
  lastSlot(meterId: string): Promise<number | undefined>;
  /** Claims whose outcome never came, because their owner was killed. */
  unsettled(): Promise<readonly SlotClaim[]>;
}

export interface SlotClaim {
  readonly meterId: string;
  readonly slot: number;
  /** Slots before it that are still to be recorded as missed. */
  readonly missed?: SlotSpan;
}

/**
 * Which slots a record answers for. Without `missed`: the claimed slot was read. With it: these slots were not read;
 * the claimed slot itself is settled only when it is the last of them.
 */
export interface SlotOutcome {
  readonly meterId: string;
  readonly slot: number;
  readonly missed?: SlotSpan;
}

export interface ScheduleHost {
  readonly clock: Clock;
  readonly store: SlotStore;
  /** Shared with readings by hand. */
  readonly queues: PortQueues;
  meters(): readonly Meter[];
  /** When the schedule was switched on, milliseconds; undefined while it is off. */
  enabledSince(): number | undefined;
  /** 0–9. */
  retries(): number;
  /** Label of the port bound to a number; undefined while it is missing. */
  portLabel(port: number): string | undefined;
  readMeter(meter: Meter, slot: number, signal: AbortSignal): Promise<Readout>;
  /** Stores the record and settles the outcome, in one transaction where the store can. */
  append(record: NewRecord, outcome: SlotOutcome): Promise<void>;
  /** The store failed; the claim stays unsettled and `recover` will record it. */
  onError(error: unknown): void;
}

export interface Scheduler {
  /** Puts every meter that has a slot due, and whose port is there, into its port's queue. Returns at once. */
  tick(now?: number): void;
  /** Once per start, before the first tick: records what an owner that was killed had claimed and not finished. */
  recover(): Promise<void>;
  /** Before the schedule is switched off or a meter removed: records outages that last until now (a port still missing). */
  closeOutages(): Promise<void>;
  /** Is this meter due and waiting for its port, or being read? */
  isQueued(meterId: string): boolean;
  /** Resolves once nothing runs or waits. */
  idle(): Promise<void>;
  /** Ends the running readings and starts no more. */
  stop(): Promise<void>;
}

const ASLEEP = 'No window was open, or the device slept.';
const BUSY = 'The port was still busy with earlier readings.';
const KILLED = 'The program ended before the reading did.';

export function createScheduler(host: ScheduleHost): Scheduler {
  const { clock, store, queues } = host;
  const stopping = new AbortController();
  /** Meters that wait or are being read, with the slot they were queued for. */
  const queued = new Map<string, number>();
  /** The slot already dealt with, so that a tick costs no look into the store. */
  const dealtWith = new Map<string, number>();
  /** When the last reading of a meter ended. */
  const endedAt = new Map<string, number>();
  /** Meters that were due while their port was missing. */
  const portMissing = new Set<string>();

  function tick(now = clock.now()): void {
    const since = host.enabledSince();
    if (since === undefined || stopping.signal.aborted) return;
    for (const meter of host.meters()) {
      const slot = dueSlot(meter.interval, now);
      if (queued.has(meter.id) || dealtWith.get(meter.id) === slot || !dueOf(meter, since, undefined, now)) continue;
      if (host.portLabel(meter.port) === undefined) portMissing.add(meter.id);
      else enqueue(meter, slot);
    }
  }

  function enqueue(meter: Meter, slot: number): void {
    queued.set(meter.id, slot);
    // Before the queue tells that the job has ended: what it tells must not be "waits for its port".
    const job = () => readDue(meter).finally(() => queued.delete(meter.id));
    void queues.run(meter.port, job).catch((error: unknown) => host.onError(error));
  }

  /** The list, the clock and the ports may have changed while the meter waited for its port. */
  async function readDue(asQueued: Meter): Promise<void> {
    const meter = host.meters().find(({ id }) => id === asQueued.id);
    if (!meter || meter.port !== asQueued.port || host.portLabel(meter.port) === undefined) return;
    const claim = await claimDue(meter);
    if (!claim) return;
    const { slot, missed } = claim;
    if (missed) await appendMissed(claim, missed, reasonFor(meter, missed));
    portMissing.delete(meter.id);
    const { signal } = stopping;
    const readout = await readWithRetries(() => host.readMeter(meter, slot, signal), {
      retries: host.retries(),
      clock,
      signal,
    });
    await append(recordOf(meter, readout), { meterId: meter.id, slot });
    endedAt.set(meter.id, clock.now());
  }

  /** Why slots were missed, as far as this scheduler saw it happen. */
  function reasonFor(meter: Meter, missed: SlotSpan): string {
    if (portMissing.has(meter.id)) return `Port ${meter.port} was missing.`;
    const waited = missed.last >= (queued.get(meter.id) ?? Infinity);
    const wasRead = missed.first <= (endedAt.get(meter.id) ?? -Infinity);
    return waited || wasRead ? BUSY : ASLEEP;
  }

  async function claimDue(meter: Meter): Promise<SlotClaim | undefined> {
    const lastSlot = await store.lastSlot(meter.id);
    const since = host.enabledSince();
    if (since === undefined || stopping.signal.aborted) return undefined;
    const now = clock.now();
    const due = dueOf(meter, since, lastSlot, now);
    const won = due !== undefined && (await store.claim(meter.id, due.slot, due.missed));
    dealtWith.set(meter.id, dueSlot(meter.interval, now));
    return won ? { meterId: meter.id, ...due } : undefined;
  }

  function recordOf(meter: Meter, readout: Readout): NewRecord {
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

  async function appendMissed({ meterId, slot }: SlotClaim, missed: SlotSpan, reason: string): Promise<void> {
    const meter = host.meters().find(({ id }) => id === meterId);
    const readout: Readout = {
      errorCode: NOT_STARTED,
      identification: '',
      data: '',
      circumstances: { message: reason, notes: [describeMissed(missed)] },
    };
    const record: NewRecord = meter
      ? recordOf(meter, readout)
      : { type: 'AMS', protocol: 'Unknown', index: 0, ...readout };
    await append(record, { meterId, slot, missed });
  }

  async function append(record: NewRecord, outcome: SlotOutcome): Promise<void> {
    try {
      await host.append(record, outcome);
    } catch (error) {
      host.onError(error);
    }
  }

  async function recover(): Promise<void> {
    for (const claim of await store.unsettled()) await appendMissed(claim, withClaimed(claim), KILLED);
  }

  async function closeOutages(): Promise<void> {
    for (const meter of host.meters()) {
      if (!portMissing.has(meter.id) || queued.has(meter.id)) continue;
      const claim = await claimDue(meter);
      if (claim) await appendMissed(claim, withClaimed(claim), reasonFor(meter, withClaimed(claim)));
      portMissing.delete(meter.id);
    }
  }

  return {
    tick,
    recover,
    closeOutages,
    isQueued: (meterId) => queued.has(meterId),
    idle: () => queues.idle(),
    stop: () => {
      stopping.abort(new DOMException('The schedule was stopped.', 'AbortError'));
      return queues.idle();
    },
  };
}

/** The claimed slot together with the missed ones before it. */
function withClaimed({ slot, missed }: SlotClaim): SlotSpan {
  return missed ? { ...missed, count: missed.count + 1, last: slot } : { count: 1, first: slot, last: slot };
}
