import { expect, expectAccessibleOnAllScreens, openApp, test } from './support/app.ts';
import { callEngine } from './support/engine.ts';
import { chooseMeter, goTo, meterRow, recordOfRead, registers, setSpeed, startRead } from './support/demo.ts';

for (const meter of ['DLMS household meter', 'DLMS meter with optical head'])
  test(`the ${meter} is read, and what it lists is shown with units`, async ({ page }) => {
    await openApp(page);
    await setSpeed(page, '20 times as fast');
    await chooseMeter(page, meter);
    await startRead(page);
    await recordOfRead(page);
    const row = registers(page).getByRole('row').filter({ hasText: '1-0:1.8.0' });
    await expect(row).toContainText('Active energy import');
    await expect(row).toContainText('Wh');
    await expectAccessibleOnAllScreens(page);
  });

test('a meter’s page lists what it has, reads what is ticked, and keeps the choice for the schedule', async ({
  page,
}) => {
  await openApp(page);
  await setSpeed(page, '100 times as fast');
  await callEngine(page, 'bindPort', { number: 2, portId: 'simulated:dlms-household' });
  const draft = { port: 2, protocol: 'DLMS', address: '1/17@9600', interval: '1D', name: 'Cellar' } as const;
  await callEngine(page, 'addMeter', { draft });
  await goTo(page, 'Meters');
  await meterRow(page, 'Cellar').getByRole('link', { name: 'Cellar', exact: true }).click();
  await page.getByRole('link', { name: 'Objects', exact: true }).click();
  await page.getByRole('button', { name: 'Read the list of objects' }).click();
  await expect(page.getByText('12 objects listed')).toBeVisible();
  await expectAccessibleOnAllScreens(page);
  await page.getByLabel('Search in the list').fill('energy import');
  await page.getByRole('checkbox', { name: '1-0:1.8.0' }).check();
  await page.getByLabel('Search in the list').fill('clock');
  await page.getByRole('checkbox', { name: '0-0:1.0.0' }).check();
  await expect(page.getByText('2 ticked')).toBeVisible();
  await page.getByRole('button', { name: 'Read what is ticked' }).click();
  const rows = registers(page).getByRole('row');
  await expect(rows.filter({ hasText: 'Active energy import' })).toContainText('Wh');
  await expect(rows.filter({ hasText: '0-0:1.0.0' })).toHaveCount(1);
  await expect(rows.filter({ hasText: '1-0:1.8.1' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Keep for the schedule' }).click();
  await expect(page.getByText('✓ The schedule reads what is ticked.')).toBeVisible();
  await expect(page.getByText('1/17@9600|1-0:1.8.0,8:0-0:1.0.0')).toBeVisible();
});

test('a meter of which nothing is known is found', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '100 times as fast');
  await chooseMeter(page, 'DLMS meter with optical head');
  await openApp(page, '#/tools/find');
  await page.getByRole('button', { name: 'Start search' }).click();
  await expect(page.getByRole('heading', { name: '1 meter found' })).toBeVisible();
  await expect(page.getByText('lets client 16 in without a password')).toBeVisible();
});
