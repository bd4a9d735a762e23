import fc from 'fast-check';
import { expect, it } from 'vitest';
import { driftOf, driftWords, offsetWords } from '../../../src/common/clock-drift.ts';

it('is said with what the line and whole seconds leave open, and as none where it is within that', () => {
  expect(driftWords({ ms: 3200, doubtMs: 600 })).toBe('3.2 s ahead (± 0.6 s)');
  expect(driftWords({ ms: -125_000, doubtMs: 600 })).toBe('2 min 5 s behind (± 0.6 s)');
  expect(driftWords({ ms: 3_599_800, doubtMs: 600 })).toBe('60 min 0 s ahead (± 0.6 s)');
  expect(driftWords({ ms: 500, doubtMs: 600 })).toBe('right, as far as can be told (± 0.6 s)');
  expect(driftWords({ ms: 3_600_000 * 26 + 60_000, doubtMs: 600 })).toBe('26 h 1 min ahead (± 0.6 s)');
  expect(driftWords({ ms: -86_400_000 * 400, doubtMs: 600 })).toBe('400 days behind (± 0.6 s)');
});

it('wherever in between the clock was looked at, what is true lies within the doubt', () => {
  const ms = fc.integer({ min: 0, max: 5000 });
  fc.assert(
    fc.property(
      fc.integer({ min: -1e6, max: 1e6 }),
      ms,
      ms,
      fc.constantFrom(10, 1000),
      (off, before, behind, stepMs) => {
        // It was looked at at 0 of this device, and shows whole steps.
        const shown = Math.floor(off / stepMs) * stepMs;
        const drift = driftOf({ from: -before, to: behind, shown, stepMs });
        expect(Math.abs(drift.ms - off)).toBeLessThanOrEqual(drift.doubtMs + 1e-9);
      },
    ),
  );
});

it('a time zone is named by its offset', () => {
  expect([0, 60, -210, 345].map(offsetWords)).toEqual(['UTC+00:00', 'UTC+01:00', 'UTC−03:30', 'UTC+05:45']);
});
