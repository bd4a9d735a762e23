/** The A/D inputs of port 128 as a user works them, on a simulated Arduino. */
import type { Page } from '@playwright/test';
import { expect, expectAccessible, openApp, test } from './support/app.ts';
import {
  chooseMeter,
  goTo,
  meterRow,
  openRecord,
  readNow,
  recordOfRead,
  setSpeed,
  startRead,
  switchFault,
} from './support/demo.ts';

const BOARD = 'A/D inputs';

test.beforeEach(async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '20 times as fast');
  await openInputs(page);
});

async function openInputs(page: Page): Promise<void> {
  await goTo(page, 'Tools');
  await page.getByRole('link', { name: /^A\/D inputs/ }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'A/D inputs' })).toBeVisible();
}

const source = (page: Page) => page.getByRole('region', { name: 'Where the inputs come from' });
const input = (page: Page, number: number) => page.getByRole('region', { name: `Input ${number}` });
const figure = (page: Page, number: number, name: string) =>
  input(page, number).getByText(name, { exact: true }).locator('..').getByRole('definition');
const digits = async (page: Page, number: number, name: string) =>
  Number((await figure(page, number, name).innerText()).replace(/\D/g, ''));

async function tryBoard(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Try a simulated Arduino' }).click();
  await expect(source(page)).toContainText('Firmata 2.5, 20 pins');
  await expect(source(page)).toContainText('Heard');
}

test('one tap brings a board with live values, power and energy, that is read like a meter', async ({ page }) => {
  await expect(page.getByRole('heading', { name: 'Nothing is connected yet' })).toBeVisible();
  await tryBoard(page);
  await expect(figure(page, 1, 'Converter')).toContainText('of 1023');
  await expect(figure(page, 2, 'Contact')).toContainText(/open|closed/);
  await expect(figure(page, 3, 'Power')).toContainText('1,500 W');
  await expect(figure(page, 3, 'Energy')).toContainText('kWh');
  const before = await digits(page, 3, 'Pulses');
  await expect.poll(() => digits(page, 3, 'Pulses')).toBeGreaterThan(before + 2);
  await expectAccessible(page);

  await page.getByRole('link', { name: 'add it to your meters' }).click();
  await page.getByLabel('Name').fill('Tank');
  await page.getByLabel('Protocol').selectOption('A/D inputs');
  await page.getByLabel('Address').fill('1/ADC/CAL');
  await page.getByRole('button', { name: 'Add to the list' }).click();
  await readNow(page, 'Tank');
  await expect(meterRow(page, 'Tank')).toContainText('%');

  // By hand, from the board that is heard all the time: it does not begin anew for that.
  await chooseMeter(page, BOARD);
  await page.getByLabel('Address').fill('3/PULSE/ABS');
  await startRead(page);
  const seq = await recordOfRead(page);
  await openRecord(page, seq);
  await expect(page.getByText('3/PULSE/ABS').first()).toBeVisible();
  await expect(page.getByText('Energy').first()).toBeVisible();
  await expect(page.getByText(/pulses of that time are missing/)).toHaveCount(0);
});

test('two known values calibrate an input, and it holds at once', async ({ page }) => {
  await tryBoard(page);
  await page.getByRole('button', { name: 'Calibrate input 1…' }).click();
  const guide = page.getByRole('dialog');
  const says = async () => Number(await guide.locator('.now b').innerText());
  const take = guide.getByRole('button', { name: 'Take it' });
  const both = guide.getByText(/0 % is \d+ and 100 % is \d+ of the converter, in place of 0 and 1023/);
  // The tank goes on meanwhile: on a busy machine it may be back at its first level when the second one is taken.
  await expect(async () => {
    const again = guide.getByRole('button', { name: 'Begin again' });
    if (await again.isVisible()) await again.click();
    const low = await says();
    await take.click();
    await expect(guide).toContainText(`At 0 % the converter said`);
    await guide.getByLabel('The value that is applied').fill('');
    await expect(take).toBeDisabled();
    await guide.getByLabel('The value that is applied').fill('100');
    await expect.poll(async () => Math.abs((await says()) - low)).toBeGreaterThan(100);
    await take.click();
    await expect(guide).toContainText('This is what came of both');
    expect(await both.count()).toBe(1);
  }).toPass();
  await expectAccessible(page);
  await guide.getByRole('button', { name: 'Use this calibration' }).click();
  await expect(guide).toBeHidden();
  await page.getByText('Settings of the inputs').click();
  await expect(page.getByRole('group', { name: 'Input 1' }).getByLabel('Converter at 0')).not.toHaveValue('0');
  await expect(source(page)).toContainText('Heard');
});

test('a counter is set to what the meter shows after a look at what it will be, and goes on after a reload', async ({
  page,
}) => {
  await tryBoard(page);
  await page.getByRole('button', { name: 'Set counter 3…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('The meter shows, kWh').fill('abc');
  await expect(dialog.getByRole('button', { name: 'Set the counter' })).toBeDisabled();
  await dialog.getByLabel('The meter shows, kWh').fill('12576,53');
  await expect(dialog).toContainText('12,576,530 pulses (12,576.530 kWh)');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Set the counter' }).click();
  await expect(dialog).toBeHidden();
  // It goes on meanwhile, by some Wh a second.
  const set = /12,5(?:7[6-9]|8\d)\.\d/;
  await expect(figure(page, 3, 'Energy')).toContainText(set);

  await page.getByRole('button', { name: 'Set counter 1…' }).click();
  await dialog.getByLabel('Pulses').fill('18446744073709551615');
  await dialog.getByRole('button', { name: 'Set the counter' }).click();
  await expect(dialog).toBeHidden();
  await expect(figure(page, 1, 'Pulses')).toHaveText('18,446,744,073,709,551,615');

  await page.reload();
  await expect(source(page)).toContainText('Heard');
  await expect(figure(page, 1, 'Pulses')).toHaveText('18,446,744,073,709,551,615');
  await expect(figure(page, 3, 'Energy')).toContainText(set);
});

for (const [fault, words] of [
  ['The board runs another program', /none of them is a version of Firmata.*Load StandardFirmata/],
  ['Adapter is pulled out in the middle of the readout', /lost|gone/],
] as const) {
  test(`${fault}: it says so and what to try, and is heard when that is over`, async ({ page }) => {
    await switchFault(page, BOARD, fault);
    await openInputs(page);
    await page.getByRole('button', { name: 'Try a simulated Arduino' }).click();
    await expect(source(page)).toContainText('Not heard');
    await expect(source(page)).toContainText(words);
    await expectAccessible(page);
    await goTo(page, 'Settings');
    await page.locator('summary', { hasText: /^A\/D inputs/ }).click();
    await page.getByRole('switch', { name: fault, exact: true, checked: true }).click();
    await openInputs(page);
    const again = page.getByRole('button', { name: 'Try again now' });
    const heard = source(page).getByText('Firmata 2.5, 20 pins');
    await expect(again.or(heard)).toBeVisible();
    // It tries again by itself too: the button may be gone before it is pressed.
    await expect(async () => {
      if (await again.isVisible()) await again.click({ timeout: 1000 });
      await expect(heard).toBeVisible({ timeout: 5000 });
    }).toPass();
  });
}

test('disconnecting asks, keeps the counters, and says so', async ({ page }) => {
  await tryBoard(page);
  await expect.poll(() => digits(page, 3, 'Pulses')).toBeGreaterThan(3);
  await page.getByRole('button', { name: 'Disconnect…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click();
  await expect(page.getByRole('heading', { name: 'Nothing is connected yet' })).toBeVisible();
  await tryBoard(page);
  await expect.poll(() => digits(page, 3, 'Pulses')).toBeGreaterThan(3);
});
