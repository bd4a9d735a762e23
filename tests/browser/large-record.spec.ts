import { Buffer } from 'node:buffer';
import { expect, openApp, test } from './support/app.ts';
import { registers } from './support/demo.ts';

const REGISTERS = 50_000;

test('a record of 50 000 registers is drawn in portions, its text only where it is looked at', async ({ page }) => {
  const lines = Array.from({ length: REGISTERS }, (_, i) => `1.8.${i}(${String(i).padStart(6, '0')}.125*kWh)`);
  await openApp(page, '#/log');
  await page.getByRole('button', { name: 'More…' }).click();
  await page.getByRole('button', { name: 'Import…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import records' });
  await dialog.locator('input[type=file]').setInputFiles({
    name: 'large.txt',
    mimeType: 'text/plain',
    buffer: Buffer.from(`^SCDATA: "AMS",1388665085,4,"IEC62056-21",1,0,"ACE5SIM","${lines.join('\r\n')}"\r\n`),
  });
  await dialog.getByRole('button', { name: 'Look at it' }).click();
  await dialog.getByRole('button', { name: 'Add 1 record' }).click();
  await dialog.getByRole('button', { name: 'Done' }).click();

  await page
    .getByRole('link', { name: /ACE5SIM/ })
    .first()
    .click();
  await expect(page.getByText('50,000 registers', { exact: true })).toBeVisible();
  const rows = registers(page).locator('tbody tr');
  await expect(rows).toHaveCount(200);
  await page.getByRole('button', { name: 'Show 1,000 more of 50,000 registers' }).click();
  await expect(rows).toHaveCount(1200);

  // All of the text is there, in chunks that are laid out only near what is in sight.
  const received = page.getByLabel('Data as received');
  const { found, chunks, longest } = await received.evaluate((box) => ({
    found: box.textContent.split('kWh)').length - 1,
    chunks: [...box.children].filter((chunk) => getComputedStyle(chunk).contentVisibility === 'auto').length,
    longest: Math.max(...[...box.children].map((chunk) => chunk.textContent.length)),
  }));
  expect(found).toBe(REGISTERS);
  expect(chunks).toBeGreaterThan(50);
  expect(longest).toBeLessThan(17_000);
  // A register far down marks its place in the text and brings it into sight.
  await rows.nth(1199).getByRole('button').click();
  await expect(received.locator('mark')).toHaveText('1.8.1199(001199.125*kWh)');
  await expect(received.locator('mark')).toBeInViewport();
});
