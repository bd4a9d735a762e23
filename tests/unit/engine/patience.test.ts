import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { batch } from '../../../src/engine/batch.ts';
import { untilItWorks } from '../../../src/engine/patience.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';

test('what fails is tried again after a rest, twice as long each time, a minute at most', async () => {
  const clock = virtualClock();
  const tried: number[] = [];
  const failures: unknown[] = [];
  const work = () => {
    tried.push(clock.monotonic());
    return tried.length < 12 ? Promise.reject(new Error(`${tried.length}`)) : Promise.resolve('worked');
  };
  expect(await clock.run(untilItWorks(work, clock, (error) => failures.push(error)))).toBe('worked');
  const rests = tried.slice(1).map((at, index) => at - (tried[index] ?? 0));
  expect(rests).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  expect(failures).toHaveLength(11);
});

describe('a batch', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function bench() {
    const delivered: (readonly number[])[] = [];
    return { delivered, ...batch<number>(50, (items) => delivered.push(items)) };
  }

  test('hands over together what comes within its time', () => {
    const { add, delivered } = bench();
    add(1);
    vi.advanceTimersByTime(49);
    add(2);
    expect(delivered).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(delivered).toEqual([[1, 2]]);
    add(3);
    vi.advanceTimersByTime(50);
    expect(delivered).toEqual([[1, 2], [3]]);
  });

  test('hands over at once when it is told to, and nothing twice', () => {
    const { add, flush, delivered } = bench();
    flush();
    add(1);
    vi.advanceTimersByTime(40);
    flush();
    add(2);
    vi.advanceTimersByTime(49);
    expect(delivered).toEqual([[1]]);
    vi.advanceTimersByTime(1);
    expect(delivered).toEqual([[1], [2]]);
    vi.advanceTimersByTime(1000);
    expect(delivered).toHaveLength(2);
  });
});
