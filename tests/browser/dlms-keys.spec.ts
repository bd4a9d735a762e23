/** A DLMS meter with keys, from the keys that the operator hands out to the record, as a technician comes by it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import { findChromium } from '../tools/chromium.js';
import { expect, expectAccessibleOnAllScreens, openApp, test } from './support/app.ts';
import { chooseMeter, goTo, openRecord, recordOfRead, registers, setSpeed, startRead } from './support/demo.ts';
import { callEngine } from './support/engine.ts';
import { startOwnBrowser } from './support/own-browser.js';

// No trace can be had from a browser that is killed.
test.use({ trace: 'off' });

const METER = 'DLMS meter with keys';
const EK = 'OpenHHU-demo-EK1';
const AK = '4F70656E4848552D64656D6F2D414B31';
const section = (page: Page) => page.getByRole('region', { name: 'Passwords and keys', exact: true });

/** From a table, as operators send it. Ends on the Settings place. */
async function keepKeys(page: Page, ek: string, ak: string): Promise<void> {
  await goTo(page, 'Settings');
  const buffer = Buffer.from(`meter;GUEK;GAK\n*;${ek};${ak}\n`);
  await page.getByLabel('A file with keys').setInputFiles({ name: 'keys.csv', mimeType: 'text/csv', buffer });
  const table = section(page).getByRole('region', { name: 'From the table' });
  await table.getByRole('button', { name: 'Keep 2 keys' }).click();
  await expect(table).toBeHidden();
  await expect(section(page).getByRole('listitem')).toHaveCount(2);
}

async function read(page: Page, state: 'Saved' | 'failed' = 'Saved'): Promise<number> {
  await chooseMeter(page, METER);
  await startRead(page);
  return await recordOfRead(page, state);
}

async function passphrase(page: Page, button: string, twice: boolean): Promise<void> {
  await section(page).getByRole('button', { name: button }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Passphrase').fill('three short words');
  if (twice) await dialog.getByLabel('Once more').fill('three short words');
  await dialog.getByRole('button').last().click();
  await expect(dialog).toBeHidden();
}

test('the keys go in, the meter is read, and the record says how; locked or wrong they say so', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '20 times as fast');
  // Without any: it is said which, and nothing is sent.
  await read(page, 'failed');
  await expect(page.getByText('A key is missing.').first()).toBeVisible();
  await expect(page.getByText('The encryption key of this meter is not known.').first()).toBeVisible();

  await keepKeys(page, EK, AK.replace(/..(?=.)/g, '$& '));
  const seq = await read(page);
  const row = registers(page).getByRole('row').filter({ hasText: '1-0:1.8.0' });
  await expect(row).toContainText('Wh');
  await expect(page.getByRole('region', { name: 'Outcome' })).toContainText('authenticated and encrypted');
  await expectAccessibleOnAllScreens(page);
  await openRecord(page, seq);
  await expect(page.getByText('authenticated and encrypted').first()).toBeVisible();
  await expect(page.locator('main')).not.toContainText(EK);

  await goTo(page, 'Settings');
  await passphrase(page, 'Protect by a passphrase…', true);
  await expect(section(page)).toContainText('Protected by a passphrase');
  await section(page).getByRole('button', { name: 'Lock now' }).click();
  await expect(section(page)).toContainText('Locked.');
  await read(page, 'failed');
  await expect(page.getByText(/Passwords and keys are locked/).first()).toBeVisible();
  await goTo(page, 'Settings');
  await passphrase(page, 'Unlock…', false);
  await expect(section(page)).not.toContainText('Locked.');

  await keepKeys(page, 'FF'.repeat(16), AK);
  await read(page, 'failed');
  await expect(page.getByText('A key does not fit.').first()).toBeVisible();
  await expect(
    page.getByText(/the encryption key \(EK\) or the authentication key \(AK\) does not fit/).first(),
  ).toBeVisible();
  await keepKeys(page, EK, AK);
  await read(page);
});

/** Title and number of each message under the key that the wire shows. */
async function messagesSent(page: Page): Promise<readonly string[]> {
  const wire = await page.getByRole('region', { name: 'Wire' }).locator('pre').innerText();
  const sent = wire.split('\n').filter((line) => line.includes('==>'));
  return sent.flatMap((line) => {
    const found = line.replaceAll(/[^0-9A-F]/g, '').matchAll(/DB08(4F4855[0-9A-F]{10})..30([0-9A-F]{8})/g);
    return [...found].map(([, title, number]) => `${title} ${number}`);
  });
}
const numberOf = (message: string) => Number.parseInt(message.slice(-8), 16);

/** What is on disk. */
const numberKept = (page: Page) =>
  page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('no database'));
      });
    const database = await done(indexedDB.open('openhhu-counters'));
    const rows: unknown = await done(database.transaction('counters').objectStore('counters').getAll());
    database.close();
    return (rows as readonly { readonly last?: number }[]).map(({ last = 0 }) => last);
  });

test('killed in the middle of a read, no number of a message that was sent comes again', async ({ baseURL }) => {
  const folder = await mkdtemp(join(tmpdir(), 'openhhu-numbers-'));
  const start = async () => {
    const { endpoint, kill } = await startOwnBrowser((await findChromium()) ?? '', folder);
    const [context] = (await chromium.connectOverCDP(endpoint)).contexts();
    if (!context) throw new Error('the browser has no context');
    const page = await context.newPage();
    await page.goto(baseURL ?? '');
    return { page, kill };
  };
  let { page, kill } = await start();
  try {
    await keepKeys(page, EK, AK);
    // So slow that it has not nearly come to its end when it is killed.
    await callEngine(page, 'setSimulation', { speed: 0.2, faults: {} });
    await chooseMeter(page, METER);
    await page.getByRole('button', { name: 'Show the wire' }).click();
    await startRead(page);
    await expect.poll(async () => (await messagesSent(page)).length).toBeGreaterThan(2);
    const sent = await messagesSent(page);
    await kill();

    ({ page, kill } = await start());
    await expect(page.getByRole('heading', { level: 1, name: 'Read' })).toBeVisible();
    const [kept = 0] = await numberKept(page);
    expect(kept).toBeGreaterThanOrEqual(Math.max(...sent.map(numberOf)));
    await setSpeed(page, '20 times as fast');
    await chooseMeter(page, METER);
    const show = page.getByRole('button', { name: 'Show the wire' });
    await expect(show.or(page.getByRole('region', { name: 'Wire' }))).toBeVisible();
    if (await show.isVisible()) await show.click();
    await startRead(page);
    await recordOfRead(page);
    // The meter is a new one that begins where the first did: so do we, under another title.
    const again = await messagesSent(page);
    expect(again.length).toBeGreaterThan(sent.length);
    expect(again.filter((message) => sent.includes(message))).toEqual([]);
  } finally {
    await kill();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});
