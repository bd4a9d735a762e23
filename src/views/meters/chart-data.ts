import type { RegisterSeries, Series } from '../../archive/api.ts';
import { decimalToNumber, formatDecimal } from '../../common/decimal.ts';
import type { ReadingState } from '../../common/reading.ts';
import { isCounted } from '../../common/telling-readings.ts';
import { differenceOf } from './consumption.ts';

/** What each reading showed, or what was used since the one before. */
export type Shown = 'readings' | 'used';

/** One line of the chart, and one column of the table behind it. */
export interface ChartColumn {
  readonly code: string;
  readonly name: string;
  /** Of the texts. */
  readonly unit: string;
  /** Of the values: for what was used the rate, since one period may be longer than another. */
  readonly axisUnit: string;
  /** In step with the times, as all that follow; null where a reading lacks it, or nothing vouches for it. */
  readonly values: readonly (number | null)[];
  /** Values nothing vouches for: shown apart, and no part of any line. */
  readonly doubtful: readonly (number | null)[];
  /** What was read or used, with every digit and a point; empty where that is not known. */
  readonly texts: readonly string[];
  readonly states: readonly ReadingState[];
  /** Where the period of this row began, Unix seconds: its own time for what was read. */
  readonly from: readonly number[];
  /** Reads failed within this period. */
  readonly gaps: readonly boolean[];
  /** The meter was exchanged within this period: no line goes over it, and nothing is counted. */
  readonly exchanged: readonly boolean[];
}

export interface ChartData {
  /** Unix seconds, ascending. */
  readonly times: readonly number[];
  readonly seqs: readonly number[];
  /** Reads that failed since the row before. */
  readonly failed: readonly number[];
  readonly columns: readonly ChartColumn[];
}

/**
 * `nameOf`: what the user calls a register; its own words where that is empty. Nothing is used of a register that goes
 * up and down, so it is no part of 'used'.
 */
export function chartData(series: Series, shown: Shown, nameOf: (code: string) => string): ChartData {
  const times = [...series.times];
  const gaps = Array.from(series.gaps, (gap) => gap === 1);
  const rate = rateOf(times);
  return {
    times,
    seqs: [...series.seqs],
    failed: [...series.failed],
    columns: series.registers.flatMap((register) => {
      const { code, quantity, unit } = register;
      const exchanged = Array.from(register.exchanged, (one) => one === 1);
      const named = { code, name: nameOf(code) || quantity || code, unit };
      if (shown === 'readings')
        return [{ ...named, axisUnit: unit, ...readColumn(register), from: times, gaps, exchanged }];
      if (!isCounted(unit)) return [];
      const used = usedColumn(register, times, { gaps, exchanged }, rate.seconds);
      return [{ ...named, axisUnit: `${unit}/${rate.name}`, ...used }];
    }),
  };
}

function readColumn({ values, texts, states }: RegisterSeries) {
  const only = (wanted: ReadingState) =>
    Array.from(values, (value, i) => (Number.isNaN(value) || states[i] !== wanted ? null : value));
  return { values: only('whole'), doubtful: only('unchecked'), texts, states };
}

/** Each from the last whole one before it, so that a register that is missing once makes the period longer, not the use larger. */
function usedColumn(
  { texts, states }: RegisterSeries,
  times: readonly number[],
  series: Pick<ChartColumn, 'gaps' | 'exchanged'>,
  unit: number,
) {
  const values: (number | null)[] = [];
  const used: string[] = [];
  const from: number[] = [];
  const gaps: boolean[] = [];
  const exchanged: boolean[] = [];
  let before = -1;
  let gap = false;
  let other = false;
  texts.forEach((text, i) => {
    const time = times[i] ?? 0;
    const began = times[before] ?? time;
    gap ||= before >= 0 && series.gaps[i] === true;
    other ||= before >= 0 && series.exchanged[i] === true;
    const whole = text !== '' && states[i] === 'whole';
    const difference = whole && before >= 0 && !other ? differenceOf(texts[before] ?? '', text) : undefined;
    const rate = difference && time > began ? (decimalToNumber(difference) * unit) / (time - began) : undefined;
    values.push(rate ?? null);
    used.push(difference ? formatDecimal(difference) : '');
    from.push(began);
    gaps.push(gap || (before >= 0 && i - before > 1));
    exchanged.push(other);
    if (whole) {
      before = i;
      gap = false;
      other = false;
    }
  });
  return { values, doubtful: values.map(() => null), texts: used, states, from, gaps, exchanged };
}

const HOUR_S = 3600;
const DAY_S = 86_400;

/** Per hour where readings come more often than twice a day, else per day. */
function rateOf(times: readonly number[]): { readonly name: 'h' | 'd'; readonly seconds: number } {
  const steps = times.slice(1).map((time, i) => time - (times[i] ?? time));
  const usual = steps.sort((a, b) => a - b)[steps.length >> 1] ?? 0;
  return usual < DAY_S / 2 ? { name: 'h', seconds: HOUR_S } : { name: 'd', seconds: DAY_S };
}
