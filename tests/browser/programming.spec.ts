/** Programming mode as a technician meets it: chosen registers and the load profile, by the settings of the meter. */
import { expect, expectAccessible, openApp, test } from './support/app.ts';
import { chooseMeter, recordOfRead, registers, setSpeed, startRead } from './support/demo.ts';

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
