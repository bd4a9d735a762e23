import type uPlot from 'uplot';
import type { ChartColumn } from './chart-data.ts';

type Breaks = Pick<ChartColumn, 'values' | 'gaps' | 'exchanged'>;

/**
 * Neighbors that belong to one line: it breaks where a value is missing, where reads failed before it, and where the
 * meter became another one.
 */
export function lineRuns({ values, gaps, exchanged }: Breaks): readonly (readonly number[])[] {
  const runs: number[][] = [];
  let run: number[] = [];
  values.forEach((value, i) => {
    if (value === null || gaps[i] === true || exchanged[i] === true) {
      if (run.length > 0) runs.push(run);
      run = [];
    }
    if (value !== null) run.push(i);
  });
  if (run.length > 0) runs.push(run);
  return runs;
}

/** The rows that stand alone, which no line makes visible. */
export function loneRows(column: Breaks): number[] {
  return lineRuns(column).flatMap((run) => (run.length === 1 ? run : []));
}

/** A line through the readings. */
export function linePaths(column: ChartColumn, times: readonly number[]): uPlot.Series.PathBuilder {
  return (plot, series) => {
    const place = placer(plot, series);
    const stroke = new Path2D();
    for (const run of lineRuns(column)) {
      run.forEach((row, i) => {
        const { x, y } = place(times[row] ?? 0, column.values[row] ?? 0);
        if (i === 0) stroke.moveTo(x, y);
        else stroke.lineTo(x, y);
      });
    }
    return { stroke };
  };
}

/**
 * What was used as bars, each from the beginning of its period to its end. One within which reads failed is hollow.
 * `filled` false: outlines only, for several registers that must not hide each other.
 */
export function barPaths(column: ChartColumn, times: readonly number[], filled: boolean): uPlot.Series.PathBuilder {
  return (plot, series) => {
    const place = placer(plot, series);
    const stroke = new Path2D();
    const fill = new Path2D();
    column.values.forEach((value, row) => {
      if (value === null) return;
      const from = place(column.from[row] ?? 0, 0);
      const to = place(times[row] ?? 0, value);
      // Room between neighbors, where there is any to give.
      const room = to.x - from.x > 6 ? 1 : 0;
      const shape = [from.x + room, to.y, Math.max(1, to.x - from.x - 2 * room), from.y - to.y] as const;
      stroke.rect(...shape);
      if (filled && column.gaps[row] !== true) fill.rect(...shape);
    });
    return filled ? { stroke, fill } : { stroke };
  };
}

function placer(plot: uPlot, series: number) {
  const scale = plot.series[series]?.scale ?? 'y';
  return (time: number, value: number) => ({
    x: plot.valToPos(time, 'x', true),
    y: plot.valToPos(value, scale, true),
  });
}
