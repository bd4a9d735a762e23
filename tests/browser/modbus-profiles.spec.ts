/** What registers mean to whoever does not know it yet. */
import { readFile } from 'node:fs/promises';
import { expect, expectAccessible, expectAccessibleOnAllScreens, openApp, test } from './support/app.ts';
import { openRecord, readMeter, recordOfRead, registers, setSpeed, startRead } from './support/demo.ts';

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

test('a profile of one’s own: copied, edited, read with, and gone again without harm to its records', async ({
  page,
}) => {
  await openApp(page);
  await setSpeed(page, '20 times as fast');
  await readMeter(page, 'Modbus of a cabinet');
  await openApp(page, '#/tools/profiles');
  await page.getByLabel('Model').selectOption('Eastron SDM630');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Copy and edit' }).click();
  await expect(page.getByText('✓ All test frames show what they have to.')).toBeVisible();

  // A row that is changed shows at once that it is not what the test frames say.
  await page.getByText('1 · 04:0000 · Voltage L1 · f32, V').click();
  const row = page.locator('details[data-row][open]').first();
  await row.getByLabel('Name').fill('Tension');
  await expect(page.getByText('! 1 test of 2 shows something else')).toBeVisible();
  await page.getByText(/^1 · 1:04:0000/).click();
  await page.getByRole('button', { name: 'That is right: take it' }).click();
  await expect(page.getByText('✓ All test frames show what they have to.')).toBeVisible();
  await row.getByLabel('Address').fill('2');
  await page.getByRole('button', { name: 'Keep profile' }).click();
  await expect(
    page.getByRole('alert').filter({ hasText: 'Register 2, address: register 1 has it, too.' }),
  ).toBeVisible();
  await expectAccessibleOnAllScreens(page);
  await row.getByLabel('Address').fill('0000');
  const name = page.getByRole('textbox', { name: /^Name/ }).first();
  await name.fill('Cellar meter');
  await page.getByRole('button', { name: 'Keep profile' }).click();
  await expect(page.getByRole('button', { name: 'Edit Cellar meter' })).toBeVisible();

  // One tap.
  await page.getByRole('button', { name: 'Read with Cellar meter' }).click();
  await expect(page.getByLabel('Address')).toHaveValue(/^1@9600\[50,04:0000:\d+,/);
  await startRead(page);
  const seq = await recordOfRead(page);
  await expect(registers(page).getByRole('row').filter({ hasText: 'Tension' })).toBeVisible();
  await page.getByText('Meter settings').click();
  await expect(page.getByLabel('Meter model').locator('option:checked')).toHaveText('Cellar meter (own profile)');

  // A file of it, and back: nothing takes the place of what is there unasked.
  await openApp(page, '#/tools/profiles');
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export Cellar meter' }).click();
  const path = await (await saving).path();
  const text = await readFile(path, 'utf8');
  const file = page.getByLabel('A file with a profile');
  const upload = (content: string) =>
    file.setInputFiles({ name: 'cellar.json', mimeType: 'application/json', buffer: Buffer.from(content) });
  await upload(text.replace('"baudRate": 9600', '"baudRate": 96'));
  await expect(page.getByText('Baud rate: a whole number from 300 to 921600, please.')).toBeVisible();
  await upload(text.replace('Tension', 'Mains'));
  await expect(page.getByRole('dialog', { name: 'Replace “Cellar meter”?' })).toBeVisible();
  await page.getByRole('button', { name: 'Keep', exact: true }).click();
  await upload(text.replace('Tension', 'Mains'));
  await page.getByRole('button', { name: 'Replace', exact: true }).click();
  await expect(page.getByText('✓ “Cellar meter” is kept.')).toBeVisible();
  await page.getByRole('button', { name: 'Delete Cellar meter' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByText('None yet.')).toBeVisible();

  await openRecord(page, seq);
  await expect(registers(page).getByRole('row').filter({ hasText: 'Tension' })).toBeVisible();
  await page.reload();
  await expect(registers(page).getByRole('row').filter({ hasText: 'Tension' })).toBeVisible();
});
