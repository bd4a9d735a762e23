import type { LogRecord } from '../../log/record.ts';

/** State in a word and a shape besides its color (UI direction, "Signs"). */
export type State = 'reading' | 'saved' | 'partial' | 'failed' | 'waiting' | 'never read';

export const stateSigns: Readonly<Record<State, string>> = {
  reading: '●',
  saved: '✓',
  partial: '◐',
  failed: '!',
  waiting: '○',
  'never read': '–',
};

/** What a record amounts to: a whole reading, a part of one, or a failure. */
export function recordState(record: LogRecord): State {
  if (record.type !== 'AMS') return 'saved';
  if (record.circumstances?.partial) return record.data === '' ? 'failed' : 'partial';
  if (record.errorCode === 0) return 'saved';
  return record.data === '' ? 'failed' : 'partial';
}
