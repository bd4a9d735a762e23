import type { SlotSpan } from '../log/record.ts';
import { absenceReason, reasons } from './absence.ts';
import { intervalMs } from './intervals.ts';
import type { Meter } from './meter.ts';
import type { ScheduleHost } from './schedule-host.ts';
import type { StoreHealth } from './store-health.ts';

/** Why slots were missed, as far as this schedule saw it happen. */
export interface Absences {
  /** Why nothing can be had of a meter at the moment, as a sentence in the past. */
  note(meterId: string, sentence: string): void;
  has(meterId: string): boolean;
  /** There is an outcome: what was noted is over. */
  forget(meterId: string): void;
  /** @param wasBusy the meter waited for its port then, or was being read */
  reasonFor(meter: Meter, missed: SlotSpan, wasBusy?: boolean): string;
}

export function createAbsences(
  { watch, absence }: Pick<ScheduleHost, 'watch' | 'absence'>,
  health: StoreHealth,
): Absences {
  const notes = new Map<string, string>();

  return {
    note: (meterId, sentence) => void notes.set(meterId, sentence),
    has: (meterId) => notes.has(meterId),
    forget: (meterId) => void notes.delete(meterId),
    reasonFor({ id, interval }, missed, wasBusy) {
      const noted = notes.get(id);
      if (noted !== undefined) return noted;
      if (health.failedWithin(missed.first, missed.last + intervalMs(interval))) return reasons.storage;
      return wasBusy ? reasons.busy : absenceReason(watch, missed, absence?.missed ?? reasons.closed);
    },
  };
}
