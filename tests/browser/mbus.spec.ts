/** Wired M-Bus as a user works it, over simulated buses. */
import type { Page } from '@playwright/test';
import { expect, expectAccessible, openApp, test } from './support/app.ts';
import {
  chooseMeter,
  goTo,
  openRecord,
  pressOnceThere,
  recordOfRead,
  registers,
  setSpeed,
  startRead,
} from './support/demo.ts';
import { callEngine } from './support/engine.ts';

const HOUSE = 'M-Bus of a house';

test.beforeEach(async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '20 times as fast');
});

const found = (page: Page) => page.getByRole('region', { name: /found$/ }).getByRole('listitem');

const progress = (page: Page) => page.getByRole('region', { name: 'Progress' });

async function openTool(page: Page, name: string): Promise<void> {
  await goTo(page, 'Tools');
  await page.getByRole('link', { name: new RegExp(`^${name}`) }).click();
  await expect(page.getByRole('heading', { name })).toBeVisible();
}

async function searchHouse(page: Page): Promise<void> {
  await chooseMeter(page, HOUSE);
  await openTool(page, 'Find meters');
  await page.getByRole('button', { name: 'Start search' }).click();
  await expect(progress(page)).toContainText('7 meters found.');
}

test('one meter is read by primary and by secondary address, and its record keeps the frames', async ({ page }) => {
  await chooseMeter(page, 'M-Bus water meter');
  await expect(page.getByLabel('Protocol')).toHaveValue('M-Bus');
  await expect(page.getByLabel('Address')).toHaveValue('1');
  await startRead(page);
  const first = await recordOfRead(page);
  await expect(registers(page)).toContainText('Volume');
  await expect(registers(page)).toContainText('55500063');
  await expect(page.getByText('Identification', { exact: true }).locator('..')).toContainText('55500063');
  await expectAccessible(page);

  await page.getByRole('button', { name: 'Read next' }).click();
  await page.getByLabel('Address').fill('*5550006F');
  await startRead(page);
  const second = await recordOfRead(page);
  expect(second).toBe(first + 1);
  await expect(registers(page)).toContainText('Volume');

  await openRecord(page, second);
  await expect(page.getByText('55500063').first()).toBeVisible();
  await expect(page.getByText('Volume').first()).toBeVisible();
});

test('an address that is none is told before anything is sent; a silent one with what to try', async ({ page }) => {
  await chooseMeter(page, 'M-Bus water meter');
  await page.getByLabel('Address').fill('251');
  await expect(page.getByText(/This is no address of M-Bus/)).toBeVisible();
  await startRead(page);
  await expect(page.getByLabel('Address')).toBeFocused();
  await expect(page.getByRole('region', { name: 'Progress' })).toBeHidden();

  await page.getByLabel('Address').fill('2');
  await startRead(page);
  await expect(page.getByRole('region', { name: /^No answer at 2400/ })).toContainText('131078');
  await page.getByRole('button', { name: 'Other rates' }).click();
  await page.getByRole('button', { name: '9600 Bd' }).click();
  await expect(page.getByLabel('Address')).toHaveValue('2@9600');
  await expect(page.getByRole('region', { name: /^No answer at 9600/ })).toBeVisible();
});

test('the protocol of a port is remembered', async ({ page }) => {
  await chooseMeter(page, 'M-Bus water meter');
  await page.getByLabel('Protocol').selectOption('IEC 62056-21 (optical head)');
  await page.reload();
  await goTo(page, 'Read');
  await expect(page.getByLabel('Protocol')).toHaveValue('IEC 62056-21 (optical head)');
  await chooseMeter(page, HOUSE);
  await expect(page.getByLabel('Protocol')).toHaveValue('M-Bus');
});

test('a search finds all meters of the bus, which go into the list and can be read there', async ({ page }) => {
  await searchHouse(page);
  await expect(found(page)).toHaveCount(7);
  const twins = found(page).filter({ hasText: '40404040' });
  await expect(twins).toHaveCount(2);
  expect((await twins.allInnerTexts()).map((text) => /SEN|ZRI/.exec(text)?.[0]).sort()).toEqual(['SEN', 'ZRI']);
  await expect(found(page).filter({ hasText: '30001200' })).toContainText('Heat cost allocator');
  await expect(page.getByText(/\d+ selections · .* on the wire/)).toBeVisible();
  await expectAccessible(page);

  await found(page).filter({ hasText: '20450088' }).getByRole('checkbox').uncheck();
  await page.getByLabel('Read every').selectOption('2 hours');
  await page.getByRole('button', { name: 'Add these 6 meters' }).click();
  await expect(page.getByText('6 meters added.')).toBeVisible();
  await expect(page.getByText('✓ in my meters')).toHaveCount(6);
  // The one that was left out can follow.
  await found(page).filter({ hasText: '20450088' }).getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Add this meter' }).click();
  await expect(page.getByText('✓ in my meters')).toHaveCount(7);

  await page.getByRole('link', { name: 'See my meters' }).click();
  await page.getByRole('button', { name: 'Read all now' }).click();
  await expect(page.getByRole('region', { name: 'Reading all meters' })).toContainText('7 of 7 read');
  await expect(page.getByText('failed')).toHaveCount(0);
});

test('a search is held, goes on while another place is looked at, and is stopped', async ({ page }) => {
  // The search of this bus takes minutes.
  await callEngine(page, 'setSimulation', { speed: 0.1, faults: {} });
  await chooseMeter(page, HOUSE);
  await openTool(page, 'Find meters');
  await page.getByRole('button', { name: 'Start search' }).click();
  await expect(page.getByText(/\d+ selections? · /)).toBeVisible();
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(progress(page)).toContainText('Paused');
  await expectAccessible(page);
  await setSpeed(page, '5 times as fast');
  await openTool(page, 'Find meters');
  await expect(progress(page)).toContainText('Paused');
  await pressOnceThere(page, 'Cancel', 'ul.found > li');
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(progress(page)).toContainText(/Stopped; .* found so far\./);
  await expect(page.getByRole('button', { name: 'Search again' })).toBeEnabled();
});

test('a primary address is changed after its bytes were shown and confirmed', async ({ page }) => {
  await chooseMeter(page, 'M-Bus water meter');
  await openTool(page, 'Change a meter');
  const change = page.getByRole('button', { name: 'Change the meter…' });
  await expect(change).toBeDisabled();
  await page.getByLabel('Address of the meter now').fill('*55500063');
  await page.getByLabel('New primary address').fill('251');
  await expect(change).toBeDisabled();
  // Straight from typing to the button: the first press counts.
  await page.getByLabel('New primary address').fill('17');
  const bytes = '68 06 06 68 53 FD 51 01 7A 11 2D 16';
  await expect(page.getByRole('region', { name: 'What will be sent' })).toContainText(bytes);
  await expectAccessible(page);

  await change.click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Set the primary address of *55500063 to 17?');
  await expect(dialog).toContainText(bytes);
  await expect(dialog).toContainText('One meter answers, and nobody else: SEN 55500063, water');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('region', { name: 'Result' })).toBeHidden();

  await change.click();
  await dialog.getByRole('button', { name: 'Change the meter' }).click();
  const result = page.getByRole('region', { name: 'Result' });
  await expect(result).toContainText('The meter now answers at 17.');
  // Two selections, the change and the end of the selection; the meter's data before and after.
  await expect(result.getByText('✓ acknowledged')).toHaveCount(4);
  await expect(result.getByText('✓ one meter')).toHaveCount(2);
  await expect(result.getByText('– silence, as expected')).toHaveCount(3);
  await expectAccessible(page);

  await goTo(page, 'Read');
  await page.getByLabel('Address').fill('17');
  await startRead(page);
  await recordOfRead(page);
});

test('AT^SCAMSADD empties the list, finds the meters and adds them', async ({ page }) => {
  await searchHouse(page);
  await page.getByRole('button', { name: 'Add these 7 meters' }).click();
  await expect(page.getByText('7 meters added.')).toBeVisible();
  await openTool(page, 'AT terminal');
  const output = page.getByRole('log', { name: 'Terminal output' });
  const send = async (line: string) => {
    await page.getByRole('textbox', { name: 'Command' }).fill(line);
    await page.getByRole('textbox', { name: 'Command' }).press('Enter');
  };
  await page.getByLabel('Ask before deleting').uncheck();
  await send('AT^SCAMSADD=1,"MBUS","default","2H",7');
  await expect(output).toContainText(/\^SCAMSADD: 0,7,"(\d{1,3},\d{8};){6}\d{1,3},\d{8}"/);
  await send('AT^SCAMS?');
  await expect(output).toContainText(/\^SCAMS: 7> 1,"MBUS","\*.*","2H"/);
  await expect(output).toContainText('"*55500047@2400"');
});
