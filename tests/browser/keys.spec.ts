/** Passwords and keys, as somebody keeps, locks and carries them. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expect, expectAccessible, openApp, test } from './support/app.ts';
import { chooseMeter, recordOfRead, setSpeed, startRead } from './support/demo.ts';

const section = (page: Page) => page.getByRole('region', { name: 'Passwords and keys', exact: true });

async function add(page: Page, of: string, text: string, which = 'Password for programming mode'): Promise<void> {
  await section(page).getByRole('button', { name: 'Add…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Number of the meter').fill(of);
  await dialog.getByLabel('Which').selectOption(which);
  await dialog.getByLabel('Password', { exact: true }).fill(text);
  await dialog.getByRole('button', { name: 'Keep it' }).click();
  await expect(dialog).toBeHidden();
}

test.beforeEach(async ({ page }) => {
  await openApp(page, '#/settings');
  await expect(section(page)).toContainText('None yet.');
});

test('a password is kept without being shown, told when it can be none, and removed after a question', async ({
  page,
}) => {
  await section(page).getByRole('button', { name: 'Add…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Number of the meter').fill('50 12 0001');
  await dialog.getByLabel('Password', { exact: true }).fill('x'.repeat(33));
  await dialog.getByRole('button', { name: 'Keep it' }).click();
  await expect(dialog).toContainText('It has 33 characters');
  await expectAccessible(page);
  await dialog.getByLabel('Password', { exact: true }).fill('geheim12');
  await dialog.getByRole('button', { name: 'Keep it' }).click();
  await expect(section(page).getByRole('listitem')).toContainText('50120001');
  await add(page, '*', 'all');
  await expect(section(page)).toContainText('All meters');
  await expect(section(page)).not.toContainText('geheim12');
  await expectAccessible(page);
  await page.reload();
  await section(page)
    .getByRole('button', { name: /Remove .*50120001/ })
    .click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(section(page).getByRole('listitem')).toHaveCount(1);
});

test('a passphrase locks them until somebody gives it, and a file carries them to another device', async ({
  page,
  browser,
  baseURL,
}) => {
  await add(page, '7', 'geheim12');
  const passphrase = async (window: Page, button: string, text: string, twice = true) => {
    await section(window).getByRole('button', { name: button }).click();
    const dialog = window.getByRole('dialog');
    await dialog.getByLabel('Passphrase').fill(text);
    if (twice) await dialog.getByLabel('Once more').fill(text);
    await dialog.getByRole('button').last().click();
    await expect(dialog).toBeHidden();
  };
  await passphrase(page, 'Protect by a passphrase…', 'three short words');
  await expect(section(page)).toContainText('Protected by a passphrase');
  await section(page).getByRole('button', { name: 'Lock now' }).click();
  await expect(section(page)).toContainText('Locked.');
  await expect(section(page).getByRole('button', { name: 'Add…' })).toBeDisabled();
  await passphrase(page, 'Unlock…', 'three long words', false);
  await expect(section(page)).toContainText('The passphrase does not fit.');
  await passphrase(page, 'Unlock…', 'three short words', false);
  await expect(section(page)).not.toContainText('Locked.');

  const download = page.waitForEvent('download');
  await passphrase(page, 'Save encrypted…', 'for the office');
  const content = await readFile(await (await download).path());
  expect(content.toString()).not.toContain('geheim12');

  const elsewhere = await browser.newContext({ ...(baseURL === undefined ? {} : { baseURL }) });
  const other = await elsewhere.newPage();
  await openApp(other, '#/settings');
  await expect(section(other)).toContainText('None yet.');
  await other
    .getByLabel('A file with keys')
    .setInputFiles({ name: 'keys.json', mimeType: 'application/json', buffer: content });
  await other.getByRole('dialog').getByLabel('Passphrase').fill('for the office');
  await other.getByRole('dialog').getByRole('button', { name: 'Open' }).click();
  await expect(section(other).getByRole('listitem')).toContainText('7');
  // Once more it would replace what is there: a question first.
  await other
    .getByLabel('A file with keys')
    .setInputFiles({ name: 'keys.json', mimeType: 'application/json', buffer: content });
  await other.getByRole('dialog').getByLabel('Passphrase').fill('for the office');
  await other.getByRole('dialog').getByRole('button', { name: 'Open' }).click();
  await other.getByRole('dialog', { name: 'Replace 1 key?' }).getByRole('button', { name: 'Keep' }).click();
  await expect(section(other).getByRole('listitem')).toHaveCount(1);
  await elsewhere.close();
});

test('a table is looked at before it is kept, and what cannot be taken is told by its line', async ({ page }) => {
  await page.getByLabel('A file with keys').setInputFiles({
    name: 'keys.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(`meter;password\n50120001;geheim12\n50120002;${'x'.repeat(40)}\n`),
  });
  const table = section(page).getByRole('region', { name: 'From the table' });
  await expect(table).toContainText('1 key can be taken');
  await expect(table).toContainText('Line 3');
  await expect(section(page)).toContainText('None yet.');
  await expectAccessible(page);
  await table.getByRole('button', { name: 'Keep 1 key' }).click();
  await expect(section(page).getByRole('listitem')).toHaveCount(1);
});

test('a load profile that wants a password is read with the one that is kept, which shows nowhere', async ({
  page,
}) => {
  await setSpeed(page, '20 times as fast');
  await chooseMeter(page, 'Meter read register by register');
  await page
    .locator('summary', { hasText: /settings/i })
    .first()
    .click();
  await page.getByLabel('What to read').selectOption('Load profile');
  await startRead(page);
  await recordOfRead(page, 'failed');
  await expect(page.getByText(/password \(Settings, Passwords and keys\)/)).toBeVisible();

  await page.goto('#/settings');
  await add(page, '*', '12345678');
  await chooseMeter(page, 'Meter read register by register');
  await startRead(page);
  await recordOfRead(page);
  await expect(page.locator('body')).not.toContainText('12345678');
});

test('a DLMS meter with a password is read with the one that is kept', async ({ page }) => {
  await setSpeed(page, '20 times as fast');
  await chooseMeter(page, 'DLMS meter with a password');
  await startRead(page);
  await recordOfRead(page, 'failed');
  await expect(page.getByText('The meter refused the association: it wants authentication.')).toBeVisible();

  await page.goto('#/settings');
  await add(page, '*', '12345678', 'DLMS password (low level security)');
  await chooseMeter(page, 'DLMS meter with a password');
  await startRead(page);
  await recordOfRead(page);
});
