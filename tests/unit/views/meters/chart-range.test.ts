import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { panned, rangeOfSpan, usualSpan, withRoom, zoomed } from '../../../../src/views/meters/chart-range.ts';

const bounds = { min: 0, max: 86_400 };

describe('range of the chart', () => {
  test('zooming in keeps the moment under the finger where it is', () => {
    const range = zoomed({ min: 0, max: 40_000 }, 0.5, bounds, 10_000);
    expect(range).toEqual({ min: 5000, max: 25_000 });
  });

  test('zooming out ends at what there is, zooming in at a minute', () => {
    expect(zoomed({ min: 80_000, max: 86_000 }, 100, bounds)).toEqual(bounds);
    const closest = zoomed({ min: 1000, max: 1010 }, 0.01, bounds);
    expect(closest.max - closest.min).toBeCloseTo(60);
  });

  test('moving stops at the ends', () => {
    expect(panned({ min: 1000, max: 3000 }, 0.5, bounds)).toEqual({ min: 2000, max: 4000 });
    expect(panned({ min: 1000, max: 3000 }, -5, bounds)).toEqual({ min: 0, max: 2000 });
  });

  test('whatever is done, the range stays within the bounds and does not turn round', () => {
    const step = fc.oneof(
      fc.record({ zoom: fc.double({ min: 0.01, max: 100, noNaN: true }) }),
      fc.record({ pan: fc.double({ min: -3, max: 3, noNaN: true }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const end = steps.reduce(
          (range, one) => ('zoom' in one ? zoomed(range, one.zoom, bounds) : panned(range, one.pan, bounds)),
          bounds,
        );
        expect(end.min).toBeGreaterThanOrEqual(bounds.min - 1e-6);
        expect(end.max).toBeLessThanOrEqual(bounds.max + 1e-6);
        expect(end.max - end.min).toBeGreaterThan(59.9);
      }),
    );
  });

  test('spans are counted back from the last reading, and no further than the first', () => {
    expect(rangeOfSpan('day', { min: 0, max: 1e6 })).toEqual({ min: 1e6 - 86_400, max: 1e6 });
    expect(rangeOfSpan('year', { min: 5, max: 1e6 })).toEqual({ min: 5, max: 1e6 });
    expect(rangeOfSpan('all', { min: 5, max: 1e6 })).toEqual({ min: 5, max: 1e6 });
    expect(withRoom({ min: 5000, max: 5000 })).toEqual({ min: 3200, max: 6800 });
  });

  test('a meter read every minute opens with a day, one read daily with a year', () => {
    expect([60_000, 900_000, 4 * 3_600_000, 86_400_000].map(usualSpan)).toEqual(['day', 'week', 'month', 'year']);
  });
});
