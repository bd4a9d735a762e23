/** What becomes of the app when disk, browser or another version take its storage away, in a browser as users have it. */
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import { findChromium } from '../tools/chromium.js';
import { expect, test as appTest } from './support/app.ts';
import { chooseMeter, goTo, readMeter, registers, setSpeed, startRead } from './support/demo.ts';
import { startOwnBrowser } from './support/own-browser.js';
import { canMount, mountSmallDisk } from './support/small-disk.js';

// No trace can be had from a browser that is killed.
appTest.use({ trace: 'off' });

interface OwnProfile {
  readonly folder: string;
  /** Starts the browser over it, with the app, or a file of the host instead. */
  start(file?: string): Promise<{ readonly page: Page; kill(): Promise<void> }>;
}

const test = appTest.extend<{ own: OwnProfile }>({
  own: async ({ baseURL }, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'openhhu-own-'));
    const running = new Set<() => Promise<void>>();
    await use({
      folder,
      async start(file = '') {
        const { endpoint, kill } = await startOwnBrowser((await findChromium()) ?? '', folder);
        running.add(kill);
        const [context] = (await chromium.connectOverCDP(endpoint)).contexts();
        if (!context) throw new Error('the browser has no context');
        const page = await context.newPage();
        // The service worker would answer with the app.
        const past = await context.newCDPSession(page);
        await past.send('Network.enable');
        await past.send('Network.setBypassServiceWorker', { bypass: file !== '' });
        await page.goto(new URL(file, baseURL ?? '').href);
        await past.detach();
        return { page, kill };
      },
    });
    await Promise.all([...running].map((kill) => kill()));
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  },
});

test('a full disk: what cannot be kept is said and offered, a start goes well, nothing is lost', async ({ own }) => {
  test.skip(!canMount, 'mounting a small file system needs root');
  const disk = mountSmallDisk(own.folder, 200);
  try {
    const { page, kill } = await own.start();
    await setSpeed(page, '100 times as fast');
    const first = await readMeter(page, 'Three-phase meter');
    const unkept = page.getByRole('alert').filter({ hasText: 'This reading is not in the log' });
    // Chromium does not always say why it could not write.
    const noted = page
      .getByRole('alert')
      .filter({ hasText: /Not recording since .*: the storage (is full|failed)\. .*[Mm]ake room/ });
    /** The browser tidies up, which makes room for some records more: until none is left for the reading. */
    const readUntilRefused = () =>
      expect(async () => {
        await disk.leaveFree(0);
        await chooseMeter(page, 'Heat meter');
        await startRead(page);
        const outcome = page.getByRole('region', { name: 'Outcome' });
        await expect(outcome.getByText(/as record \d+/).or(unkept)).toBeVisible();
        expect(await unkept.isVisible()).toBe(true);
      }).toPass({ timeout: 120_000 });
    await readUntilRefused();
    await expect(registers(page)).toBeVisible();
    await expect(noted).toBeVisible();
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save the readout as a file' }).click();
    expect((await saving).suggestedFilename()).toMatch(/^readout_.*\.json$/);

    // A start, and everything works but keeping.
    await page.reload();
    await readUntilRefused();
    await expect(registers(page)).toBeVisible();
    await goTo(page, 'Log');
    // Chromium may have dropped the database by now; the second copy has it, and nobody is told that nothing was read.
    const record = page.locator(`a[href="#/log/${first}"]`).first();
    await expect(record.or(page.getByText('The browser’s storage shows no record now'))).toBeVisible();

    await disk.free();
    const seq = await readMeter(page, 'Three-phase meter');
    expect(seq).toBeGreaterThan(first);
    await expect(noted).toBeHidden();
    await goTo(page, 'Log');
    await expect(record).toBeVisible();
    await kill();
  } finally {
    disk.unmount();
  }
});

test('a storage that the browser emptied is told, also where the service worker opened it first', async ({ own }) => {
  const first = await own.start();
  await setSpeed(first.page, '100 times as fast');
  await readMeter(first.page, 'Three-phase meter');
  await first.page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
  await first.kill();
  // Damage to the database, and the second copy is gone with it.
  const databases = join(own.folder, 'Default', 'IndexedDB');
  const [ours = ''] = (await readdir(databases)).filter((name) => name.endsWith('.leveldb'));
  // What names the newest state of the database is there at any time, however far it has come with its writing.
  const current = join(databases, ours, 'CURRENT');
  await writeFile(current, 'no state');
  await rm(join(own.folder, 'Default', 'File System'), { recursive: true });

  const { page } = await own.start('./manifest.webmanifest');
  await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    registration?.active?.postMessage({ type: 'WHAT_IS_DUE' });
  });
  // Looked for from outside: a page that asks for the list of databases would be who found the damage, without a word.
  // (Not there for a moment is not yet.)
  await expect.poll(() => readFile(current, 'utf8').catch(() => 'no state')).not.toBe('no state');
  await page.goto(new URL('./', page.url()).href);
  await expect(page.getByRole('alert').filter({ hasText: 'The browser found its storage damaged' })).toBeVisible();
  // Once.
  await page.reload();
  await expect(page.getByRole('navigation', { name: 'Places' })).toBeVisible();
  await goTo(page, 'Settings');
  await expect(page.getByText('✓ up to date')).toBeVisible();
  await expect(page.getByText('The browser found its storage damaged')).toBeHidden();
});
