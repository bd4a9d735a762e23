import { meterRecord } from '../../archive/client.ts';
import type { MeterRecord } from '../../log/meter-record.ts';
import type { LogRecord } from '../../log/record.ts';

/** State in a word and a shape besides its color (UI direction, "Signs"). */
export type State = 'reading' | 'saved' | 'another meter' | 'partial' | 'failed' | 'waiting' | 'never read';

export const stateSigns: Readonly<Record<State, string>> = {
  reading: '●',
  saved: '✓',
  'another meter': '≠',
  partial: '◐',
  failed: '!',
  waiting: '○',
  'never read': '–',
};

/** What a record amounts to: a whole reading of the meter that was meant or of another one, a part of one, or a failure. */
export function recordState(record: LogRecord | MeterRecord): State {
  const meter = meterRecord(record);
  if (!meter) return 'saved';
  const { otherMeter, partial } = meter.circumstances ?? {};
  if (otherMeter !== undefined) return 'another meter';
  if (meter.errorCode === 0 && !partial) return 'saved';
  return meter.data === '' ? 'failed' : 'partial';
}
