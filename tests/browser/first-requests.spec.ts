/** What a meter is sent before each read is shown and confirmed once, and not sent before. */
import { expect, expectAccessibleOnAllScreens, openApp, test } from './support/app.ts';
import { chooseMeter, recordOfRead, setSpeed, startRead } from './support/demo.ts';

test('bytes that nobody has confirmed are not sent, and are asked about with what they are', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '20 times as fast');
  await chooseMeter(page, 'M-Bus water meter');
  await page.getByText('Meter settings').click();
  const choice = page.getByLabel('Send before reading');
  const open = page.getByText('Nobody has confirmed this');
  const dialog = page.getByRole('dialog');
  await choice.selectOption('Bytes from the meter’s manual');
  await expect(dialog).toContainText('To be sent: Bytes from the meter’s manual: nothing yet.');
  await dialog.getByRole('button', { name: 'Send before each read' }).click();
  await expect(open).toBeHidden();

  await page.getByLabel('Bytes to send').fill('50 10');
  await expect(open).toBeVisible();
  await expectAccessibleOnAllScreens(page);
  await startRead(page);
  await expect(page.getByText('Nobody has confirmed that “CI 50 10” may be sent to this meter')).toBeVisible();

  await page.getByRole('button', { name: 'Confirm…' }).click();
  await expect(dialog).toContainText('50 10');
  await dialog.getByRole('button', { name: 'Send before each read' }).click();
  await expect(open).toBeHidden();
  await startRead(page);
  await recordOfRead(page);
});
