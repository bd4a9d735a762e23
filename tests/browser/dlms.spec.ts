import { expect, expectAccessibleOnAllScreens, openApp, test } from './support/app.ts';
import { chooseMeter, recordOfRead, registers, setSpeed, startRead } from './support/demo.ts';

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
