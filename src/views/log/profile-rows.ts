import { csvRow, csvStart, type CsvForm } from '../../common/csv.ts';
import { decimalToNumber, formatDecimal } from '../../common/decimal.ts';
import type { MeterTime, Reading } from '../../common/reading.ts';
import type { ChartColumn, ChartData } from '../meters/chart-data.ts';

/** A load profile of one record, by the times the meter gives its rows. */
export interface Profile {
  readonly columns: readonly ProfileColumn[];
  /** As the meter gave them, but the oldest first. */
  readonly rows: readonly ProfileRow[];
  /** From a row to the next, seconds, as it is usual here. */
  readonly stepS: number;
}

export interface ProfileColumn {
  /** Of the column alone: where a register has two units it has two columns. */
  readonly label: string;
  readonly register: string;
  readonly quantity: string;
  readonly unit: string;
}

export interface ProfileRow {
  readonly time: MeterTime;
  /** Seconds that grow evenly: the meter's time as if it were UTC, all in the season of the first row. */
  readonly at: number;
  /** Rows that should stand between the one before and this one. */
  readonly missing: number;
  /** It is no part of the longest series that goes forward: the clock was set back, or was wrong for a while. */
  readonly isBack: boolean;
  /** What the meter says of it, in words; empty where it says nothing. */
  readonly status: string;
  /** In step with the columns. */
  readonly cells: readonly (Reading | undefined)[];
}

/** Fewer are figures of a day or two that stand side by side. */
const FEWEST_ROWS = 4;
const HOUR_S = 3600;

/** The profile in a record; undefined where the readings are none: rows of the same registers, each with its time. */
export function profileOf(readings: readonly Reading[]): Profile | undefined {
  const grouped = groupsOf(readings);
  const counts = new Map<string, number>();
  for (const { cells } of grouped)
    for (const cell of cells) counts.set(labelOf(cell), (counts.get(labelOf(cell)) ?? 0) + 1);
  const isColumn = (cell: Reading) => cell.value.type === 'number' && (counts.get(labelOf(cell)) ?? 0) >= FEWEST_ROWS;
  const rows = grouped.filter(({ cells }) => cells.some(isColumn));
  if (rows.length < FEWEST_ROWS) return undefined;
  const columns = new Map<string, ProfileColumn>();
  for (const { cells } of rows)
    for (const cell of cells.filter(isColumn)) {
      const { quantity, unit } = cell;
      const register = labelOf(cell);
      const key = `${register}\n${unit}`;
      if (columns.has(key)) continue;
      const isSecond = [...columns.values()].some((column) => column.register === register);
      columns.set(key, { label: isSecond ? `${register} in ${unit}` : register, register, quantity, unit });
    }
  return timed(rows, [...columns.values()]);
}

/** Some cells have the number of their row behind the name of their register: `1-0:1.8.0 [3]`. */
const labelOf = ({ label }: Reading) => label.replace(/ \[\d+\]$/, '');

interface Group {
  readonly time: MeterTime;
  readonly cells: Reading[];
}

/** Readings of one time that stand behind each other; a register that comes again begins another row. */
function groupsOf(readings: readonly Reading[]): readonly Group[] {
  const groups: Group[] = [];
  let open: Group | undefined;
  for (const reading of readings) {
    const { time } = reading;
    if (time?.iso.includes('T') !== true) {
      open = undefined;
      continue;
    }
    const isSame = open && open.time.iso === time.iso && open.time.season === time.season;
    if (!open || !isSame || open.cells.some((cell) => labelOf(cell) === labelOf(reading))) {
      open = { time, cells: [] };
      groups.push(open);
    }
    open.cells.push(reading);
  }
  return groups;
}

function timed(given: readonly Group[], columns: readonly ProfileColumn[]): Profile {
  const groups = isNewestFirst(given) ? given.toReversed() : given;
  const base = groups[0]?.time.season;
  const times = groups.map(({ time }) => secondsOf(time, base));
  const steps = times.slice(1).map((at, i) => at - (times[i] ?? at));
  const forward = steps.filter((step) => step > 0).sort((a, b) => a - b);
  const stepS = forward[forward.length >> 1] ?? 0;
  const series = forwardOf(times);
  let latest: number | undefined;
  const rows = groups.map(({ time, cells }, i): ProfileRow => {
    const at = times[i] ?? 0;
    const isBack = !series.has(i);
    const step = isBack || latest === undefined ? 0 : at - latest;
    if (!isBack) latest = at;
    return {
      time,
      at,
      isBack,
      missing: stepS > 0 && step > 1.5 * stepS ? Math.round(step / stepS) - 1 : 0,
      status: statusOf(cells),
      cells: columns.map((column) => cells.find((cell) => isIn(column, cell))),
    };
  });
  return { columns, rows, stepS };
}

const isIn = ({ register, unit }: ProfileColumn, cell: Reading) =>
  labelOf(cell) === register && (cell.unit === unit || cell.value.type !== 'number');

function isNewestFirst(groups: readonly Group[]): boolean {
  const times = groups.map(({ time }) => secondsOf(time, groups[0]?.time.season));
  const back = times.filter((at, i) => at < (times[i - 1] ?? at)).length;
  return back > (groups.length - 1) / 2;
}

/** Which of these times are the longest series that goes forward: one that is wrong takes none of the others with it. */
function forwardOf(times: readonly number[]): ReadonlySet<number> {
  /** For each length the one that ends the earliest such series. */
  const ends: number[] = [];
  const before: number[] = [];
  const timeAt = (length: number) => times[ends[length] ?? -1] ?? Infinity;
  for (const [i, at] of times.entries()) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (timeAt(middle) < at) low = middle + 1;
      else high = middle;
    }
    before[i] = ends[low - 1] ?? -1;
    if (timeAt(low) !== at) ends[low] = i;
  }
  const series = new Set<number>();
  for (let i = ends.at(-1) ?? -1; i >= 0; i = before[i] ?? -1) series.add(i);
  return series;
}

function secondsOf({ iso, season }: MeterTime, base: MeterTime['season']): number {
  const wall = Date.parse(`${iso}Z`) / 1000;
  if (season === undefined || base === undefined || (season === 'summer') === (base === 'summer')) return wall;
  return season === 'summer' ? wall - HOUR_S : wall + HOUR_S;
}

/** What is missing is counted from the times themselves. */
const GAP_WORDS = /(?:, )?then \d+ periods? (?:is|are) missing, up to \S+ \S+/;

function statusOf(cells: readonly Reading[]): string {
  const notes = cells.flatMap(({ note = '' }) => note.replace(GAP_WORDS, ''));
  return [...new Set(notes)].filter((note) => note !== '').join('; ');
}

/** Rows that stand back are in the table only: a line goes forward. */
export function chartOf({ columns, rows }: Profile, hidden: readonly string[]): ChartData {
  const shown = rows.filter(({ isBack }) => !isBack);
  const times = shown.map(({ at }) => at);
  const gaps = shown.map(({ missing }) => missing > 0);
  return {
    times,
    seqs: times.map(() => 0),
    failed: times.map(() => 0),
    columns: columns.flatMap((column, i): ChartColumn[] => {
      const { label, quantity, unit } = column;
      if (hidden.includes(label)) return [];
      const cells = shown.map((row) => row.cells[i]);
      const only = (state: Reading['state']) =>
        cells.map((cell) =>
          cell?.state === state && cell.value.type === 'number' ? decimalToNumber(cell.value.decimal) : null,
        );
      return [
        {
          code: label,
          name: quantity === '' ? label : `${quantity} (${label})`,
          unit,
          axisUnit: unit,
          values: only('whole'),
          doubtful: only('unchecked'),
          texts: cells.map(textOf),
          states: cells.map((cell) => cell?.state ?? 'not available'),
          from: times,
          gaps,
          exchanged: times.map(() => false),
        },
      ];
    }),
  };
}

const textOf = (cell: Reading | undefined) =>
  cell?.value.type === 'number' && cell.state !== 'partial' ? formatDecimal(cell.value.decimal) : '';

/** A row for each time, with what the meter says of it and how many rows are missing before it. */
export function profileCsv({ columns, rows }: Profile, form: CsvForm): string {
  const head = ['Time of the meter', 'Season', ...columns.map(headOf), 'State', 'Status', 'Rows missing before'];
  const lines = rows.map(({ time, cells, status, missing }) =>
    csvRow(
      [
        { time: time.iso.replace('T', ' ') },
        time.season ?? '',
        ...cells.map((cell) =>
          cell?.value.type === 'number' && cell.state !== 'partial' ? { decimal: cell.value.decimal } : undefined,
        ),
        statesOf(columns, cells),
        status,
        missing === 0 ? undefined : missing,
      ],
      form,
    ),
  );
  return csvStart(form) + csvRow(head, form) + lines.join('');
}

const headOf = ({ label, unit }: ProfileColumn) => (unit === '' ? label : `${label} (${unit})`);

/** `unchecked: 1-1:1.5`; empty where all is whole. */
function statesOf(columns: readonly ProfileColumn[], cells: ProfileRow['cells']): string {
  const states = cells.map((cell, i) => [cell?.state ?? 'not available', columns[i]?.label ?? ''] as const);
  return states.flatMap(([state, label]) => (state === 'whole' ? [] : [`${state}: ${label}`])).join('; ');
}
