/** Two protocols of which not all is public: what is inferred can be set, is marked, and says when it cannot be. */
import type { Page } from '@playwright/test';
import { expect, expectAccessibleOnAllScreens, openApp, test } from './support/app.ts';
import { chooseMeter, recordOfRead, registers, setSpeed, startRead } from './support/demo.ts';
import { callEngine } from './support/engine.ts';

const row = (page: Page, code: string) => registers(page).getByRole('row').filter({ hasText: code });
const openSettings = (page: Page) => page.getByText('Meter settings').click();

test('an INMAT is read with its wire profile: what is refused stops nothing, a code that is none is not taken', async ({
  page,
}) => {
  await openApp(page);
  await setSpeed(page, '20 times as fast');
  await chooseMeter(page, 'INMAT 51 gas unit');
  await expect(page.getByLabel('Protocol').locator('option:checked')).toHaveText(
    'INMAT 51/66 (unverified on hardware)',
  );
  await startRead(page);
  await recordOfRead(page);
  await expect(row(page, 'S:S:01')).toContainText('Gas, line 1');
  await expect(row(page, 'S:F:A0')).toContainText('ERR');
  await expect(page.getByText('Check sums seen: with the carry added (AMiT DB-Net).')).toBeVisible();

  await openSettings(page);
  await expect(page.getByRole('group', { name: 'Wire profile (unverified on hardware)' })).toBeVisible();
  const code = page.getByLabel('Function code of S (hex)');
  await code.fill('');
  await code.pressSequentially('0x');
  await expect(code).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByText('! Two hexadecimal digits, please.')).toBeVisible();
  await expectAccessibleOnAllScreens(page);
  await code.press('Backspace');
  await code.pressSequentially('1');
  await expect(code).toHaveValue('01');
  await expect(code).toHaveAttribute('aria-invalid', 'false');
  await startRead(page);
  await recordOfRead(page);
});

test('no value of an INMAT is out of sight on a phone, however long its code is', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await openApp(page);
  await setSpeed(page, '20 times as fast');
  await chooseMeter(page, 'INMAT 66 heat unit');
  await startRead(page);
  await recordOfRead(page);
  await expect(row(page, 'B:F:30:1:0:3:2 [5]')).toBeVisible();
  const overflow = await registers(page).evaluate((table) => {
    const frame = table.parentElement?.getBoundingClientRect();
    return (
      Math.max(...[...table.querySelectorAll('td')].map((cell) => cell.getBoundingClientRect().right)) -
      (frame?.right ?? 0)
    );
  });
  expect(overflow).toBeLessThanOrEqual(0);
});

test('a LOTOS is read and listened to with a line pattern that can be set', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '20 times as fast');
  await chooseMeter(page, 'LOTOS 301');
  await startRead(page);
  await recordOfRead(page);
  await expect(row(page, '101')).toContainText('Value 101');
  await openSettings(page);
  await expect(page.getByRole('group', { name: 'Line (the wire format is not public)' })).toBeVisible();
  const pattern = page.getByLabel('Line pattern');
  await pattern.fill('{id}=');
  await expect(page.getByText('! Each pattern with {id} and {value} once')).toBeVisible();
  await expectAccessibleOnAllScreens(page);
  await pattern.fill('T{id}={value}');
  await startRead(page);
  await recordOfRead(page, 'failed');
  const problem = page.getByText(/characters came at 9600 Bd 8N1 and no value, the last line is/);
  await expect(problem).toBeVisible();
  await expect(page.getByText('No value is heard at 9600 Bd.')).toBeVisible();
  await expectAccessibleOnAllScreens(page);

  await page.getByRole('button', { name: 'Back to defaults' }).click();
  await page.getByRole('button', { name: 'Listen', exact: true }).click();
  const card = page.getByRole('region', { name: 'Listening' });
  await expect(card).toContainText('listening: 7 values a cycle');
  await expect(card).toContainText('1 record');
  await expectAccessibleOnAllScreens(page);
});

test('both answer DIRECT_READ in the terminal', async ({ page }) => {
  await openApp(page, '#/tools/terminal');
  await callEngine(page, 'setSimulation', { speed: 20, faults: {} });
  await callEngine(page, 'bindPort', { number: 2, portId: 'simulated:inmat-heat' });
  await callEngine(page, 'bindPort', { number: 3, portId: 'simulated:lotos-heat' });
  const output = page.getByRole('log', { name: 'Terminal output' });
  const field = page.getByRole('textbox', { name: 'Command' });
  await field.fill('AT^SCAMS="DIRECT_READ",2,64,"5|S:S:20,S:I:10"');
  await field.press('Enter');
  await expect(output).toContainText('^SCAMS: 0,"","5|S:S:20=426F696C657220686F75736500,S:I:10=ERR"');
  await field.fill('AT^SCAMS="DIRECT_READ",3,"LOTOS",""');
  await field.press('Enter');
  await expect(output).toContainText(/\^SCAMS: 0,"","1=\d+\.\d{3},2=/);
});
