/**
 * Which rows of a chart to keep so that it looks the same with fewer of them: the first and the last, and of every
 * stretch the rows where a column has its least and its greatest value. Ascending; at most `maxRows`, but at least two.
 *
 * @param columns of equal length; NaN where a row has no value
 */
export function thinRows(columns: readonly Float64Array[], rows: number, maxRows: number): Uint32Array {
  if (rows <= maxRows) return Uint32Array.from({ length: rows }, (_, row) => row);
  const kept = new Set([0, rows - 1]);
  const stretches = Math.floor((maxRows - 2) / (2 * Math.max(1, columns.length)));
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = Math.floor((stretch * rows) / stretches);
    const end = Math.floor(((stretch + 1) * rows) / stretches);
    for (const column of columns) for (const row of extremes(column, from, end)) kept.add(row);
  }
  return Uint32Array.from(kept).sort();
}

/** The first row, the last, and rows as far apart as possible between them. Ascending; at most `maxRows`, at least two. */
export function evenRows(rows: number, maxRows: number): Uint32Array {
  if (rows <= maxRows) return Uint32Array.from({ length: rows }, (_, row) => row);
  const last = Math.max(1, maxRows - 1);
  return Uint32Array.from({ length: last + 1 }, (_, i) => Math.round((i * (rows - 1)) / last));
}

/** Rows of the least and the greatest value within [from, end); none where all are missing. */
function extremes(column: Float64Array, from: number, end: number): readonly number[] {
  let least = -1;
  let greatest = -1;
  for (let row = from; row < end; row++) {
    const value = column[row] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    if (least < 0 || value < (column[least] ?? Infinity)) least = row;
    if (greatest < 0 || value > (column[greatest] ?? -Infinity)) greatest = row;
  }
  return least < 0 ? [] : [least, greatest];
}
