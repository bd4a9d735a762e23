import { describe, expect, test } from 'vitest';
import type { Series } from '../../../../src/archive/api.ts';
import { formatDecimal } from '../../../../src/common/decimal.ts';
import { chartData } from '../../../../src/views/meters/chart-data.ts';
import { lineRuns, loneRows } from '../../../../src/views/meters/chart-paths.ts';
import { consumptions, differenceOf, sparkBars } from '../../../../src/views/meters/consumption.ts';

describe('consumption', () => {
  test('is the exact difference, with every digit', () => {
    const used = differenceOf('123456789012.345', '123456789012.4');
    expect(used && formatDecimal(used)).toBe('0.055');
  });

  test('is unknown where a register went back or holds no number', () => {
    expect(differenceOf('99999.9', '0.3')).toBeUndefined();
    expect(differenceOf('', '5')).toBeUndefined();
  });

  test('goes from each reading to the next', () => {
    const points = [
      { time: 10, text: '1.0', state: 'whole' },
      { time: 15, text: '9.9', state: 'unchecked' },
      { time: 20, text: '1.5', state: 'whole' },
      { time: 30, text: '0.0', state: 'whole' },
    ] as const;
    expect(consumptions(points)).toEqual([
      { from: 10, to: 20, used: { coefficient: 5, exponent: -1 } },
      { from: 20, to: 30, used: undefined },
    ]);
    expect(consumptions([])).toEqual([]);
  });

  test('is unknown across the exchange of a meter, also where the first figure of the new one counts for nothing', () => {
    const points = [
      { time: 10, text: '100.0', state: 'whole' },
      { time: 20, text: '5000.0', state: 'unchecked', exchanged: true },
      { time: 30, text: '5001.0', state: 'whole' },
      { time: 40, text: '5002.5', state: 'whole' },
    ] as const;
    expect(consumptions(points)).toEqual([
      { from: 10, to: 30, used: undefined },
      { from: 30, to: 40, used: { coefficient: 15, exponent: -1 } },
    ]);
  });
});

describe('the bars of a sparkline', () => {
  const value = (from: number, to: number, coefficient: number) => ({ from, to, used: { coefficient, exponent: 0 } });

  test('are as wide as their period, the fastest as tall as there is room, none of them invisible', () => {
    const bars = sparkBars([value(0, 10, 5), value(10, 20, 0), value(20, 30, 10)], 30, 20);
    expect(bars).toEqual([
      { x: 0, y: 10, width: 8, height: 10 },
      { x: 10, y: 19, width: 8, height: 1 },
      { x: 20, y: 0, width: 8, height: 20 },
    ]);
  });

  test('show a period in which reads failed as longer, not as more', () => {
    const bars = sparkBars([value(0, 10, 5), value(10, 30, 10), value(30, 40, 5)], 40, 20);
    expect(bars.map(({ width, height }) => [width, height])).toEqual([
      [8, 20],
      [18, 20],
      [8, 20],
    ]);
  });

  test('leave a gap where nothing is known', () => {
    const back = { from: 20, to: 30, used: undefined };
    expect(sparkBars([value(0, 10, 1), value(10, 20, 2), back], 30, 10).map(({ x }) => x)).toEqual([0, 10]);
    expect(sparkBars([value(0, 1, 0), value(1, 2, 0)], 20, 10).map(({ height }) => height)).toEqual([1, 1]);
    expect(sparkBars([], 20, 10)).toEqual([]);
  });
});

describe('the data of the chart', () => {
  const HOUR = 3600;
  const series: Series = {
    times: Float64Array.from([1, 2, 3, 5, 6, 7], (hour) => hour * HOUR),
    seqs: Float64Array.of(11, 12, 13, 15, 16, 17),
    failed: Uint32Array.of(0, 0, 0, 1, 0, 0),
    gaps: Uint8Array.of(0, 0, 0, 1, 0, 0),
    total: 6,
    found: [],
    registers: [
      {
        code: '1.8.0',
        quantity: 'Active energy import',
        unit: 'kWh',
        values: Float64Array.of(1, NaN, 2, 4, 77, 0.2),
        texts: ['1.00', '', '2.00', '4.00', '77.00', '0.20'],
        states: ['whole', 'not available', 'whole', 'whole', 'unchecked', 'whole'],
        exchanged: Uint8Array.of(0, 0, 0, 0, 0, 0),
      },
    ],
  };

  test('as read: gaps are gaps, names are the user’s or the register’s own', () => {
    const { columns, seqs, failed } = chartData(series, 'readings', () => '');
    expect(columns[0]).toMatchObject({ name: 'Active energy import', axisUnit: 'kWh' });
    expect(chartData(series, 'readings', () => 'House').columns[0]?.name).toBe('House');
    expect(seqs).toEqual([11, 12, 13, 15, 16, 17]);
    expect(failed).toEqual([0, 0, 0, 1, 0, 0]);
  });

  test('as read: what nothing vouches for is no part of the line, and the line breaks where reads failed', () => {
    const [column] = chartData(series, 'readings', () => '').columns;
    if (!column) throw new Error('no column');
    expect(column.values).toEqual([1, null, 2, 4, null, 0.2]);
    expect(column.doubtful).toEqual([null, null, null, null, 77, null]);
    expect(lineRuns(column)).toEqual([[0], [2], [3], [5]]);
    expect(loneRows(column)).toEqual([0, 2, 3, 5]);
    const unbroken = [false, false, false];
    expect(lineRuns({ values: [1, 2, 3], gaps: unbroken, exchanged: unbroken })).toEqual([[0, 1, 2]]);
  });

  test('as used: a period of two hours is two hours wide and its rate is that of each', () => {
    const [column] = chartData(series, 'used', () => '').columns;
    expect(column?.axisUnit).toBe('kWh/h');
    expect(column?.texts).toEqual(['', '', '1.00', '2.00', '', '']);
    expect(column?.values).toEqual([null, null, 0.5, 1, null, null]);
    expect(column?.from.map((time) => time / HOUR)).toEqual([1, 1, 1, 3, 5, 5]);
    expect(column?.gaps).toEqual([false, false, true, true, false, true]);
  });

  test('no line and no use goes across the exchange of a meter', () => {
    const exchanged = Uint8Array.of(0, 1, 0, 0, 0, 0);
    const registers = series.registers.map((register) => ({ ...register, exchanged }));
    const [read] = chartData({ ...series, gaps: new Uint8Array(6), registers }, 'readings', () => '').columns;
    expect(read && lineRuns(read)).toEqual([[0], [2, 3], [5]]);
    const [used] = chartData({ ...series, registers }, 'used', () => '').columns;
    expect(used?.texts).toEqual(['', '', '', '2.00', '', '']);
    expect(used?.values).toEqual([null, null, null, 1, null, null]);
  });

  test('as used by meters that are read once a day: per day', () => {
    const times = Float64Array.from([1, 2, 3, 5, 6, 7], (day) => day * 24 * HOUR);
    const [column] = chartData({ ...series, times }, 'used', () => '').columns;
    expect(column?.axisUnit).toBe('kWh/d');
    expect(column?.values).toEqual([null, null, 0.5, 1, null, null]);
  });

  test('nothing is used of a register that goes up and down', () => {
    const registers = series.registers.map((register) => ({ ...register, unit: 'kW' }));
    expect(chartData({ ...series, registers }, 'used', () => '').columns).toEqual([]);
  });
});
