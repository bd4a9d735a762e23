import { describe, expect, test } from 'vitest';
import { absenceReason, reasons } from '../../../src/ams/absence.ts';
import { createStoreHealth } from '../../../src/ams/store-health.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';

const BEGAN = 1_800_000_000_000;

describe('a store that fails', () => {
  test('is left alone for a second, then twice as long each time, a minute at most, until it works', async () => {
    const clock = virtualClock(BEGAN);
    const health = createStoreHealth(clock);
    expect(health.isResting()).toBe(false);
    const rest = async () => {
      health.failed();
      const from = clock.monotonic();
      while (health.isResting()) await clock.run(clock.sleep(500));
      return clock.monotonic() - from;
    };
    const rests: number[] = [];
    for (let i = 0; i < 8; i++) rests.push(await rest());
    expect(rests).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    health.failed();
    health.worked();
    expect(health.isResting()).toBe(false);
    expect(await rest()).toBe(1000);
  });

  test('has failed from the first failure until it worked, and since then if it has not', async () => {
    const clock = virtualClock(BEGAN);
    const health = createStoreHealth(clock);
    const at = (ms: number) => BEGAN + ms;
    expect(health.failedWithin(0, Infinity)).toBe(false);
    health.worked();
    expect(health.failedWithin(0, Infinity)).toBe(false);
    await clock.run(clock.sleep(1000));
    health.failed();
    await clock.run(clock.sleep(1000));
    health.failed();
    expect([health.failedWithin(0, at(1000)), health.failedWithin(0, at(1001))]).toEqual([false, true]);
    expect(health.failedWithin(at(5000), at(6000))).toBe(true);
    await clock.run(clock.sleep(1000));
    health.worked();
    await clock.run(clock.sleep(1000));
    health.worked();
    expect([health.failedWithin(at(3000), at(9000)), health.failedWithin(at(3001), at(9000))]).toEqual([true, false]);
    expect(health.failedWithin(0, at(1500))).toBe(true);
  });
});

test('why nobody looked: before the start, in a stop, in a sleep, or only too late', () => {
  const slots = { count: 2, first: 1000, last: 2000 };
  const why = (gap: { from: number; to: number; passed: boolean } | undefined, startedAt = 500) =>
    absenceReason(
      {
        startedAt,
        hasSetBack: false,
        look: () => undefined,
        takeSetBack: () => undefined,
        gapAfter: (moment) => (gap && gap.to > moment ? gap : undefined),
      },
      slots,
      'before',
    );
  const gap = { from: 900, to: 3000, passed: true };
  expect(why(gap, 1001)).toBe('before');
  expect(why(gap, 1000)).toBe(reasons.stopped);
  expect(why({ ...gap, passed: false })).toBe(reasons.slept);
  expect(why({ ...gap, from: 2000 })).toBe(reasons.stopped);
  expect(why({ ...gap, from: 2001 })).toBe(reasons.late);
  expect(why({ ...gap, to: 1000 })).toBe(reasons.late);
  expect(why(undefined)).toBe(reasons.late);
});
