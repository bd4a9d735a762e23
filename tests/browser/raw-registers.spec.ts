/** What registers mean to whoever does not know it yet. */
import { expect, expectAccessibleOnAllScreens, openApp, test } from './support/app.ts';
import { openRecord, readMeter, setSpeed } from './support/demo.ts';

test('every register of a record is there in every usual reading', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '20 times as fast');
  await openRecord(page, await readMeter(page, 'Modbus of a cabinet'));
  await page.getByText('Raw registers').click();
  const list = page.getByRole('list', { name: 'Registers', exact: true });
  await page.getByLabel('Find a register').fill('30071');
  const frequency = list.getByRole('listitem').filter({ hasText: '04:0046' });
  await expect(frequency).toHaveCount(1);
  await frequency.getByText('04:0046').click();
  const ways = page.getByRole('region', { name: '04:0046: With the next one' });
  // A frequency of mains as a float, and what it is in another order.
  await expect(ways.getByText(/^(?:49|50)\.\d+$/)).toBeVisible();
  await expect(ways.getByText('! unlikely').first()).toBeVisible();
  await expectAccessibleOnAllScreens(page);
});
