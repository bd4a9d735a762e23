import type { Series } from '../../archive/api.ts';
import { decimalToNumber, formatDecimal } from '../../protocols/common/decimal.ts';
import { isCounted } from '../../protocols/common/telling-readings.ts';
import { differenceOf } from './consumption.ts';

/** What each reading showed, or what was used since the one before. */
export type Shown = 'readings' | 'used';

/** One line of the chart, and one column of the table behind it. */
export interface ChartColumn {
  readonly code: string;
  readonly name: string;
  readonly unit: string;
  /** In step with the times; null where a reading lacks it. */
  readonly values: readonly (number | null)[];
  /** The same with every digit and a point; empty where a reading lacks it. */
  readonly texts: readonly string[];
}

export interface ChartData {
  /** Unix seconds, ascending. */
  readonly times: readonly number[];
  readonly seqs: readonly number[];
  readonly columns: readonly ChartColumn[];
}

/**
 * `nameOf`: what the user calls a register; its own words where that is empty. Nothing is used of a register that goes
 * up and down, so it is no part of 'used'.
 */
export function chartData(series: Series, shown: Shown, nameOf: (code: string) => string): ChartData {
  return {
    times: [...series.times],
    seqs: [...series.seqs],
    columns: series.registers.flatMap(({ code, quantity, unit, texts, values }) => {
      const name = nameOf(code) || quantity || code;
      if (shown === 'readings') {
        const numbers = Array.from(values, (value) => (Number.isNaN(value) ? null : value));
        return [{ code, name, unit, texts, values: numbers }];
      }
      if (!isCounted(unit)) return [];
      const used = differences(texts);
      return [
        {
          code,
          name,
          unit,
          texts: used.map((value) => (value ? formatDecimal(value) : '')),
          values: used.map((value) => (value ? decimalToNumber(value) : null)),
        },
      ];
    }),
  };
}

/** Each from the last one before it that is there; the first of all is from nothing. */
function differences(texts: readonly string[]) {
  let before = '';
  return texts.map((text) => {
    if (text === '') return undefined;
    const used = before === '' ? undefined : differenceOf(before, text);
    before = text;
    return used;
  });
}
