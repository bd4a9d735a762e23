import { describe, expect, test } from 'vitest';
import type { TraceEntry } from '../../../../src/line/trace.ts';
import { axisEnd, wireBars } from '../../../../src/views/read/wire-time.ts';

const entry = (time: number, direction: TraceEntry['direction'], count: number, baudRate: number): TraceEntry => ({
  time,
  direction,
  baudRate,
  bytes: new Uint8Array(count),
  text: '',
});

describe('the strip chart of the wire', () => {
  test('ends at round times', () => {
    expect([0, 999, 1001, 29_000, 60_000, 60_001].map(axisEnd)).toEqual([1000, 1000, 2000, 30_000, 60_000, 120_000]);
  });

  test('five characters at 300 Bd are a sixth of a second', () => {
    const [bar] = wireBars([entry(500, 'sent', 5, 300)], 1000);
    expect(bar?.start).toBe(500);
    expect(bar?.width).toBeCloseTo(166.7, 1);
  });

  test('runs of one direction become one bar, events none', () => {
    const bars = wireBars(
      [
        entry(0, 'sent', 5, 300),
        entry(400, 'received', 3, 300),
        entry(450, 'event', 0, 300),
        entry(500, 'received', 3, 300),
      ],
      1000,
    );
    expect(bars.map(({ direction }) => direction)).toEqual(['sent', 'received']);
    expect(bars[1]?.width).toBeCloseTo(200, 5);
  });
});
