import { describe, expect, test } from 'vitest';
import { formatDecimal } from '../../../../src/protocols/common/decimal.ts';
import { chartData } from '../../../../src/views/meters/chart-data.ts';
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
      { time: 10, text: '1.0' },
      { time: 20, text: '1.5' },
      { time: 30, text: '0.0' },
    ];
    expect(consumptions(points)).toEqual([
      { from: 10, to: 20, used: { coefficient: 5, exponent: -1 } },
      { from: 20, to: 30, used: undefined },
    ]);
    expect(consumptions([])).toEqual([]);
  });
});

describe('the bars of a sparkline', () => {
  const value = (coefficient: number, i: number) => ({ from: i, to: i + 1, used: { coefficient, exponent: 0 } });

  test('stand at the right, the highest as tall as there is room, none of them invisible', () => {
    const bars = sparkBars([5, 0, 10].map(value), 4, 40, 20);
    expect(bars.map(({ x, y, height }) => [x, y, height])).toEqual([
      [10, 10, 10],
      [20, 19, 1],
      [30, 0, 20],
    ]);
  });

  test('leave a gap where nothing is known, and show only the newest', () => {
    const values = [1, 2, 3].map(value);
    expect(sparkBars([...values, { from: 3, to: 4, used: undefined }], 2, 20, 10).map(({ x }) => x)).toEqual([0]);
    expect(sparkBars([0, 0].map(value), 2, 20, 10).map(({ height }) => height)).toEqual([1, 1]);
  });
});

describe('the data of the chart', () => {
  const series = {
    times: Float64Array.of(1, 2, 3, 4),
    seqs: Float64Array.of(11, 12, 13, 14),
    total: 4,
    found: [],
    registers: [
      {
        code: '1.8.0',
        quantity: 'Active energy import',
        unit: 'kWh',
        values: Float64Array.of(1, NaN, 1.5, 0.2),
        texts: ['1.00', '', '1.50', '0.20'],
      },
    ],
  };

  test('as read: gaps are gaps, names are the user’s or the register’s own', () => {
    const { columns, seqs } = chartData(series, 'readings', () => '');
    expect(columns[0]).toMatchObject({ name: 'Active energy import', values: [1, null, 1.5, 0.2] });
    expect(chartData(series, 'readings', () => 'House').columns[0]?.name).toBe('House');
    expect(seqs).toEqual([11, 12, 13, 14]);
  });

  test('as used: over a gap from the last reading that is there', () => {
    const { columns } = chartData(series, 'used', () => '');
    expect(columns[0]).toMatchObject({ values: [null, null, 0.5, null], texts: ['', '', '0.50', ''] });
  });

  test('nothing is used of a register that goes up and down', () => {
    const registers = series.registers.map((register) => ({ ...register, unit: 'kW' }));
    expect(chartData({ ...series, registers }, 'used', () => '').columns).toEqual([]);
  });
});
