import type { Reading, ReadingKind, ReadingValue } from '../../common/reading.ts';

/** A reading while it is put together. */
export type Draft = { -readonly [Key in keyof Reading]: Reading[Key] };

/** A reading that is no record. */
export function plain(
  label: string,
  quantity: string,
  value: ReadingValue,
  start: number,
  end: number,
  note = '',
  kind: ReadingKind = 'instantaneous',
): Draft {
  const source = { start, end };
  return note === ''
    ? { label, quantity, value, unit: '', kind, state: 'whole', source }
    : { label, quantity, value, unit: '', kind, state: 'whole', source, note };
}
