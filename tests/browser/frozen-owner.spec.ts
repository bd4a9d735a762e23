/** A window that the browser has frozen keeps its locks: the one in front takes over, and says why. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type CDPSession, type Page } from '@playwright/test';
import type { AmsRecord } from '../../src/log/record.ts';
import { findChromium } from '../tools/chromium.js';
import { expect, test as appTest } from './support/app.ts';
import { chooseMeter, readMeter, setSpeed } from './support/demo.ts';
import { addSimulatedMeter, callEngine, storedRecords } from './support/engine.ts';
import { startOwnBrowser } from './support/own-browser.js';
import { HOUR, pastTheHour, routeWorkerClock, setWorkerClock } from './support/worker-clock.ts';

// No trace can be had from a browser that is killed.
appTest.use({ trace: 'off' });

/** A browser as users have it: under Playwright's defaults no page counts as hidden, and none can be frozen. */
const test = appTest.extend<{ own: BrowserContext }>({
  own: async ({ browserName: _ }, use) => {
    const profile = await mkdtemp(join(tmpdir(), 'openhhu-frozen-'));
    const { endpoint, kill } = await startOwnBrowser((await findChromium()) ?? '', profile);
    const browser = await chromium.connectOverCDP(endpoint, { noDefaults: true });
    const [context] = browser.contexts();
    if (!context) throw new Error('the browser has no context');
    // A service worker would serve the scripts past the route that sets their clock.
    await context.addInitScript(() => {
      Reflect.deleteProperty(Navigator.prototype, 'serviceWorker');
    });
    await use(context);
    await kill();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  },
});

const heldElsewhere = (page: Page) => page.getByRole('link', { name: 'Ports held by another window' });

async function open(context: BrowserContext, baseURL = ''): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${baseURL}#/settings`);
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
  return page;
}

/** A second window, that asks the owner for whatever it wants. */
async function openBeside(owner: Page, baseURL?: string): Promise<Page> {
  const other = await open(owner.context(), baseURL);
  await expect(heldElsewhere(other)).toBeVisible();
  return other;
}

/** Brings a window to the front of another one. */
async function hideBehind(front: Page, page: Page): Promise<void> {
  await front.bringToFront();
  await expect.poll(() => page.evaluate(() => document.visibilityState)).toBe('hidden');
}

async function freeze(page: Page): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  await session.send('Page.setWebLifecycleState', { state: 'frozen' });
  return session;
}

/** Another window in front, and the first one frozen behind it. */
async function openInFront(
  owner: Page,
  baseURL?: string,
): Promise<{ readonly other: Page; readonly session: CDPSession }> {
  const other = await openBeside(owner, baseURL);
  await hideBehind(other, owner);
  return { other, session: await freeze(owner) };
}

const thaw = (session: CDPSession) => session.send('Page.setWebLifecycleState', { state: 'active' });

test('the window in front takes over from a frozen owner; that one asks it when it goes on', async ({
  own,
  baseURL,
}) => {
  const page = await open(own, baseURL);
  await setSpeed(page, '100 times as fast');
  const { other, session } = await openInFront(page, baseURL);

  await expect(heldElsewhere(other)).toBeHidden();
  await expect(other.getByRole('status').filter({ hasText: /had stopped the window/ })).toBeVisible();
  const first = await readMeter(other, 'Heat meter');

  await thaw(session);
  await page.bringToFront();
  await expect(heldElsewhere(page)).toBeVisible();
  expect(await readMeter(page, 'Three-phase meter')).toBe(first + 1);
  await expect(heldElsewhere(other)).toBeHidden();
});

test('what was asked of a frozen owner ends with the reason, and is not done later', async ({ own, baseURL }) => {
  const page = await open(own, baseURL);
  await setSpeed(page, '100 times as fast');
  const other = await openBeside(page, baseURL);
  await chooseMeter(other, 'Three-phase meter');
  const bystander = await own.newPage();
  await bystander.goto(`${baseURL ?? ''}icons/icon.svg`);
  await hideBehind(bystander, page);
  await hideBehind(bystander, other);
  const session = await freeze(page);
  // Nobody takes over as long as no window is in front: it is surely the frozen owner that is asked.
  await other.getByRole('button', { name: 'Read meter' }).dispatchEvent('click');
  await other.bringToFront();
  await expect(
    other.getByText(/The browser had stopped the window that was reading; this window has taken over/),
  ).toBeVisible();
  await thaw(session);
  await expect(heldElsewhere(page)).toBeVisible();
  const seq = await readMeter(other, 'Heat meter');
  const readings = (await storedRecords(other)).filter(({ type }) => type === 'AMS');
  expect(readings.map((record) => record.seq)).toEqual([seq]);
});

test('an outage is told as what it was, and every slot has one record', async ({ own, baseURL }) => {
  const start = pastTheHour();
  await routeWorkerClock(own, start);
  const page = await open(own, baseURL);
  await callEngine(page, 'setSimulation', { speed: 100, faults: {} });
  await addSimulatedMeter(page, 'three-phase');
  await callEngine(page, 'setSchedule', { enabled: true, retries: 0 });
  const { other } = await openInFront(page, baseURL);
  await setWorkerClock(other, start + 6 * HOUR);
  await expect(heldElsewhere(other)).toBeHidden();

  const scheduled = async () =>
    (await storedRecords(other)).filter((record): record is AmsRecord => record.type === 'AMS');
  await expect.poll(async () => (await scheduled()).length).toBe(2);
  const [missed, late] = await scheduled();
  expect(missed?.circumstances?.message).toContain('had been stopped by the browser');
  expect(missed).toMatchObject({ errorCode: 4, slots: { count: 5 } });
  expect(late?.slots?.first).toBe((missed?.slots?.last ?? 0) + HOUR);
});
