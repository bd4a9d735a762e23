import type { ErrorRow } from '../common/error-row.ts';
import { detectionErrors } from '../common/detection-errors.ts';
import { generalErrors } from '../common/general-errors.ts';
import type { ErrorEntry } from '../common/meter-error.ts';
import type { Protocols } from './registry.ts';

/** A row of a table of a protocol that is not built in says what it means and no more. */
type Row = ErrorEntry & Partial<ErrorRow>;

export interface ErrorTable {
  /** Where the rows belong: "General", "IEC 62056-21", … */
  readonly title: string;
  readonly entries: readonly Row[];
}

export type FoundError = Row & { readonly table: string };

/** Every error code of the SmartCOM (its manual, 3.8), table by table. */
export interface ErrorBook {
  readonly tables: readonly ErrorTable[];
  /** The row of a code; undefined for a code that is in no table. */
  find(code: number): FoundError | undefined;
  /** Rows in which every word occurs (in code, text, advice or table title, in either case); all rows for no words. */
  search(query: string): readonly FoundError[];
}

/** Not built in, and their codes known: records of a unit may have them. */
const otherTables: readonly ErrorTable[] = [{ title: 'Detection of meters', entries: detectionErrors }];

export async function loadErrorBook(protocols: Protocols): Promise<ErrorBook> {
  const ofProtocols = protocols.all.map(async ({ title, parts }) => ({ title, entries: await parts.errors() }));
  const builtIn = await Promise.all(ofProtocols);
  const titles = new Set(builtIn.map(({ title }) => title));
  const others = otherTables.filter(({ title }) => !titles.has(title));
  const tables = [{ title: 'General', entries: generalErrors }, ...builtIn, ...others];
  const all: readonly FoundError[] = tables.flatMap(({ title, entries }) =>
    entries.map((entry) => ({ ...entry, table: title })),
  );
  const byCode: ReadonlyMap<number, FoundError> = new Map(all.map((entry) => [entry.code, entry]));
  return {
    tables,
    find: (code) => byCode.get(code),
    search(query) {
      const words = query
        .toLowerCase()
        .split(/\s+/)
        .filter((word) => word !== '');
      return all.filter(({ code, text, advice, table }) => {
        const haystack = `${code} ${table} ${text} ${advice}`.toLowerCase();
        return words.every((word) => haystack.includes(word));
      });
    },
  };
}
