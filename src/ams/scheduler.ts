import type { MeterId, Milliseconds } from '../common/kinds.ts';
import { reasons } from './absence.ts';
import { createAbsences } from './absences.ts';
import { createAskedSlots } from './asked-slots.ts';
import { createClaims } from './claims.ts';
import { dueOf, dueSlot, oneSlot } from './due.ts';
import { createHeardSlots, type HeardSlots } from './heard-slots.ts';
import type { ScheduleHost } from './schedule-host.ts';
import type { Meter } from './meter.ts';
import { createSlotRecords } from './slot-records.ts';
import type { Turn } from './turns.ts';

/**
 * The schedule as data, not timers: `tick` may be called at any time and by anybody; a slot is claimed in the
 * store before it is read, so every slot of every meter gets exactly one outcome: a reading (good or failed), or a place
 * in the one record that tells of an outage. Only where the clock was set back a slot comes, and is read, again.
 */
export interface Scheduler {
  /** Asks for a turn for every meter that has a slot due, and whose port is there. Returns at once. */
  tick(now?: Milliseconds): void;
  /** Once per start, before the first tick: records what an owner that was killed had claimed and not finished. Never rejects. */
  recover(): Promise<void>;
  /**
   * Before meters are removed, switched off or given other slots: records what they are owed until now. A slot that is
   * being read keeps its reading. Rejects when the store fails; then nothing should be changed.
   */
  closeOutages(meterIds: readonly string[]): Promise<void>;
  /** For what listeners hear. */
  readonly heard: Pick<HeardSlots, 'isAwaited' | 'append' | 'note' | 'stateOf'>;
  /** Is this meter due and waiting for its port, or being read? Undefined: neither. */
  stateOf(meterId: MeterId): 'queued' | 'reading' | undefined;
  /** Resolves once nothing runs or waits. */
  idle(): Promise<void>;
  /** Ends the running readings and starts no more. */
  stop(): Promise<void>;
}

export { reasons };

export function createScheduler<T extends Turn>(host: ScheduleHost<T>): Scheduler {
  const { clock, watch } = host;
  const abort = new AbortController();
  const stopping = abort.signal;
  const records = createSlotRecords(host);
  const claims = createClaims({ ...host, watch, stopping }, records);
  const absences = createAbsences({ ...host, watch }, records.health);
  const asked = createAskedSlots({ host, claims, records, absences, stopping });
  const heard = createHeardSlots({ host, claims, records, absences });
  const idle = async () => {
    await Promise.all([asked.idle(), heard.idle()]);
  };

  async function closeOutage(meter: Meter): Promise<void> {
    const due = await claims.claimDue(meter);
    if (!due) return;
    const { slot, missed } = due;
    const slots = missed ? { ...missed, count: missed.count + 1, last: slot } : oneSlot(slot);
    const reason = host.earOf(meter) ? absences.reasonForSilence : absences.reasonFor;
    await records.keepMissed(meter.id, slots, absences.has(meter.id) ? reason(meter, slots) : reasons.changed);
    absences.forget(meter.id);
  }

  return {
    tick(now = clock.now()) {
      claims.look();
      if (records.health.isResting()) return;
      void records.catchUp();
      const since = host.enabledSince();
      if (since === undefined || stopping.aborted) return;
      for (const meter of host.meters()) {
        if (!dueOf(meter, since, undefined, now)) continue;
        const ear = host.earOf(meter);
        if (ear) heard.look(meter, ear, now);
        else if (!claims.isDealtWith(meter.id, dueSlot(meter.interval, now))) asked.look(meter, now);
      }
    },
    recover: records.recover,
    async closeOutages(meterIds) {
      for (const meter of host.meters().filter(({ id }) => meterIds.includes(id))) {
        await heard.inTurn(meter.id, () => closeOutage(meter));
      }
    },
    stateOf: asked.stateOf,
    heard,
    idle,
    stop() {
      abort.abort(new DOMException('The schedule was stopped.', 'AbortError'));
      return idle();
    },
  };
}
