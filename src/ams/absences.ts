import type { MeterId } from '../common/kinds.ts';
import type { SlotSpan } from '../log/record.ts';
import { absenceReason, reasons } from './absence.ts';
import { intervalMs } from './intervals.ts';
import type { Meter } from './meter.ts';
import type { ScheduleHost } from './schedule-host.ts';
import type { StoreHealth } from './store-health.ts';

/** Why slots were missed, as far as this schedule saw it happen. */
export interface Absences {
  /** What keeps a meter from being read or heard at the moment, as a sentence in the past. */
  note(meterId: MeterId, sentence: string): void;
  has(meterId: MeterId): boolean;
  /** There is an outcome: what was noted is over. */
  forget(meterId: MeterId): void;
  /** @param wasBusy the meter waited for its port then, or was being read */
  reasonFor(meter: Meter, missed: SlotSpan, wasBusy?: boolean): string;
  /** The same of a meter that is heard. */
  reasonForSilence(meter: Meter, missed: SlotSpan): string;
}

/** How a telegram that the log refused is told of. */
export const UNKEPT = 'It was heard and could not be kept: ';

/** Of an outage the last things that were noted are told. */
const MAX_NOTES = 3;

export function createAbsences(
  { watch, absence }: Pick<ScheduleHost, 'watch' | 'absence'>,
  health: StoreHealth,
): Absences {
  const notes = new Map<string, readonly string[]>();
  const noted = (meterId: MeterId) => notes.get(meterId) ?? [];
  const absent = (missed: SlotSpan) => absenceReason(watch, missed, absence?.missed ?? reasons.closed);
  const storageFailed = ({ interval }: Meter, { first, last }: SlotSpan) =>
    health.failedWithin(first, last + intervalMs(interval));

  return {
    note(meterId, sentence) {
      const others = noted(meterId).filter((other) => other !== sentence);
      notes.set(meterId, [...others, sentence].slice(-MAX_NOTES));
    },
    has: (meterId) => notes.has(meterId),
    forget: (meterId) => void notes.delete(meterId),
    reasonFor(meter, missed, wasBusy) {
      if (notes.has(meter.id)) return noted(meter.id).join(' ');
      if (storageFailed(meter, missed)) return reasons.storage;
      return wasBusy ? reasons.busy : absent(missed);
    },
    reasonForSilence(meter, missed) {
      const seen = noted(meter.id);
      if (seen.length === 0 && storageFailed(meter, missed)) return reasons.storage;
      const gap = absent(missed);
      const all = gap === reasons.late ? seen : [gap, ...seen];
      return (seen.some((sentence) => sentence.startsWith(UNKEPT)) ? all : [reasons.silent, ...all]).join(' ');
    },
  };
}
