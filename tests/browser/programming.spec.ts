/** Programming mode as a technician meets it: chosen registers and the load profile, by the settings of the meter. */
import { readFile } from 'node:fs/promises';
import { expect, expectAccessible, openApp, test } from './support/app.ts';
import { chooseMeter, goTo, recordOfRead, registers, setSpeed, startRead } from './support/demo.ts';

test('a load profile is read, and each of its values has its own time', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '20 times as fast');
  await chooseMeter(page, 'Meter with a load profile');
  await page.locator('summary', { hasText: 'Meter settings' }).click();
  await expect(page.getByLabel('What to read')).toHaveValue('Load profile');
  await expect(page.getByLabel('Last days')).toHaveValue('1');
  await expectAccessible(page);
  await startRead(page);
  const seq = await recordOfRead(page);
  await expect(registers(page)).toContainText('1-1:1.5');
  await page.getByRole('link', { name: `record ${seq}` }).click();
  await expect(page.getByLabel('Data as received')).toContainText('P.01(0');
});

test('only the registers that are chosen are read', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '20 times as fast');
  await chooseMeter(page, 'Meter read register by register');
  await page.locator('summary', { hasText: 'Meter settings' }).click();
  await page.getByLabel('Registers (optional)').fill('1.8.0, 9.9.9');
  await startRead(page);
  await recordOfRead(page);
  await expect(registers(page).getByRole('row', { name: /^1\.8\.0/ })).toContainText('kWh');
  await expect(registers(page).getByRole('row', { name: /^2\.8\.0/ })).toHaveCount(0);
  await expect(registers(page).getByRole('row', { name: /^9\.9\.9/ })).toContainText('ERROR');
});

test('a load profile stands in its record by the times of the meter, as chart, table and CSV', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '20 times as fast');
  await chooseMeter(page, 'Meter with a load profile');
  await startRead(page);
  const seq = await recordOfRead(page);
  await page.getByRole('link', { name: `record ${seq}` }).click();
  const profile = page.getByRole('region', { name: 'By the meter’s time' });
  await expect(profile.getByRole('img', { name: /1-1:1\.5.*rows/ })).toBeVisible();
  // Once: a page with each row of a profile takes axe longer than all other places together.
  await expectAccessible(page);
  await profile.locator('summary', { hasText: 'Figures' }).click();
  await expect(profile.getByRole('row')).not.toHaveCount(0);
  const download = page.waitForEvent('download');
  await profile.getByRole('button', { name: 'Save as CSV' }).click();
  const file = await (await download).path();
  expect(await readFile(file, 'utf8')).toContain('Time of the meter');
});

test('the clock is shown with how far it is off, asked about, and sent once', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '20 times as fast');
  await chooseMeter(page, 'Meter with a load profile');
  await goTo(page, 'Tools');
  await page.getByRole('link', { name: 'Change a meter' }).click();
  await page.getByLabel('Change', { exact: true }).selectOption({ label: 'IEC 62056-21: Set the clock' });
  await page.getByRole('button', { name: 'Change the meter…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText(/its clock says .* (ahead|behind)/);
  await expect(dialog).toContainText('nobody has checked');
  await expect(dialog).toContainText('no password is kept');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Change the meter' }).click();
  const result = page.getByRole('region', { name: 'Result' });
  // Without its password this meter sets nothing, and says so.
  await expect(result).toContainText('Nothing was changed.');
  await expect(result).toContainText('answered “ERROR”');
});
