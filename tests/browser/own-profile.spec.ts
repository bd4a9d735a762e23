/** What becomes of the app when disk, browser or another version take its storage away, in a browser as users have it. */
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import { findChromium } from '../tools/chromium.js';
import { expect, expectAccessibleOnAllScreens, test as appTest } from './support/app.ts';
import { chooseMeter, goTo, readMeter, registers, setSpeed, startRead } from './support/demo.ts';
import { callEngine, storedSetting } from './support/engine.ts';
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
  let release: (() => Promise<void>) | undefined;
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
        await chooseMeter(page, 'Heat meter');
        await startRead(page);
        const outcome = page.getByRole('region', { name: 'Outcome' });
        await expect(outcome.getByText(/as record \d+/).or(unkept)).toBeVisible();
        expect(await unkept.isVisible()).toBe(true);
      }).toPass();
    // What the browser makes room for meanwhile is taken away at once: nothing is kept later by itself.
    release = disk.holdFull();
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
    // Chromium may have dropped the database by now, or not be able to open it; the second copy has it, and nobody is told
    // that nothing was read.
    const record = page.locator(`a[href="#/log/${first}"]`).first();
    const none = page.getByText('The browser’s storage shows no record now');
    const unread = page.getByRole('heading', { name: 'The log could not be read.' });
    await expect(record.or(none).or(unread)).toBeVisible();

    await release();
    await disk.free();
    const seq = await readMeter(page, 'Three-phase meter');
    expect(seq).toBeGreaterThan(first);
    await expect(noted).toBeHidden();
    await goTo(page, 'Log');
    await expect(record).toBeVisible();
    await kill();
  } finally {
    await release?.();
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
  const wake = () =>
    page.evaluate(async () => {
      const { active } = (await navigator.serviceWorker.getRegistration()) ?? {};
      active?.postMessage({ type: 'WHAT_IS_DUE' });
      return active?.state;
    });
  await expect.poll(wake).toBe('activated');
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

test('a change of a meter in whose midst OpenHHU ends is told as unknown, until somebody has seen it', async ({
  own,
}) => {
  const first = await own.start();
  await beginChange(first.page);
  await expect(unknownChange(first.page)).toBeHidden();
  await first.kill();

  const { page } = await own.start();
  await expect(unknownChange(page)).toContainText(
    'It is not known whether the meter has this change: Write 0007 (7) to register 0014 of unit 1.',
  );
  await expect(unknownChange(page)).toContainText('Meter: unit 1, which does not say who it is; register 0014');
  await expect(unknownChange(page)).toContainText('Modbus of a cabinet, MODBUS, 1@9600');
  await expect(unknownChange(page)).toContainText('Read the meter to see what it has now');
  await expectAccessibleOnAllScreens(page);
  await page.reload();
  await unknownChange(page).getByRole('button', { name: 'Understood' }).click();
  await expect(unknownChange(page)).toBeHidden();
  expect(await changesOnDisk(page)).toBe(0);

  // The window that changes it is closed, and another one is there.
  const other = await page.context().newPage();
  await other.goto(page.url());
  await expect(other.getByRole('heading', { level: 1 })).toBeVisible();
  await beginChange(page);
  await page.close();
  await expect(unknownChange(other)).toContainText('It is not known whether the meter has this change');
});

const unknownChange = (page: Page) => page.getByRole('alert').filter({ hasText: 'this change' });

/** Confirms a change and leaves it in its midst: the simulated meter takes its time. */
async function beginChange(page: Page): Promise<void> {
  await callEngine(page, 'setSimulation', { speed: 20, faults: {} });
  await chooseMeter(page, 'Modbus of a cabinet');
  await goTo(page, 'Tools');
  await page.getByRole('link', { name: /^Change a meter/ }).click();
  await page.getByLabel('Address of the meter now').fill('1@9600');
  await page.getByLabel('Register address, hex').fill('0014');
  await page.getByLabel('New value').fill('7');
  await page.getByRole('button', { name: 'Change the meter…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toBeVisible();
  await callEngine(page, 'setSimulation', { speed: 0.001, faults: {} });
  await dialog.getByRole('button', { name: 'Change the meter' }).click();
  await expect.poll(() => changesOnDisk(page)).toBe(1);
}

/** How many changes are noted as being made. */
async function changesOnDisk(page: Page): Promise<number> {
  const changes = (await storedSetting(page, 'changes')) as readonly unknown[] | undefined;
  return changes?.length ?? 0;
}
