/** Every place of the app under axe, in light and dark and on three shapes of screen. */
import type { Page } from '@playwright/test';
import { expect, expectAccessible, openApp, test } from './support/app.ts';
import { goTo, openRecord, readMeter, registers, setSpeed, startRead, switchFault } from './support/demo.ts';

const screens = [
  { width: 1280, height: 800 },
  { width: 800, height: 1280 },
  { width: 390, height: 844 },
];

/** What the app shows, in an order in which each leads to the next. */
const places: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  async 'first visit'(page) {
    await openApp(page);
    await expect(page.getByRole('heading', { name: 'Read a meter' })).toBeVisible();
  },
  async 'empty log'(page) {
    await goTo(page, 'Log');
    await expect(page.getByRole('list', { name: 'Records' })).toBeVisible();
  },
  async settings(page) {
    await setSpeed(page, '100 times as fast');
    await page.locator('summary', { hasText: 'Gas meter' }).click();
    await expect(page.getByRole('switch').first()).toBeVisible();
  },
  async 'desk with registers and wire'(page) {
    await readMeter(page, 'Three-phase meter');
    await page.getByRole('button', { name: 'Show the wire' }).click();
    await expect(registers(page)).toBeVisible();
    await expect(page.getByRole('region', { name: 'Wire' })).toContainText('STX');
  },
  async 'knobs of the meter'(page) {
    await page.getByRole('button', { name: 'Hide' }).click();
    await page.getByText('Meter settings').click();
    // At the end nothing lies half under the button that stays at the thumb.
    await page.locator('main').evaluate((main) => main.scrollTo(0, main.scrollHeight));
  },
  async 'failed read'(page) {
    await switchFault(page, 'Three-phase meter', 'The meter does not answer');
    await goTo(page, 'Read');
    await startRead(page);
    await page.getByRole('button', { name: 'Other rates' }).click();
  },
  async log(page) {
    await goTo(page, 'Log');
    const filter = page.getByRole('searchbox', { name: 'Filter' });
    await filter.fill('ERROR_CODE=');
    await expect(filter).toHaveAttribute('aria-invalid', 'true');
  },
  async record(page) {
    await openRecord(page, 2);
    await page.getByRole('button', { name: '1.8.0', exact: true }).click();
  },
  async 'question before deleting'(page) {
    await page.getByRole('button', { name: 'Delete…' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
  },
  async 'failed record'(page) {
    await page.keyboard.press('Escape');
    await openRecord(page, 3);
  },
  async tools(page) {
    await goTo(page, 'Tools');
    await expect(page.getByRole('link', { name: 'Head check' })).toBeVisible();
  },
  async 'head check'(page) {
    await page.getByRole('link', { name: 'Head check' }).click();
    await page.getByRole('button', { name: 'Send to the paper' }).click();
    await expect(page.getByText('– Nothing came back.')).toBeVisible();
  },
  async 'error codes'(page) {
    await openApp(page, '#/tools/errors');
    await expect(page.getByText('65541').first()).toBeVisible();
  },
  async 'no such place'(page) {
    await openApp(page, '#/nowhere');
    await expect(page.getByRole('heading', { name: 'Nothing here' })).toBeVisible();
  },
};

for (const viewport of screens) {
  test.describe(`${viewport.width} × ${viewport.height}`, () => {
    // A color half way through a transition is no color anybody reads.
    test.use({ viewport, contextOptions: { reducedMotion: 'reduce' } });

    test('axe finds nothing in light and dark, and nothing is wider than the screen', async ({ page }) => {
      test.setTimeout(120_000);
      for (const [place, show] of Object.entries(places)) {
        await test.step(place, async () => {
          await show(page);
          for (const colorScheme of ['light', 'dark'] as const) {
            await page.emulateMedia({ colorScheme });
            await expectAccessible(page);
          }
          expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
        });
      }
    });
  });
}
