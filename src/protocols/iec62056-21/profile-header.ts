import type { MeterTime } from '../../common/reading.ts';
import type { DataSet, DataValue } from './data-set.ts';
import { parseDsmrTime } from './meter-time.ts';
import { wholeText } from './read-value.ts';

export interface Column {
  readonly label: string;
  readonly unit: string;
}

export interface ProfileHeader {
  /** Time of the first row: the end of its period. */
  readonly time: MeterTime;
  readonly status: string;
  readonly periodMinutes: number;
  readonly columns: readonly Column[];
  /** Where the header ends, in the text the data set is of. */
  readonly end: number;
  /** Values behind the header on the same line. */
  readonly rest: readonly DataValue[];
}

const DAY_MINUTES = 1440;

/** `P.01(time)(status)(period)(n)(code1)(unit1)…`, known by its shape: DSMR's 0-n:24.3.0 has the same. */
export function profileHeader({ values, end }: DataSet): ProfileHeader | undefined {
  const [first, status = '', period, count] = values.map(wholeText);
  const time = parseDsmrTime(first ?? '');
  if (!time?.iso.includes('T')) return undefined;
  if (
    !/^\d{1,4}$/.test(period ?? '') ||
    Number(period) === 0 ||
    Number(period) > DAY_MINUTES ||
    !/^\d{1,2}$/.test(count ?? '')
  )
    return undefined;
  const columns = columnsOf(values, Number(count));
  if (!columns || columns.length === 0) return undefined;
  const fields = 4 + 2 * columns.length;
  return {
    time,
    status,
    periodMinutes: Number(period),
    columns,
    end: values[fields - 1]?.end ?? end,
    rest: values.slice(fields),
  };
}

/** The n pairs of code and unit behind the first four fields. */
export function columnsOf(values: readonly DataValue[], count: number): Column[] | undefined {
  if (values.length < 4 + 2 * count) return undefined;
  return Array.from({ length: count }, (_, i) => {
    const [code, unit] = values.slice(4 + 2 * i, 6 + 2 * i);
    return { label: code ? wholeText(code) : '', unit: unit ? wholeText(unit) : '' };
  });
}

/** Minutes that grow evenly over the change of the clock, where the meter says which time it keeps. */
export function minutesOf({ iso, season }: MeterTime): number {
  return Date.parse(`${iso}Z`) / 60_000 - (season === 'summer' ? 60 : 0);
}
