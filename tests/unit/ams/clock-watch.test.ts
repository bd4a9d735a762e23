import { describe, expect, test } from 'vitest';
import { watchClock } from '../../../src/ams/clock-watch.ts';

/** Two clocks that a test sets, and a watch that looks after each step. */
function world() {
  let wall = 1_000_000_000;
  let monotonic = 500;
  const watch = watchClock({ now: () => wall, monotonic: () => monotonic });
  const began = wall;
  return {
    watch,
    began,
    /** So much later by each clock, a look. */
    step(byWall: number, byMonotonic = byWall) {
      wall += byWall;
      monotonic += byMonotonic;
      watch.look();
      return wall;
    },
  };
}

describe('a watch on the clock', () => {
  test('sees nothing in looks that come in time, and in small corrections', () => {
    const { watch, began, step } = world();
    for (const by of [1000, 999, 10_000]) step(by);
    step(10_000, 0);
    step(-50_000, 10_000);
    expect([watch.startedAt, watch.hasSetBack, watch.takeSetBack()]).toEqual([began, false, undefined]);
    expect(watch.gapAfter(0)).toBeUndefined();
  });

  test('tells a stop of the program from a sleep of the device or a clock set forward', () => {
    const { watch, began, step } = world();
    const stopped = step(10_001);
    expect(watch.gapAfter(0)).toEqual({ from: began, to: stopped, passed: true });
    const woken = step(3_600_000, 10_000);
    expect(watch.gapAfter(0)).toEqual({ from: stopped, to: woken, passed: false });
  });

  test('knows the last gap only, and none that ended before the moment in question', () => {
    const { watch, step } = world();
    step(20_000);
    const from = step(1000);
    const to = step(30_000);
    step(1000);
    expect(watch.gapAfter(to - 1)).toEqual({ from, to, passed: true });
    expect(watch.gapAfter(to)).toBeUndefined();
  });

  test('tells each time the clock was set back once, by what it should have shown', () => {
    const { watch, step } = world();
    const before = step(1000);
    const first = step(-3_600_000, 1000);
    const second = step(-60_001, 0);
    expect(watch.hasSetBack).toBe(true);
    expect(watch.takeSetBack()).toEqual({ from: before + 1000, to: first });
    expect(watch.takeSetBack()).toEqual({ from: first, to: second });
    expect([watch.takeSetBack(), watch.hasSetBack]).toEqual([undefined, false]);
  });

  test('a clock that lost a minute while the program was stopped is one that was put right', () => {
    const { watch, step } = world();
    step(0, 60_000);
    expect(watch.hasSetBack).toBe(false);
    step(0, 60_001);
    expect(watch.hasSetBack).toBe(true);
  });
});
