import type { SlotSpan } from '../log/record.ts';
import type { ClockWatch } from './clock-watch.ts';

/** Why slots were missed, in words: each says no more than what was certainly so. */
export const reasons = {
  busy: 'The port was still busy with earlier readings.',
  changed: 'The schedule was changed before its turn came.',
  closed: 'No window was open.',
  killed: 'The program ended before the reading did.',
  late: 'The schedule came too late to it.',
  slept: 'The device slept, or its clock was set forward.',
  stopped: 'The browser had stopped this window, or the device slept.',
  storage: 'The storage failed, so the reading was not made or could not be kept.',
  silent: 'Nothing was heard of this meter.',
  frozenOwner: 'The window that held the ports had been stopped by the browser; another one has taken over.',
} as const;

/**
 * Why nobody looked when these slots were due.
 *
 * @param before what was the matter before this program was started
 */
export function absenceReason(watch: ClockWatch, { first, last }: SlotSpan, before: string): string {
  if (first < watch.startedAt) return before;
  const gap = watch.gapAfter(first);
  if (!gap || last < gap.from) return reasons.late;
  return gap.passed ? reasons.stopped : reasons.slept;
}
