import { afterEach, expect, test, vi } from 'vitest';
import { ScreenLock } from '../../../../src/views/background/screen-lock.svelte.ts';

/** A screen that can be locked on, as the browser has it: hiding the page lets go of the lock. */
function fakeScreen(refuse = false) {
  const page = { visibilityState: 'visible' };
  const locks = new Set<EventTarget>();
  const request = () => {
    if (refuse) return Promise.reject(new Error('battery is low'));
    const lock = Object.assign(new EventTarget(), {
      release: () => {
        locks.delete(lock);
        lock.dispatchEvent(new Event('release'));
        return Promise.resolve();
      },
    });
    locks.add(lock);
    return Promise.resolve(lock);
  };
  vi.stubGlobal('document', page);
  vi.stubGlobal('navigator', { wakeLock: { request } });
  const hide = async (hidden: boolean) => {
    page.visibilityState = hidden ? 'hidden' : 'visible';
    if (hidden) for (const lock of locks) await (lock as unknown as WakeLockSentinel).release();
  };
  return { locks, hide };
}

afterEach(() => vi.unstubAllGlobals());

test('holds one lock while something runs, and asks again when the window comes back', async () => {
  const { locks, hide } = fakeScreen();
  const screen = new ScreenLock();
  screen.want(true);
  screen.want(true);
  await screen.settle();
  expect([locks.size, screen.held]).toEqual([1, true]);

  await hide(true);
  await screen.settle();
  expect([locks.size, screen.held]).toEqual([0, false]);
  await hide(false);
  await screen.settle();
  expect(locks.size).toBe(1);

  screen.want(false);
  await screen.settle();
  expect([locks.size, screen.held]).toEqual([0, false]);
});

test('switched off it asks for nothing, and a refusal is told', async () => {
  const { locks } = fakeScreen();
  const screen = new ScreenLock();
  screen.on = false;
  screen.want(true);
  await screen.settle();
  expect(locks.size).toBe(0);

  fakeScreen(true);
  const refused = new ScreenLock();
  refused.on = true;
  refused.want(true);
  await refused.settle();
  expect(refused.fault).toBe('battery is low');
});
