import { generalErrors } from '../common/general-errors.ts';
import type { ErrorEntry } from '../common/meter-error.ts';
import { ainDinErrors } from '../protocols/ain-din/errors.ts';
import { iecErrors } from '../protocols/iec62056-21/errors.ts';
import { inmatErrors } from '../protocols/inmat/errors.ts';
import { lotosErrors } from '../protocols/lotos/errors.ts';
import { detectionErrors } from '../protocols/mbus/detection-errors.ts';
import { mbusErrors } from '../protocols/mbus/errors.ts';
import { modbusErrors } from '../protocols/modbus/errors.ts';

export interface ErrorTable {
  /** Where the rows belong: "General", "IEC 62056-21", … */
  readonly title: string;
  readonly entries: readonly ErrorEntry[];
}

/** Every error code of the SmartCOM (its manual, 3.8), table by table in the manual's order. */
export const errorTables: readonly ErrorTable[] = [
  { title: 'General', entries: generalErrors },
  { title: 'IEC 62056-21', entries: iecErrors },
  { title: 'M-Bus', entries: mbusErrors },
  { title: 'Modbus', entries: modbusErrors },
  { title: 'INMAT 51 / INMAT 66', entries: inmatErrors },
  { title: 'LOTOS 301', entries: lotosErrors },
  { title: 'A/D inputs', entries: ainDinErrors },
  { title: 'Detection of meters', entries: detectionErrors },
];

/** Its text has no full stop: what it stands in sets one. */
export interface FoundError extends ErrorEntry {
  readonly table: string;
}

const all: readonly FoundError[] = errorTables.flatMap(({ title, entries }) =>
  entries.map((entry) => ({ ...entry, text: entry.text.replace(/\.$/, ''), table: title })),
);
const byCode: ReadonlyMap<number, FoundError> = new Map(all.map((entry) => [entry.code, entry]));

/** The row of a code; undefined for a code that is in no table. */
export function findError(code: number): FoundError | undefined {
  return byCode.get(code);
}

/** Rows in which every word of `query` occurs (in code, text, advice or table title, in either case); all rows for no words. */
export function searchErrors(query: string): readonly FoundError[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return all.filter(({ code, text, advice, table }) => {
    const haystack = `${code} ${table} ${text} ${advice}`.toLowerCase();
    return words.every((word) => haystack.includes(word));
  });
}
