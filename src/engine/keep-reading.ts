import type { AmsRecord, LogRecord, NewRecord } from '../log/record.ts';
import { stampOf } from '../log/ring-changes.ts';
import { faultOf } from '../log/storage-health.ts';
import type { ReadResult } from './api.ts';

export type AmsDraft = Extract<NewRecord, { type: 'AMS' }>;

/**
 * Brings a reading by hand into the log. One that cannot be kept is handed over all the same, whatever the log has against
 * it: the meter may not be asked twice. Never rejects.
 */
export async function keepReading(
  log: { append(draft: AmsDraft): Promise<LogRecord> },
  clock: { now(): number },
  draft: AmsDraft,
): Promise<ReadResult> {
  try {
    return { kept: true, record: (await log.append(draft)) as AmsRecord };
  } catch (error) {
    const record: AmsRecord = { ...stampOf(clock.now()), seq: 0, ...draft };
    const message = error instanceof Error ? error.message : String(error);
    return { kept: false, unkept: { record, fault: faultOf(error) ?? 'refused', message } };
  }
}
