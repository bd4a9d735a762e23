import { csvRows } from '../common/csv.ts';

/** A row of a table of which some columns hold what is looked for. */
export interface TableRow {
  /** What stands in those columns, without the empty ones. */
  readonly cells: readonly string[];
  /** In the column that is called an identification; '' where there is none. */
  readonly identification: string;
  /** Counted from 0. */
  readonly line: number;
}

interface Columns {
  readonly delimiter: string;
  readonly columns: readonly number[];
  /** -1 where there is none. */
  readonly identification: number;
}

const SAMPLE_ROWS = 60;
const DELIMITERS = [';', ',', '\t'];

const isFilled = (cell: string) => cell.trim() !== '';

/** The rows of a CSV text, its head left out; undefined where no column is one of which half the cells are `wanted`. */
export function tableRows(text: string, wanted: (cell: string) => boolean): Iterable<TableRow> | undefined {
  const table = columnsOf(text, wanted);
  return table && rowsOf(text, table, wanted);
}

function* rowsOf(
  text: string,
  { delimiter, columns, identification }: Columns,
  wanted: (cell: string) => boolean,
): Generator<TableRow> {
  let isHead = true;
  for (const { cells, line } of csvRows(text, delimiter)) {
    const filled = columns.map((column) => cells[column] ?? '').filter(isFilled);
    if (!isHead || filled.some(wanted)) yield { cells: filled, identification: cells[identification] ?? '', line };
    isHead = false;
  }
}

function columnsOf(text: string, wanted: (cell: string) => boolean): Columns | undefined {
  for (const delimiter of DELIMITERS) {
    if (!text.includes(delimiter)) continue;
    const sample = take(csvRows(text, delimiter), SAMPLE_ROWS);
    const width = Math.max(0, ...sample.map(({ cells }) => cells.length));
    if (width < 2) continue;
    const columns: number[] = [];
    for (let column = 0; column < width; column++) {
      const filled = sample
        .slice(sample.length > 1 ? 1 : 0)
        .map(({ cells }) => cells[column] ?? '')
        .filter(isFilled);
      const found = filled.filter(wanted).length;
      if (found > 0 && 2 * found >= filled.length) columns.push(column);
    }
    if (columns.length === 0) continue;
    const head = sample[0]?.cells ?? [];
    return { delimiter, columns, identification: head.findIndex((name) => /identification/i.test(name)) };
  }
  return undefined;
}

function take<T>(items: Generator<T>, most: number): T[] {
  const taken: T[] = [];
  for (const item of items) {
    taken.push(item);
    if (taken.length === most) break;
  }
  return taken;
}
