/** The schedule over the real engine: hidden and frozen windows, kills, and the service worker as second clock. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import type { BrowserContext, Page, Worker } from '@playwright/test';
import type { AmsRecord } from '../../src/log/record.ts';
import { findChromium } from '../tools/chromium.js';
import { expect, openApp, test, untilOfflineReady } from './support/app.ts';
import { addSimulatedMeter, callEngine, storedRecords } from './support/engine.ts';
import { startOwnBrowser } from './support/own-browser.js';
import { HOUR, pastTheHour, routeWorkerClock, setWorkerClock } from './support/worker-clock.ts';

// No trace can be had from a browser that is killed.
test.use({ trace: 'off' });

const scheduled = async (page: Page) =>
  (await storedRecords(page)).filter((record): record is AmsRecord => record.type === 'AMS');

/** How many slots a record answers for: one that was read, or as many as it says were missed. */
function slotsOf({ circumstances }: AmsRecord): number {
  const missed = (circumstances?.notes ?? []).map((note) => /^(\d+) readings? missed/.exec(note)?.[1] ?? '0');
  return missed.reduce((sum, count) => sum + Number(count), 0) || 1;
}

const missedIn = (records: readonly AmsRecord[]) =>
  records.filter(({ errorCode }) => errorCode === 4).map((record) => slotsOf(record));

async function startSchedule(page: Page, meter = 'three-phase', speed = 100): Promise<void> {
  await callEngine(page, 'setSimulation', { speed, faults: {} });
  await addSimulatedMeter(page, meter);
  await callEngine(page, 'setSchedule', { enabled: true, retries: 0 });
}

async function startBrowser(profile: string): Promise<{ context: BrowserContext; kill: () => Promise<void> }> {
  const { endpoint, kill } = await startOwnBrowser((await findChromium()) ?? '', profile);
  // Without Playwright's defaults, under which a page never counts as hidden.
  const browser = await chromium.connectOverCDP(endpoint, { noDefaults: true });
  const [context] = browser.contexts();
  if (!context) throw new Error('the browser has no context');
  return { context, kill };
}

test.describe('with a clock that is set forward', () => {
  let profile = '';
  /** How far ahead the clock begins. */
  let start = 0;
  let kill: () => Promise<void> = () => Promise.resolve();

  test.beforeEach(async () => {
    profile = await mkdtemp(join(tmpdir(), 'openhhu-schedule-'));
    start = pastTheHour();
  });
  test.afterEach(async () => {
    await kill();
    await rm(profile, { recursive: true, force: true });
  });

  /** Starts the browser and opens the app. Both are gone after the test. */
  async function openWithClock(baseURL = '', ahead = start): Promise<Page> {
    const browser = await startBrowser(profile);
    kill = browser.kill;
    await routeWorkerClock(browser.context, ahead);
    // A service worker would serve the scripts past the route.
    await browser.context.addInitScript(() => {
      Reflect.deleteProperty(Navigator.prototype, 'serviceWorker');
    });
    const page = await browser.context.newPage();
    await page.goto(`${baseURL}#/settings`);
    await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
    return page;
  }

  /** Hides the page behind another one of the same origin that runs nothing of the app. */
  async function hide(page: Page, baseURL = ''): Promise<Page> {
    const bystander = await page.context().newPage();
    await bystander.goto(`${baseURL}icons/icon.svg`);
    await bystander.bringToFront();
    await expect.poll(() => page.evaluate(() => document.visibilityState)).toBe('hidden');
    return bystander;
  }

  const countOf = (page: Page) => expect.poll(async () => (await scheduled(page)).length);

  test('a hidden window reads on, every slot once', async ({ baseURL }) => {
    const page = await openWithClock(baseURL);
    await startSchedule(page);
    const bystander = await hide(page, baseURL);
    for (const slots of [1, 2, 3, 4]) {
      await setWorkerClock(bystander, start + slots * HOUR);
      await countOf(bystander).toBe(slots);
    }
    const records = await scheduled(bystander);
    expect(records.map(({ errorCode }) => errorCode)).toEqual([0, 0, 0, 0]);
  });

  test('a frozen window records its outage once and goes on without a burst', async ({ baseURL }) => {
    const page = await openWithClock(baseURL);
    await startSchedule(page);
    const bystander = await hide(page, baseURL);
    await setWorkerClock(bystander, start + HOUR);
    await countOf(bystander).toBe(1);

    const session = await page.context().newCDPSession(page);
    await session.send('Page.setWebLifecycleState', { state: 'frozen' });
    await setWorkerClock(bystander, start + 8 * HOUR);
    await new Promise((resolve) => setTimeout(resolve, 2500)); // two ticks that must not happen
    expect(await scheduled(bystander)).toHaveLength(1);

    await session.send('Page.setWebLifecycleState', { state: 'active' });
    await countOf(bystander).toBe(3);
    expect(missedIn(await scheduled(bystander))).toEqual([6]);

    await setWorkerClock(bystander, start + 9 * HOUR);
    await countOf(bystander).toBe(4);
    const records = await scheduled(bystander);
    expect(missedIn(records)).toEqual([6]);
    expect(records.filter(({ errorCode }) => errorCode === 0)).toHaveLength(3);
  });

  test('killed in the middle of readings and started again, every slot has one outcome', async ({ baseURL }) => {
    let ahead = start;
    for (const hours of [1, 2, 3]) {
      const page = await openWithClock(baseURL, ahead);
      if (hours === 1) await startSchedule(page, 'stays-slow', 0.05);
      ahead += hours * HOUR;
      await setWorkerClock(page, ahead);
      // The reading takes minutes at this speed.
      const status = page.getByRole('region', { name: 'Status' });
      await expect(status).toContainText(/asking|acknowledg|at 300/i);
      await kill();
    }

    // This time it is left in peace: what is owed is written down and the due slot read.
    const page = await openWithClock(baseURL, ahead);
    await callEngine(page, 'setSimulation', { speed: 100, faults: {} });
    ahead += HOUR;
    await setWorkerClock(page, ahead);
    await expect.poll(async () => (await scheduled(page)).at(-1)?.errorCode).toBe(0);
    await page.waitForTimeout(1500); // in which a duplicate would come
    const records = await scheduled(page);
    expect(records.reduce((sum, record) => sum + slotsOf(record), 0)).toBe((ahead - start) / HOUR);
    expect(records.filter(({ circumstances }) => circumstances?.message?.includes('The program ended'))).not.toEqual(
      [],
    );
  });
});

test.describe('the service worker as second clock', () => {
  /** Sets its clock an hour forward and wakes it, as the browser would by a periodic event. */
  const wake = (worker: Worker) =>
    worker.evaluate(() => {
      const later = Date.now() + 3_600_000;
      Date.now = () => later;
      self.dispatchEvent(new ExtendableMessageEvent('message', { data: { type: 'WHAT_IS_DUE' } }));
    });

  test('an open window is asked to read; without one a person is reminded until a window takes over', async ({
    page,
    context,
  }) => {
    await context.grantPermissions(['notifications']);
    await page.addInitScript(() => {
      navigator.serviceWorker.addEventListener('message', ({ data }: MessageEvent<{ type: string }>) => {
        document.documentElement.dataset['told'] = data.type;
      });
    });
    await openApp(page, '#/settings');
    await untilOfflineReady(page);
    await page.getByLabel(/^Remind me/).check();
    await expect(page.getByLabel(/^Remind me/)).toBeChecked();
    await startSchedule(page);
    const [worker] = context.serviceWorkers();
    if (!worker) throw new Error('there is no service worker');
    const titles = () =>
      worker.evaluate(async () => {
        const { registration } = self as unknown as ServiceWorkerGlobalScope;
        return (await registration.getNotifications()).map(({ title }) => title);
      });

    await wake(worker);
    await expect(page.locator('html')).toHaveAttribute('data-told', 'TICK');
    expect(await titles()).toEqual([]);

    await page.close();
    // A window that is being closed still counts as open for a moment.
    const titlesWhenWoken = async () => {
      await wake(worker);
      return await titles();
    };
    await expect.poll(titlesWhenWoken).toEqual(['1 reading due']);
    await expect.poll(titlesWhenWoken).toEqual(['1 reading due']);

    const next = await context.newPage();
    await openApp(next, '#/settings');
    await expect.poll(titles).toEqual([]);
  });

  test('nobody is reminded who did not ask for it, or of a schedule that is off', async ({ page, context }) => {
    await context.grantPermissions(['notifications']);
    await openApp(page, '#/settings');
    await untilOfflineReady(page);
    await startSchedule(page);
    const [worker] = context.serviceWorkers();
    if (!worker) throw new Error('there is no service worker');
    await page.close();
    await wake(worker);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const shown = () =>
      worker.evaluate(
        async () => (await (self as unknown as ServiceWorkerGlobalScope).registration.getNotifications()).length,
      );
    expect(await shown()).toBe(0);

    const next = await context.newPage();
    await openApp(next, '#/settings');
    await next.getByLabel(/^Remind me/).check();
    await callEngine(next, 'setSchedule', { enabled: false });
    await next.close();
    await wake(worker);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await shown()).toBe(0);
  });
});
