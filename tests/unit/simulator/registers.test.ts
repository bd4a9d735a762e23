import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DAY,
  HOUR,
  counted,
  heatingHours,
  householdHours,
  maximum,
  rate,
  sunHours,
} from '../../../src/simulator/load.ts';
import type { Load } from '../../../src/simulator/load.ts';
import {
  current,
  digits,
  energies,
  meterDate,
  monthStart,
  monthlyMaximum,
  power,
  tariffs,
  voltage,
} from '../../../src/simulator/registers.ts';

const since = Date.UTC(2020, 0, 1);
const until = Date.UTC(2032, 0, 1);
const load: Load = { seed: 5, perDay: 10, hours: householdHours, season: 0.4, since, initial: 100 };
const times = fc.integer({ min: since - DAY, max: until });
const loads = fc.record({
  seed: fc.integer(),
  perDay: fc.double({ min: 0.01, max: 500, noNaN: true }),
  hours: fc.constantFrom(householdHours, sunHours, heatingHours),
  season: fc.double({ min: -0.9, max: 0.9, noNaN: true }),
  since: fc.constant(since),
  initial: fc.integer({ min: 0, max: 9999 }),
});

describe('counting registers', () => {
  it('never count back, and are the same for the same time', () => {
    fc.assert(
      fc.property(loads, times, fc.integer({ min: 0, max: 40 * DAY }), (any, time, later) => {
        const before = counted(any, time);
        expect(counted(any, time)).toBe(before);
        expect(counted(any, time + later)).toBeGreaterThanOrEqual(before - 1e-7);
        expect(before).toBeGreaterThanOrEqual(any.initial);
      }),
    );
  });

  it('grow by the load curve: a minute in the evening by a sixtieth of the power', () => {
    const evening = Date.UTC(2026, 0, 14, 17, 20);
    const grown = counted(load, evening + 60_000) - counted(load, evening);
    expect(grown).toBeCloseTo(rate(load, evening) / 60, 9);
    expect(grown).toBeGreaterThan(0.005);
  });

  it('come to the daily quantity over the years', () => {
    const perDay = (counted(load, since + 1461 * DAY) - counted(load, since)) / 1461;
    expect(perDay).toBeGreaterThan(9.7);
    expect(perDay).toBeLessThan(10.3);
  });

  it('have their tariffs add up to the total', () => {
    fc.assert(
      fc.property(times, (time) => {
        const [day, night] = tariffs.map((window) => counted({ ...load, initial: 50 }, time, window));
        expect((day ?? 0) + (night ?? 0)).toBeCloseTo(counted(load, time), 6);
        const shown = energies(load, time);
        expect(shown.tariff.reduce((a, b) => a + b, 0)).toBe(shown.total);
      }),
    );
  });

  it('count sun in summer and not at night', () => {
    const sun: Load = { ...load, hours: sunHours, season: -0.7 };
    const day = (month: number) => counted(sun, Date.UTC(2025, month, 11)) - counted(sun, Date.UTC(2025, month, 10));
    expect(day(6)).toBeGreaterThan(2 * day(0));
    expect(rate(sun, Date.UTC(2025, 6, 10, 1))).toBe(0);
  });
});

describe('maxima', () => {
  it('are no less than any rate of the period and are stamped within it', () => {
    fc.assert(
      fc.property(fc.integer({ min: since + 40 * DAY, max: until }), (time) => {
        const best = monthlyMaximum(load, time);
        const from = monthStart(time, 0);
        expect(best.time).toBeLessThanOrEqual(Math.max(time, from));
        for (let at = from; at + HOUR / 4 <= time; at += 7 * HOUR)
          expect(best.rate).toBeGreaterThanOrEqual(rate(load, at));
      }),
      { numRuns: 50 },
    );
  });

  it('are zero in the first minutes of a month', () => {
    const from = monthStart(Date.UTC(2026, 3, 5), 0);
    expect(maximum(load, from, from + 60_000)).toEqual({ rate: 0, time: from });
  });
});

describe('instantaneous figures', () => {
  it('vary around what is plausible', () => {
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: 2 }), (time, phase) => {
        expect(voltage(3, phase, time)).toBeGreaterThan(225);
        expect(voltage(3, phase, time)).toBeLessThan(240);
        expect(current(load, phase, time)).toBeGreaterThan(0);
        expect(power(load, time)).toBeLessThan(3);
      }),
    );
    const seen = new Set([0, 4, 8, 12].map((seconds) => voltage(3, 0, since + seconds * 1000)));
    expect(seen.size).toBe(4);
  });
});

describe('digits', () => {
  it.each([
    [265.0579, 6, 3, '000265.057'],
    [0.29, 1, 2, '0.29'],
    [1_000_000.5, 6, 1, '000000.5'],
    [-73.694, 6, 2, '-000073.69'],
    [7, 4, 0, '0007'],
  ])('%d with %d.%d digits is %s', (value, whole, decimals, text) => {
    expect(digits(value, whole, decimals)).toBe(text);
  });
});

it('meterDate is UTC+1 all year', () => {
  const summer = meterDate(Date.UTC(2026, 6, 31, 23, 4, 5));
  expect(summer).toEqual({ year: '26', month: '08', day: '01', hour: '00', minute: '04', second: '05' });
  expect(monthStart(Date.UTC(2026, 0, 14), 1)).toBe(Date.UTC(2025, 10, 30, 23));
});
