import type { Clock } from '../common/clock.ts';
import { systemClock } from '../common/clock.ts';
import type { AmsRecord, LogRecord } from '../log/record.ts';
import { stampOf } from '../log/ring-changes.ts';
import { faultOf } from '../log/storage-health.ts';
import { keepReading, type AmsDraft } from './keep-reading.ts';
import type { ReadResult } from './read-result.ts';

/** A storage that has not answered by then is not waited for: whoever read wants to see the figures. */
const PATIENCE_MS = 3000;
const AGAIN_MS = [10_000, 60_000];
/** Held in memory only: more is not promised. */
const MOST_WAITING = 50;

interface Log {
  append(draft: AmsDraft): Promise<LogRecord>;
}

/** Readings by hand that the storage has not taken yet, by a name that is theirs alone. */
const waiting = new Set<string>();
/** Those that were kept at last; the newest few. */
let kept: readonly string[] = [];
let onChange: () => void = () => undefined;

export const waitingReadings = (): readonly string[] => [...waiting];
export const lateReadings = (): readonly string[] => kept;

/** `listener` hears when a reading begins to wait, and when it is kept. */
export function watchWaiting(listener: () => void): void {
  onChange = listener;
}

/**
 * Brings a reading by hand into the log, under the time at which it was read. One that the storage does not take, or not
 * soon, is handed over all the same; it waits in memory and is tried again until it is kept. Never rejects.
 */
export async function keepByHand(
  log: Log,
  { now, sleep = systemClock.sleep }: Pick<Clock, 'now'> & Partial<Pick<Clock, 'sleep'>>,
  draft: AmsDraft,
  onKept: (record: LogRecord) => void = () => undefined,
): Promise<ReadResult> {
  const stamped = { ...stampOf(now()), ...draft };
  const append = () => log.append(stamped);
  const first = append();
  const answered = new AbortController();
  const late = sleep(PATIENCE_MS, answered.signal).then(
    () => 'late' as const,
    () => new Promise<never>(() => undefined),
  );
  const result = keepReading({ append: () => first }, { now }, stamped).finally(() => answered.abort());
  const soon = await Promise.race([result, late]);
  if (soon !== 'late' && (soon.kept || soon.unkept.fault === 'refused')) return soon;
  const unkept =
    soon === 'late'
      ? ({
          record: { seq: 0, ...stamped } as AmsRecord,
          fault: 'slow',
          message: 'The storage has not answered.',
        } as const)
      : soon.unkept;
  if (waiting.size >= MOST_WAITING) {
    first.catch(() => undefined);
    return { kept: false, unkept };
  }
  const id = crypto.randomUUID();
  waiting.add(id);
  onChange();
  void keepOn(id, first, append, { sleep, onKept });
  return { kept: false, unkept: { ...unkept, waiting: id } };
}

/** What turns out to be no fault of the storage is not tried again. */
async function keepOn(
  id: string,
  first: Promise<LogRecord>,
  append: () => Promise<LogRecord>,
  { sleep, onKept }: Pick<Clock, 'sleep'> & { readonly onKept: (record: LogRecord) => void },
): Promise<void> {
  let attempt = first;
  for (let failed = 0; ; failed++) {
    try {
      onKept(await attempt);
      waiting.delete(id);
      kept = [...kept, id].slice(-MOST_WAITING);
      return onChange();
    } catch (error) {
      if (faultOf(error) === undefined) {
        waiting.delete(id);
        return onChange();
      }
    }
    await sleep(AGAIN_MS[Math.min(failed, AGAIN_MS.length - 1)] ?? 0);
    attempt = append();
  }
}
