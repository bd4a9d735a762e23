import type { Attribute, Selection } from '../apdu/attribute.ts';
import type { Data } from '../axdr/data.ts';
import type { Column } from '../cosem/profile.ts';

/** How the ends of a range are written: meters take one form and refuse the others, or find nothing with them. */
export type StampForm = 'deviation unknown' | 'deviation of the meter' | 'date-time' | 'seconds';

/** What the meter's own clock says of itself. */
export interface ClockMarks {
  /** Two bytes: minutes from local time to UTC. */
  readonly deviation: readonly [number, number];
  readonly status: number;
}

const UNKNOWN: ClockMarks = { deviation: [0x80, 0x00], status: 0xff };
const [RANGE, ENTRY] = [1, 2] as const;
const CLOCK_CLASS = 8;

/** In the order to be tried. */
export const stampForms = ({ classId }: Pick<Column, 'classId'>): readonly StampForm[] =>
  classId === CLOCK_CLASS ? ['deviation unknown', 'deviation of the meter', 'date-time'] : ['seconds'];

/** Twelve bytes of a local time, given in milliseconds as if it were UTC. */
export function stampBytes(ms: number, { deviation, status }: ClockMarks = UNKNOWN): Uint8Array {
  const local = new Date(ms);
  const year = local.getUTCFullYear();
  const date = [year >> 8, year & 0xff, local.getUTCMonth() + 1, local.getUTCDate(), local.getUTCDay() || 7];
  const time = [local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds(), 0];
  return Uint8Array.of(...date, ...time, ...deviation, status);
}

function stamp(ms: number, form: StampForm, marks: ClockMarks): Data {
  switch (form) {
    case 'deviation unknown':
      return { type: 'octet-string', bytes: stampBytes(ms) };
    case 'deviation of the meter':
      return { type: 'octet-string', bytes: stampBytes(ms, marks) };
    case 'date-time':
      return { type: 'date-time', bytes: stampBytes(ms) };
    case 'seconds':
      return { type: 'uint32', value: Math.max(0, Math.floor(ms / 1000)) };
  }
}

const columnData = ({ classId, name, attribute, element }: Column): Data => ({
  type: 'structure',
  items: [
    { type: 'uint16', value: classId },
    { type: 'octet-string', bytes: name },
    { type: 'int8', value: attribute },
    { type: 'uint16', value: element },
  ],
});

/** All columns of the rows whose clock says a time from `from` to `to`. */
export function rangeSelection(
  clock: Column,
  [from, to]: readonly [number, number],
  form: StampForm,
  marks: ClockMarks,
): Selection {
  const ends = [stamp(from, form, marks), stamp(to, form, marks)];
  return {
    selector: RANGE,
    parameter: { type: 'structure', items: [columnData(clock), ...ends, { type: 'array', items: [] }] },
  };
}

/** All columns of the rows from one number to another, counted from 1; `to` 0 is the last one. */
export function entrySelection(from: number, to: number): Selection {
  const row = (value: number): Data => ({ type: 'uint32', value });
  const column = (value: number): Data => ({ type: 'uint16', value });
  return { selector: ENTRY, parameter: { type: 'structure', items: [row(from), row(to), column(1), column(0)] } };
}

export const bufferOf = (name: Uint8Array): Attribute => ({ classId: 7, name, number: 2 });
