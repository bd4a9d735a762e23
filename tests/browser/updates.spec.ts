/** Updates across windows, on a host that keeps no old file and sends no header of its own. */
import type { Page } from '@playwright/test';
import { expect, openApp, test as appTest, untilOfflineReady } from './support/app.ts';
import { chooseMeter, goTo, readMeter, setSpeed, startRead } from './support/demo.ts';
import { hostBuild, type Hosting } from './support/hosting.ts';

const test = appTest.extend<{ hosting: Hosting }>({
  hosting: async ({ browserName: _ }, use) => {
    const hosting = await hostBuild({ headers: false });
    await use(hosting);
    await hosting.close();
  },
  baseURL: async ({ hosting }, use) => {
    await use(hosting.url);
  },
});

const offer = (page: Page) => page.getByRole('button', { name: /update/i });
const caches = (page: Page) => page.evaluate(async () => (await globalThis.caches.keys()).length);

async function acceptUpdate(page: Page, build: string): Promise<void> {
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await offer(page).click();
  await expect(page.locator('html')).toHaveAttribute('data-build', build);
}

test('an update accepted in one window leaves the other whole; old files go when nobody needs them', async ({
  page,
  hosting,
  context,
}) => {
  await openApp(page);
  await untilOfflineReady(page);
  const old = await context.newPage();
  await openApp(old);

  await hosting.publishRenamed('second');
  await acceptUpdate(page, 'second');
  // Nothing of this was loaded before: chunks of the old build, which the host has no more.
  for (const place of ['Tools', 'Settings', 'Log', 'Meters'] as const) {
    await goTo(old, place);
    await expect(old.getByRole('heading', { level: 1 })).not.toContainText('could not be loaded');
  }
  await setSpeed(old, '100 times as fast');
  await readMeter(old, 'Heat meter');
  expect(await old.locator('html').getAttribute('data-build')).toBeNull();

  expect(await caches(page)).toBe(2);
  await old.close();
  // A window that is being closed still counts as open for a moment, in which a start takes nothing away.
  await expect(async () => {
    await page.reload();
    await expect.poll(() => caches(page), { timeout: 10_000 }).toBe(1);
  }).toPass();
  await hosting.stop();
  await page.reload();
  await readMeter(page, 'Heat meter');
});

test('workers run under the policy from the first moment, and the service worker serves them with it', async ({
  page,
}) => {
  const confined = (name: string) =>
    page.evaluate(async (worker) => {
      const url = performance.getEntriesByType('resource').find(({ name: each }) => each.includes(worker))?.name ?? '';
      return (await fetch(url, { method: 'HEAD' })).headers.get('Content-Security-Policy');
    }, name);
  const evaluated = () =>
    Promise.all(
      page.workers().map((worker) =>
        worker.evaluate(async () => {
          const outside = await fetch('data:text/plain,out').then(
            () => 'fetched',
            () => 'refused',
          );
          return outside;
        }),
      ),
    );
  // Those of a page that was left may end while they are asked.
  const refusedByAll = async () => expect(await evaluated()).toEqual(['refused', 'refused']);
  await openApp(page);
  await setSpeed(page, '100 times as fast');
  await readMeter(page, 'Heat meter');
  await goTo(page, 'Log');
  await expect(refusedByAll).toPass();

  await untilOfflineReady(page);
  await page.reload();
  await goTo(page, 'Log');
  await expect(refusedByAll).toPass();
  expect(page.workers().map((worker) => new URL(worker.url()).protocol)).toEqual(['http:', 'http:']);
  expect(await confined('worker')).toContain("default-src 'none'");
});

test('a chunk that the host gives wrongly is not stored, and is had when the host gives it rightly', async ({
  page,
  hosting,
  complaints,
}) => {
  const list = await (await page.request.get(`${hosting.url}service-worker.js`)).text();
  const chunk = /assets\/ToolsPlace-[\w-]+\.js/.exec(list)?.[0] ?? '';
  await hosting.spoil(chunk, '<!doctype html><title>start page</title>');
  await openApp(page);
  await goTo(page, 'Settings');
  await expect(page.getByText(/cannot be stored for use without a network.*ToolsPlace/)).toBeVisible();
  await goTo(page, 'Tools');
  await expect(page.getByRole('heading', { name: 'Tools could not be loaded' })).toBeVisible();
  await hosting.spoil(chunk, undefined);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { name: 'Tools', exact: true })).toBeVisible();
  complaints.length = 0; // the browser reports what it was given
});

test('a script that is not the one of the build is not stored, though it is a script', async ({
  page,
  hosting,
  complaints,
}) => {
  const list = await (await page.request.get(`${hosting.url}service-worker.js`)).text();
  const chunk = /assets\/InputsContent-[\w-]+\.js/.exec(list)?.[0] ?? '';
  await hosting.spoil(chunk, 'export default undefined;');
  await openApp(page, '#/settings');
  await expect(page.getByText(/cannot be stored for use without a network.*InputsContent/)).toBeVisible();
  complaints.length = 0; // the browser reports what it was given
});

test('a start goes on without Cache Storage as long as there is a network', async ({ page, hosting }) => {
  await openApp(page);
  await untilOfflineReady(page);
  await page.evaluate(async () => {
    for (const name of await globalThis.caches.keys()) await globalThis.caches.delete(name);
  });
  await page.reload();
  await expect.poll(() => caches(page)).toBe(1);
  await chooseMeter(page, 'Heat meter');
  await startRead(page);
  // It has put back by itself what was lost.
  await goTo(page, 'Settings');
  await expect(page.getByText('✓ starts')).toBeVisible();
  await hosting.stop();
  await page.reload();
  await goTo(page, 'Tools');
  await expect(page.getByRole('heading', { name: 'Tools', exact: true })).toBeVisible();
});

test('a page whose script the host gives wrongly says that it has not started, and forbids to be translated', async ({
  page,
  hosting,
  complaints,
}) => {
  const html = await (await page.request.get(hosting.url)).text();
  const script = /assets\/index-[\w-]+\.js/.exec(html)?.[0] ?? '';
  await hosting.spoil(script, '<!doctype html><title>start page</title>');
  await page.goto(hosting.url);
  await expect(page.getByRole('alert')).toContainText('OpenHHU has not started');
  await hosting.spoil(script, undefined);
  await page.reload();
  await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible();
  await expect(page.getByText('OpenHHU has not started')).toHaveCount(0);
  await expect(page.locator('html')).toHaveAttribute('translate', 'no');
  complaints.length = 0; // the browser reports what it was given
});

test('a stored page that did not start twice is fetched anew past every cache, and starts', async ({ page }) => {
  await openApp(page);
  await untilOfflineReady(page);
  // Asked once all is looked through: what did not start is counted from here.
  await goTo(page, 'Settings');
  await expect(page.getByText('✓ starts')).toBeVisible();
  await page.evaluate(async () => {
    for (const name of await globalThis.caches.keys()) {
      const cache = await globalThis.caches.open(name);
      for (const { url } of await cache.keys()) {
        const broken = new Response('<!doctype html><link rel=icon href=data:,><p>Spoilt on its way.', {
          headers: { 'Content-Type': 'text/html' },
        });
        if (url.endsWith('index.html')) await cache.put(url, broken);
      }
    }
  });
  const broken = page.getByText('Spoilt on its way.');
  for (let turn = 0; turn < 2; turn++) {
    await page.reload();
    await expect(broken).toBeVisible();
  }
  // A service worker that was ended between counts anew.
  await expect(async () => {
    await page.reload();
    await expect(broken.or(page.getByRole('heading', { name: 'Settings', exact: true }))).toBeVisible();
    expect(await broken.count()).toBe(0);
  }).toPass();
});

test('a browser that is too old is told which one is needed', async ({ page, hosting, complaints }) => {
  const css = /assets\/index-[\w-]+\.css/.exec(await (await page.request.get(hosting.url)).text())?.[0] ?? '';
  const style = await (await page.request.get(hosting.url + css)).text();
  // As for one that does not know what came with the oldest that is served.
  const old = style.replace(/@supports not \(mask: ?none\)/, '@supports not (made-up: none)');
  expect(old).not.toBe(style);
  await hosting.spoil(css, old);
  await page.goto(hosting.url);
  const words = page.getByText('This browser is older than OpenHHU is made for');
  await expect(words).toBeVisible();
  await hosting.spoil(css, undefined);
  await page.reload();
  await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible();
  await expect(words).toBeHidden();
  complaints.length = 0; // the browser reports what it was given
});
