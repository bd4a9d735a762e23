/** A page whose texts a translator has put into elements of its own: what the app changes then is not seen any more. */
import type { Page } from '@playwright/test';
import { expect, expectAccessibleOnAllScreens, openApp, test } from './support/app.ts';
import { callEngine, storedRecords } from './support/engine.ts';
import { goTo, readMeter, setSpeed } from './support/demo.ts';

const warning = (page: Page) => page.getByText('A translator has changed this page: figures on it may be old.');

/** As translators do: each text moves into two `<font>`, and Svelte goes on writing into a text nobody sees. */
const translate = (page: Page) =>
  page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts: Text[] = [];
    const tag: string = 'font';
    while (walker.nextNode()) texts.push(walker.currentNode as Text);
    for (const text of texts) {
      if (text.data.trim() === '' || text.parentElement?.closest('script, style, noscript')) continue;
      const [outer, inner] = [document.createElement(tag), document.createElement(tag)];
      inner.textContent = text.data;
      outer.append(inner);
      text.replaceWith(outer);
    }
  });

const shownCount = (page: Page) =>
  page
    .getByRole('region', { name: 'Status' })
    .getByRole('link', { name: /records?$/ })
    .innerText();

test('says that its figures may be old, whatever place is shown, and follows the meter again when loaded anew', async ({
  page,
}) => {
  await openApp(page);
  await setSpeed(page, '100 times as fast');
  await readMeter(page, 'Gas meter');
  await expect(warning(page)).toBeHidden();
  const before = await shownCount(page);
  await translate(page);
  await expect(warning(page)).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollHeight <= innerHeight)).toBe(true);
  await callEngine(page, 'deleteAllRecords', undefined);
  await expect.poll(async () => (await storedRecords(page)).length).toBe(0);
  // What the warning is for.
  expect(await shownCount(page)).toBe(before);

  for (const place of ['Meters', 'Log', 'Tools', 'Settings', 'Read'] as const) {
    await page.evaluate((hash) => (location.hash = hash), `#/${place.toLowerCase()}`);
    await translate(page);
    await expect(warning(page)).toBeVisible();
  }
  await expectAccessibleOnAllScreens(page);

  await page.reload();
  await expect(warning(page)).toBeHidden();
  await expect.poll(() => shownCount(page)).not.toBe(before);
  await goTo(page, 'Log');
});
