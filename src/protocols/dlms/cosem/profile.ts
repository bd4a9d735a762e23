import type { MeterTime } from '../../../common/reading.ts';
import type { Data } from '../axdr/data.ts';
import { localMs, localTime, timeOf } from './date-time.ts';

/** A column of a profile. */
export interface Column {
  readonly classId: number;
  readonly name: Uint8Array;
  /** 0: all of the object's attributes. */
  readonly attribute: number;
  /** Which element of the attribute, from 1 on; 0: all of it. */
  readonly element: number;
}

/** Columns in their order; one of unknown content keeps its place. */
export function columnsIn(captured: Data): readonly Column[] {
  if (captured.type !== 'array') return [];
  return captured.items.map((item): Column => {
    const [classId, name, attribute, element] = item.type === 'structure' ? item.items : [];
    return {
      classId: classId?.type === 'uint16' ? classId.value : 0,
      name: name?.type === 'octet-string' ? name.bytes : new Uint8Array(6),
      attribute: attribute?.type === 'int8' ? attribute.value : 0,
      element: element?.type === 'uint16' ? element.value : 0,
    };
  });
}

export interface Row {
  /** Undefined where no column has one, or it cannot be told. */
  readonly time: MeterTime | undefined;
  readonly cells: readonly Data[];
  /** Why its cells may belong to other columns than they stand in; undefined: they do not. */
  readonly doubt: string | undefined;
}

const CLOCK = 8;
/** Seconds since 1970: 0-0:1.1.0. */
const DATA = 1;
const UNIX_TIME = [0, 0, 1, 1, 0, 255];
const [FIFO, LIFO] = [1, 2];

/** The column that rows have their time from; -1 where there is none. */
export const clockColumn = (columns: readonly Column[]): number =>
  columns.findIndex(
    ({ classId, name, attribute }) =>
      (classId === CLOCK && (attribute === 2 || attribute === 0)) ||
      (classId === DATA && attribute === 2 && UNIX_TIME.every((part, at) => name[at] === part)),
  );

/**
 * Seconds from one row to the next, from period and sorting of a profile: negative where the newest row comes first. 0 where
 * that is not known: no period, sorted by size, or the meter does not say how.
 */
export function stepOf(period: Data | undefined, sorting: Data | undefined): number {
  const seconds = period?.type === 'uint32' ? period.value : 0;
  if (seconds === 0 || (sorting?.type !== 'enum' && sorting?.type !== 'uint8')) return 0;
  return sorting.value === FIFO ? seconds : sorting.value === LIFO ? -seconds : 0;
}

/**
 * The rows of a buffer; undefined for what is none. Null in a cell: as in the row before; in the column of the clock: a step
 * from the row before. A delta counts from the row before as well. Where the one before is not known either, null stays.
 */
export function rowsIn(buffer: Data, columns: readonly Column[], stepSeconds: number): readonly Row[] | undefined {
  if (buffer.type !== 'array' && buffer.type !== 'compact array') return undefined;
  const clock = clockColumn(columns);
  const rows: Row[] = [];
  for (const item of buffer.items) {
    const before = rows.at(-1);
    const given = item.type === 'structure' || item.type === 'array' ? item.items : [item];
    const cells = given.map((cell, at) => {
      const last = before?.cells[at];
      if (cell.type === 'null') return at === clock ? cell : (last ?? cell);
      return added(cell, last);
    });
    const time = timeOfRow(cells[clock], before, stepSeconds);
    rows.push({ time, cells, doubt: doubtOf(given, columns, before) });
  }
  return rows;
}

function doubtOf(given: readonly Data[], columns: readonly Column[], before: Row | undefined): string | undefined {
  if (given.length !== columns.length) return `${given.length} cells for ${columns.length} columns`;
  const takesOver = given.some(({ type }) => type === 'null' || type.startsWith('delta'));
  return takesOver && before?.doubt !== undefined ? 'takes over from a row of other columns' : undefined;
}

function timeOfRow(cell: Data | undefined, before: Row | undefined, stepSeconds: number): MeterTime | undefined {
  if (cell && 'bytes' in cell && cell.type !== 'bit-string') return timeOf(cell.bytes);
  // Some clocks count the seconds since 1970.
  if (cell?.type === 'uint32') return localTime(cell.value * 1000);
  const last = before?.time && localMs(before.time);
  return cell?.type === 'null' && last !== undefined && stepSeconds !== 0
    ? localTime(last + stepSeconds * 1000)
    : undefined;
}

const wide: Readonly<Record<string, 'int32' | 'uint32'>> = {
  int8: 'int32',
  int16: 'int32',
  int32: 'int32',
  uint8: 'uint32',
  uint16: 'uint32',
  uint32: 'uint32',
};

/** A delta becomes the figure it stands for. */
function added(cell: Data, last: Data | undefined): Data {
  if (!cell.type.startsWith('delta') || !('value' in cell) || typeof cell.value !== 'number') return cell;
  if (!last || !('value' in last)) return cell;
  if (typeof last.value === 'bigint') return { type: 'int64', value: last.value + BigInt(cell.value) };
  const type = wide[last.type];
  return type && typeof last.value === 'number' ? { type, value: last.value + cell.value } : cell;
}
