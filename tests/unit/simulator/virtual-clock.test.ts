import { describe, expect, it } from 'vitest';
import { acceleratedClock } from '../../../src/simulator/accelerated-clock.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';

describe('virtualClock', () => {
  it('jumps over an hour, which nobody waits for', async () => {
    const clock = virtualClock(1000);
    await clock.run(clock.sleep(3_600_000));
    expect(clock.monotonic()).toBe(3_600_000);
    expect(clock.now()).toBe(3_601_000);
  });

  it('wakes in order of time, and of calling at equal times', async () => {
    const clock = virtualClock();
    const woken: string[] = [];
    const sleep = (name: string, ms: number) => clock.sleep(ms).then(() => woken.push(`${name}@${clock.monotonic()}`));
    await clock.run(Promise.all([sleep('c', 20), sleep('a', 10), sleep('b', 10), sleep('zero', 0)]));
    expect(woken).toEqual(['zero@0', 'a@10', 'b@10', 'c@20']);
  });

  it('lets follow-ups over several macrotasks run before time goes on', async () => {
    const clock = virtualClock();
    void clock.sleep(1000).catch(() => undefined);
    const work = async () => {
      await clock.sleep(5);
      await new Promise((resolve) => setImmediate(resolve));
      return clock.monotonic();
    };
    expect(await clock.run(work())).toBe(5);
  });

  it('rejects an aborted sleep with the reason and forgets it', async () => {
    const clock = virtualClock();
    const controller = new AbortController();
    const slept = clock.sleep(1000, controller.signal);
    controller.abort(new Error('enough'));
    await expect(clock.run(slept)).rejects.toThrow('enough');
    await expect(clock.sleep(1, controller.signal)).rejects.toThrow('enough');
    await clock.run(clock.sleep(10));
    expect(clock.monotonic()).toBe(10);
  });

  it('passes on what the promise rejects with', async () => {
    const clock = virtualClock();
    const fail = async () => {
      await clock.sleep(5);
      throw new Error('as it is');
    };
    await expect(clock.run(fail())).rejects.toThrow('as it is');
  });

  it('tells a deadlock', async () => {
    const clock = virtualClock(0, 0);
    await expect(clock.run(new Promise(() => undefined))).rejects.toThrow(/Deadlock at 0 ms/);
  });

  it('gives up after the limit where someone ticks for ever', async () => {
    const clock = virtualClock();
    const tick = async (): Promise<void> => {
      for (;;) await clock.sleep(100);
    };
    await expect(clock.run(tick(), 5000)).rejects.toThrow(/5000 ms/);
  });
});

describe('acceleratedClock', () => {
  it('runs the factor times as fast, and follows a change of it', async () => {
    const real = virtualClock(0);
    let factor = 20;
    const fast = acceleratedClock(real, () => factor);
    await real.run(fast.sleep(2000));
    expect(fast.monotonic()).toBe(2000);
    expect(real.monotonic()).toBeCloseTo(100, 6);
    factor = 2;
    await real.run(fast.sleep(2000));
    expect(real.monotonic()).toBeCloseTo(1100, 6);
    expect(fast.now()).toBeCloseTo(4000, 6);
  });

  it('is never late for a sleeper, however late the real timers are, and catches up', async () => {
    const real = virtualClock(0);
    const late = { ...real, sleep: (ms: number, signal?: AbortSignal) => real.sleep(ms + 4, signal) };
    const fast = acceleratedClock(late, () => 20);
    const wokenAt: number[] = [];
    const twice = async () => {
      await fast.sleep(20);
      wokenAt.push(fast.monotonic());
      await fast.sleep(20);
      wokenAt.push(fast.monotonic());
    };
    await real.run(twice());
    expect(wokenAt).toEqual([20, 40]);
    // 2 ms were due and 5 ms went by: the second sleeper had no further wait.
    expect(real.monotonic()).toBe(5);
  });

  it('wakes an earlier sleeper that came while it napped', async () => {
    const real = virtualClock(0);
    const fast = acceleratedClock(real, () => 1);
    const controller = new AbortController();
    const long = fast.sleep(5000, controller.signal).catch(() => 'aborted');
    await real.run(fast.sleep(10));
    expect(real.monotonic()).toBeCloseTo(10, 6);
    controller.abort(new Error('no more'));
    expect(await real.run(long)).toBe('aborted');
  });
});
