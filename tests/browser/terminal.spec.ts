/** The AT terminal as a program or a person who knows the SmartCOM uses it, over the real engine and simulated meters. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expect, expectAccessible, openApp, test, watchFor } from './support/app.ts';
import { addSimulatedMeter, callEngine, storedRecords } from './support/engine.ts';

const field = (page: Page) => page.getByRole('textbox', { name: 'Command' });
const output = (page: Page) => page.getByRole('log', { name: 'Terminal output' });
const chip = (page: Page, text: string) =>
  page.getByRole('group', { name: 'Completions' }).getByRole('button', { name: text, exact: true });

async function send(page: Page, line: string): Promise<void> {
  await field(page).fill(line);
  await field(page).press('Enter');
}

/** Sends a line and waits for the result code; gives what was printed after the echo. */
async function ask(page: Page, line: string, result = /(?:OK|ERROR)\n$/): Promise<string> {
  const clear = page.getByRole('button', { name: 'Clear' });
  if (await clear.isEnabled()) await clear.click();
  await send(page, line);
  await expect.poll(() => output(page).textContent()).toMatch(result);
  return ((await output(page).textContent()) ?? '').trimStart().slice(line.length + 1);
}

test.beforeEach(async ({ page }) => {
  await openApp(page, '#/tools/terminal');
  await send(page, 'AT');
  await expect(output(page)).toContainText('OK');
});

test('answers as the unit does: list, direct read, records, and asks before it deletes', async ({ page }) => {
  await callEngine(page, 'setSimulation', { speed: 20, faults: {} });
  await callEngine(page, 'bindPort', { number: 2, portId: 'simulated:three-phase' });
  expect(await ask(page, 'AT^SCAMS?')).toBe('^SCAMS: NO DEVICE\n\nOK\n');
  expect(await ask(page, 'at^scams="dev_add",2,1,"","1H"')).toBe('OK\n');
  expect(await ask(page, 'AT^SCAMS?')).toBe('^SCAMS: 1> 2,"IEC62056-21","","1H"\n\nOK\n');
  expect(await ask(page, 'AT^SCAMS="DEV_ADD",2,1,"","4H",1')).toBe('ERROR\n');

  const read = await ask(page, 'AT^SCAMS="DIRECT_READ",2,1,""');
  expect(read).toMatch(/^\^SCAMS: 0,"ZE3SIM\.01","/);
  expect(read).toContain('1.8.0(');

  expect(await ask(page, 'AT^SCDATA="GET_OLDEST"')).toMatch(/^\^SCDATA: "SYSTART",\d+,1\n\nOK\n$/);
  expect(await ask(page, 'AT^SCDATA="MESS_CNT"')).toBe('^SCDATA: "MESS_CNT",1\n\nOK\n');

  await page.getByRole('button', { name: 'Clear' }).click();
  await send(page, 'AT^SCDATA="DEL_ALL"');
  const question = page.getByRole('dialog', { name: 'Deletes all records?' });
  await expect(question).toContainText('AT^SCDATA="DEL_ALL"');
  await expectAccessible(page);
  await question.getByRole('button', { name: 'Keep' }).click();
  await expect(output(page)).toContainText('ERROR');
  expect(await storedRecords(page)).toHaveLength(1);

  await page.getByLabel('Ask before deleting').uncheck();
  expect(await ask(page, 'AT^SCDATA="DEL_ALL"')).toBe('OK\n');
  expect(await storedRecords(page)).toHaveLength(0);
});

test('a command that runs can be cancelled, and the next one is answered', async ({ page }) => {
  await callEngine(page, 'setSimulation', { speed: 0.05, faults: {} });
  await callEngine(page, 'bindPort', { number: 1, portId: 'simulated:stays-slow' });
  await send(page, 'AT^SCAMS="DIRECT_READ",1,1,""');
  const cancel = page.getByRole('button', { name: 'Cancel' });
  await cancel.click();
  await callEngine(page, 'setSimulation', { speed: 100, faults: {} });
  await expect(output(page)).toContainText(/65537|ERROR/);
  await expect(cancel).toBeHidden();
  expect(await ask(page, 'AT')).toBe('OK\n');
});

test('completes by key and by finger, remembers what was sent, and inserts examples', async ({ page }) => {
  await field(page).pressSequentially('at^sca');
  await field(page).press('Tab');
  await expect(field(page)).toHaveValue(/^at\^SCAMS/);
  await field(page).fill('AT^SCAMS=');
  await chip(page, '"DEV_INTERVAL"').click();
  await expect(field(page)).toHaveValue('AT^SCAMS="DEV_INTERVAL"');
  await expect(field(page)).toBeFocused();
  // Nobody is caught in the field: Escape puts the completions away.
  await field(page).fill('AT^SC');
  await field(page).press('Escape');
  await field(page).press('Tab');
  await expect(page.getByRole('button', { name: 'Send' })).toBeFocused();

  await send(page, 'ATI');
  await field(page).fill('AT+half');
  await field(page).press('ArrowUp');
  await expect(field(page)).toHaveValue('ATI');
  await field(page).press('ArrowDown');
  await expect(field(page)).toHaveValue('AT+half');
  await page.reload();
  await field(page).press('ArrowUp');
  await expect(field(page)).toHaveValue('ATI');

  await page.getByRole('button', { name: 'Commands' }).click();
  await page.getByLabel('Find a command or a word').fill('adds a meter');
  await page.getByText('Adds a meter to the list').click();
  await page.getByRole('button', { name: 'Insert AT^SCAMS="DEV_ADD",2,2,"128","1H"' }).click();
  await expect(field(page)).toHaveValue('AT^SCAMS="DEV_ADD",2,2,"128","1H"');
});

test('several pasted lines are several commands', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate(() => navigator.clipboard.writeText('AT^SCAMS="RETRY",3\nAT^SCAMS="RETRY"\n'));
  await field(page).press('ControlOrMeta+v');
  await expect(output(page)).toContainText('^SCAMS: "RETRY",3');
});

test('what stands there can be copied, saved and cleared, and is still there after a look elsewhere', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const copied = await watchFor(page, 'Copied');
  await page.getByRole('button', { name: 'Copy' }).click();
  await copied();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('AT\nOK\n');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^terminal_.*\.txt$/);
  expect(await readFile(await download.path(), 'utf8')).toBe('AT\nOK\n');

  await page.getByRole('link', { name: 'Tools' }).first().click();
  await page.goBack();
  await expect(output(page)).toHaveText('AT\nOK\n');
  await page.getByRole('button', { name: 'Clear' }).click();
  await expect(output(page)).toHaveText('');
});

test('when the window that runs the engine closes, the terminal of the other one says so and goes on', async ({
  page,
  context,
}) => {
  const other = await context.newPage();
  await openApp(other, '#/tools/terminal');
  expect(await ask(other, 'AT')).toBe('OK\n');
  await addSimulatedMeter(other, 'three-phase');
  await page.close();
  await expect(other.getByRole('alert')).toContainText('begins a new session');
  expect(await ask(other, 'AT^SCAMS?')).toContain('1> 1,"IEC62056-21","","1H"');
});

for (const viewport of [
  { width: 1280, height: 800 },
  { width: 800, height: 1280 },
  { width: 390, height: 844 },
]) {
  test.describe(`${viewport.width} × ${viewport.height}`, () => {
    test.use({ viewport, contextOptions: { reducedMotion: 'reduce' } });

    test('axe finds nothing in light and dark, and the newest line is in sight', async ({ page }) => {
      await send(page, 'AT^SCAMS=?');
      await send(page, 'AT^SCPORT2=?');
      await send(page, 'AT^SCDATA=?');
      await expect(output(page)).toContainText('"DEL_ALL"\n\nOK');
      await field(page).fill('AT^SCAMS=');
      // What is left below the newest line, which is the end of the text.
      const below = () =>
        output(page).evaluate((log) => {
          const range = document.createRange();
          range.selectNodeContents(log);
          return range.getBoundingClientRect().bottom - log.getBoundingClientRect().bottom;
        });
      await expect(chip(page, '"DEV_ADD"')).toBeVisible();
      await expect.poll(below).toBeLessThanOrEqual(0);
      await page.getByRole('button', { name: 'Commands' }).click();
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await expectAccessible(page);
      }
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
    });
  });
}
