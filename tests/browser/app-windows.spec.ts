/** Two windows of one app: one owns the ports, both show and do the same, and the one that is left takes over. */
import type { Page } from '@playwright/test';
import { expect, openApp, test } from './support/app.ts';
import { chooseMeter, openRecord, readMeter, recordOfRead, registers, setSpeed, startRead } from './support/demo.ts';
import { callEngine } from './support/engine.ts';

const heldElsewhere = (page: Page) => page.getByRole('link', { name: 'Ports held by another window' });
const recordCount = (page: Page) =>
  page.getByRole('region', { name: 'Status' }).getByRole('link', { name: /records?$/ });

test('the second window shows the same records and reads through the first', async ({ page, context }) => {
  await openApp(page);
  await setSpeed(page, '100 times as fast');
  const first = await readMeter(page, 'Three-phase meter');

  const other = await context.newPage();
  await openApp(other);
  await expect(heldElsewhere(other)).toBeVisible();
  await expect(heldElsewhere(page)).toBeHidden();
  await openRecord(other, first);

  const second = await readMeter(other, 'Heat meter');
  expect(second).toBe(first + 1);
  await expect(registers(other)).toBeVisible();
  await openRecord(page, second);
  for (const each of [page, other]) await expect(recordCount(each)).toHaveText(`${second} records`);
});

test('when the first window closes, the second takes over', async ({ page, context }) => {
  await openApp(page);
  await setSpeed(page, '100 times as fast');
  const first = await readMeter(page, 'Three-phase meter');
  const other = await context.newPage();
  await openApp(other);
  await expect(heldElsewhere(other)).toBeVisible();

  await page.close();
  await expect(heldElsewhere(other)).toBeHidden();
  await openRecord(other, first);
  expect(await readMeter(other, 'Heat meter')).toBeGreaterThan(first);
});

test('a read is not lost in silence when the window that ran it closes', async ({ page, context }) => {
  await openApp(page);
  // A read that lasts longer than any machine takes to close a window.
  await callEngine(page, 'setSimulation', { speed: 0.05, faults: {} });
  const other = await context.newPage();
  await openApp(other);
  await expect(heldElsewhere(other)).toBeVisible();
  await chooseMeter(other, 'Meter that stays at 300 Bd');
  await startRead(other);
  await expect(other.getByRole('region', { name: 'Progress' })).toContainText('asking at 300 Bd');

  await page.close();
  await expect(other.getByText('this window has taken over')).toBeVisible();
  await setSpeed(other, '100 times as fast');
  await chooseMeter(other, 'Meter that stays at 300 Bd');
  await startRead(other);
  await recordOfRead(other);
});

test('of three windows one after the other is the owner', async ({ page, context }) => {
  const pages = [page, await context.newPage(), await context.newPage()];
  for (const each of pages) await openApp(each);
  const owners = async (left: Page[]) => {
    const held = await Promise.all(left.map((each) => heldElsewhere(each).isVisible()));
    return left.filter((_each, at) => !held[at]);
  };
  for (let left = pages; left.length > 1;) {
    let owner: Page | undefined;
    await expect(async () => {
      const found = await owners(left);
      expect(found).toHaveLength(1);
      [owner] = found;
    }).toPass();
    await owner?.close();
    left = left.filter((each) => each !== owner);
    for (const each of left) await expect(recordCount(each)).toHaveText(`${pages.length - left.length + 1} records`);
  }
});
