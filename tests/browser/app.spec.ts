/** Every place of the app under axe, in light and dark and on three shapes of screen. */
import type { Page } from '@playwright/test';
import { expect, expectAccessibleOnAllScreens, openApp, test } from './support/app.ts';
import {
  addMeter,
  goTo,
  openRecord,
  readMeter,
  readNow,
  registers,
  setSpeed,
  startRead,
  switchFault,
} from './support/demo.ts';

async function readOnce(page: Page): Promise<number> {
  await openApp(page);
  await setSpeed(page, '100 times as fast');
  return await readMeter(page, 'Three-phase meter');
}

async function failToRead(page: Page): Promise<void> {
  await readOnce(page);
  await switchFault(page, 'Three-phase meter', 'The meter does not answer');
  await goTo(page, 'Read');
  await startRead(page);
  await page.getByRole('button', { name: 'Other rates' }).click();
}

async function listMeters(page: Page): Promise<void> {
  await openApp(page);
  await setSpeed(page, '100 times as fast');
  await addMeter(page, 'Supply', 'Three-phase meter');
  await addMeter(page, 'Never read', 'Gas meter');
  for (let i = 0; i < 3; i++) await readNow(page, 'Supply');
}

const listed = (route: string, act: (page: Page) => Promise<void>) => async (page: Page) => {
  await listMeters(page);
  await openApp(page, route);
  await expect(page.locator('main h1')).toBeVisible();
  await act(page);
};

/** How to come to each place. */
const places: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  async 'first visit'(page) {
    await openApp(page);
    await expect(page.getByRole('heading', { name: 'Read a meter' })).toBeVisible();
  },
  async 'empty log'(page) {
    await openApp(page);
    await goTo(page, 'Log');
    await expect(page.getByRole('list', { name: 'Records' })).toBeVisible();
  },
  async settings(page) {
    await openApp(page);
    await setSpeed(page, '100 times as fast');
    await page.locator('summary', { hasText: 'Gas meter' }).click();
    await expect(page.getByRole('switch').first()).toBeVisible();
  },
  async 'desk with registers and wire'(page) {
    await readOnce(page);
    await page.getByRole('button', { name: 'Show the wire' }).click();
    await expect(registers(page)).toBeVisible();
    await expect(page.getByRole('region', { name: 'Wire' })).toContainText('STX');
  },
  async 'knobs of the meter'(page) {
    await readOnce(page);
    await page.getByText('Meter settings').click();
    // At the end nothing lies half under the button that stays at the thumb.
    await page.locator('main').evaluate((main) => main.scrollTo(0, main.scrollHeight));
  },
  'failed read': failToRead,
  async log(page) {
    await readOnce(page);
    await goTo(page, 'Log');
    const filter = page.getByRole('searchbox', { name: 'Filter' });
    await filter.fill('ERROR_CODE=');
    await expect(filter).toHaveAttribute('aria-invalid', 'true');
  },
  async record(page) {
    await openRecord(page, await readOnce(page));
    await page.getByRole('button', { name: '1.8.0', exact: true }).click();
  },
  async 'question before deleting'(page) {
    await openRecord(page, await readOnce(page));
    await page.getByRole('button', { name: 'Delete…' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
  },
  async 'failed record'(page) {
    await failToRead(page);
    await openRecord(page, 3);
  },
  async tools(page) {
    await openApp(page);
    await goTo(page, 'Tools');
    await expect(page.getByRole('link', { name: 'Head check' })).toBeVisible();
  },
  async 'head check'(page) {
    await failToRead(page);
    await goTo(page, 'Tools');
    await page.getByRole('link', { name: 'Head check' }).click();
    await page.getByRole('button', { name: 'Send to the paper' }).click();
    await expect(page.getByText('– Nothing came back.')).toBeVisible();
  },
  async 'no inputs'(page) {
    await openApp(page, '#/tools/inputs');
    await expect(page.getByRole('button', { name: 'Try a simulated Arduino' })).toBeVisible();
  },
  async 'A/D inputs'(page) {
    await openApp(page, '#/tools/inputs');
    await page.getByRole('button', { name: 'Try a simulated Arduino' }).click();
    await expect(page.getByText('Firmata 2.5, 20 pins')).toBeVisible();
    await page.getByText('Settings of the inputs').click();
  },
  async 'calibration of an input'(page) {
    await openApp(page, '#/tools/inputs');
    await page.getByRole('button', { name: 'Try a simulated Arduino' }).click();
    await page.getByRole('button', { name: 'Calibrate input 1…' }).click();
    await page.getByRole('button', { name: 'Take it' }).click();
  },
  async 'error codes'(page) {
    await openApp(page, '#/tools/errors');
    await expect(page.getByText('65541').first()).toBeVisible();
  },
  async 'no such place'(page) {
    await openApp(page, '#/nowhere');
    await expect(page.getByRole('heading', { name: 'Nothing here' })).toBeVisible();
  },
  'list of meters': listed('#/meters', (page) => page.getByRole('button', { name: 'Arrange' }).click()),
  'new meter': listed('#/meters/new', () => Promise.resolve()),
  'registers of a meter': listed('#/meters/1', (page) => expect(page.getByRole('table')).toBeVisible()),
  'history of a meter': listed('#/meters/1/history', async (page) => {
    await expect(page.locator('canvas')).toBeVisible();
    await page.locator('summary', { hasText: 'Figures' }).click();
    await page.getByText('Registers to watch').click();
  }),
  'records of a meter': listed('#/meters/1/records', (page) =>
    expect(page.getByRole('listitem').first()).toBeVisible(),
  ),
  'settings of a meter': listed('#/meters/1/settings', (page) => page.getByText('Meter settings').click()),
  'no such meter': listed('#/meters/9', () => Promise.resolve()),
  'settings with port numbers': listed('#/settings', (page) =>
    page.getByRole('region', { name: 'Port numbers' }).locator('summary').first().click(),
  ),
};

for (const [place, show] of Object.entries(places)) {
  test(`axe finds nothing and nothing is wider than the screen: ${place}`, async ({ page }) => {
    await show(page);
    await expectAccessibleOnAllScreens(page);
  });
}
