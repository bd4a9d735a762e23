import type { MeterId, Milliseconds } from '../common/kinds.ts';
import type { SlotSpan } from '../log/record.ts';
import type { ClockWatch, SetBack } from './clock-watch.ts';
import { CLOCK_CORRECTION_MS, type Due, dueOf, dueSlot, withoutLast } from './due.ts';
import type { Meter } from './meter.ts';
import type { ScheduleHost } from './schedule-host.ts';
import type { SlotRecords } from './slot-records.ts';

/** Takes slots, by a clock that may be set back. */
export interface Claims {
  /** Sees whether the clock was set back. */
  look(): void;
  /** Takes the slot that is due now; undefined where none is, or somebody else has it. Rejects when the store fails. */
  claimDue(meter: Meter): Promise<Due | undefined>;
  /** Takes the slots before the one of now that have no outcome; undefined where there are none. Rejects when the store fails. */
  claimMissed(meter: Meter): Promise<SlotSpan | undefined>;
  /** Before a slot is taken elsewhere: the clock may have been set back behind the last one. */
  settleClock(meter: Meter): Promise<void>;
  /** Nothing is to be done for this slot any more, unless what is returned is called. */
  dealWith(meterId: MeterId, slot: Milliseconds): () => void;
  /** Nothing is to be done for this slot any more, so that a tick costs no look into the store. */
  isDealtWith(meterId: MeterId, slot: Milliseconds): boolean;
}

export interface ClaimsHost extends Pick<ScheduleHost, 'clock' | 'store' | 'meters' | 'enabledSince'> {
  readonly watch: ClockWatch;
  /** It starts nothing more. */
  readonly stopping: AbortSignal;
}

export function createClaims(host: ClaimsHost, records: SlotRecords): Claims {
  const { clock, watch, store, stopping } = host;
  const dealtWith = new Map<string, number>();
  let setBacks: Promise<void> = Promise.resolve();

  async function lastSlotOf({ id }: Meter): Promise<number | undefined> {
    await setBacks;
    const lastSlot = await store.lastSlot(id);
    const now = clock.now();
    // It was set back while nobody looked.
    if (lastSlot !== undefined && lastSlot - now > CLOCK_CORRECTION_MS) await noteSetBack({ from: lastSlot, to: now });
    return lastSlot;
  }

  async function claimDue(meter: Meter): Promise<Due | undefined> {
    const lastSlot = await lastSlotOf(meter);
    const since = host.enabledSince();
    if (since === undefined || stopping.aborted) return undefined;
    const now = clock.now();
    const due = dueOf(meter, since, lastSlot, now);
    const won = due !== undefined && (await store.claim(meter.id, due.slot, due.missed));
    records.health.worked();
    dealtWith.set(meter.id, dueSlot(meter.interval, now));
    return won ? due : undefined;
  }

  async function claimMissed(meter: Meter): Promise<SlotSpan | undefined> {
    const lastSlot = await lastSlotOf(meter);
    const since = host.enabledSince();
    if (since === undefined || stopping.aborted) return undefined;
    const now = clock.now();
    const missed = dueOf(meter, since, lastSlot, now)?.missed;
    const won = missed && (await store.claim(meter.id, missed.last, withoutLast(meter.interval, missed)));
    records.health.worked();
    if (lastSlot === dueSlot(meter.interval, now)) dealtWith.set(meter.id, lastSlot);
    return won ? missed : undefined;
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
        records.storeFailed(error);
      }
      if (found) await records.keep({ type: 'SYSTART', setBack: change });
    });
    return setBacks;
  }

  return {
    look() {
      watch.look();
      for (let setBack = watch.takeSetBack(); setBack; setBack = watch.takeSetBack()) void noteSetBack(setBack, true);
    },
    claimDue,
    claimMissed,
    async settleClock(meter) {
      await lastSlotOf(meter);
    },
    dealWith(meterId, slot) {
      dealtWith.set(meterId, slot);
      return () => {
        if (dealtWith.get(meterId) === slot) dealtWith.delete(meterId);
      };
    },
    isDealtWith: (meterId, slot) => dealtWith.get(meterId) === slot,
  };
}
