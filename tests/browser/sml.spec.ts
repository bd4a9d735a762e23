/** German household meters that push SML, as a user hears them. */
import type { Page } from '@playwright/test';
import { expect, expectAccessible, openApp, test } from './support/app.ts';
import { chooseMeter, recordOfRead, registers, setSpeed, startRead } from './support/demo.ts';

const card = (page: Page) => page.getByRole('region', { name: 'Listening' });

test('one is read, with its number as on the plate and its power with a sign', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '5 times as fast');
  await chooseMeter(page, 'SML meter with a solar roof');
  await startRead(page);
  await recordOfRead(page);
  const row = (code: string) => registers(page).getByRole('row').filter({ hasText: code });
  await expect(row('1-0:96.1.0')).toContainText('1OHU0010020030');
  await expect(row('1-0:16.7.0')).toContainText('W');
  await expect(row('1-0:1.8.0').first()).toContainText('Active energy import');
  await expectAccessible(page);
});

test('one is watched: power now beside what was counted', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '5 times as fast');
  await chooseMeter(page, 'SML meter with a solar roof');
  await page.getByRole('button', { name: 'Listen', exact: true }).click();
  await expect(card(page).getByText('Active power, import minus export')).toBeVisible();
  await expect(card(page).getByText('Active energy import')).toBeVisible();
});

test('one with a head askew is listened to, and how well it is heard is said', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '20 times as fast');
  await chooseMeter(page, 'SML meter with a head askew');
  await page.getByRole('button', { name: 'Listen', exact: true }).click();
  await expect(card(page)).toContainText('1OHU0010020051');
  await expect(card(page)).toContainText(/\d good, \d+ damaged/);
  await expectAccessible(page);
});

test('a locked one says what to do', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '5 times as fast');
  await chooseMeter(page, 'SML meter that is locked');
  await startRead(page);
  await recordOfRead(page);
  await expect(page.getByText(/the meter is locked\. Ask the metering operator for its PIN/).first()).toBeVisible();
});
