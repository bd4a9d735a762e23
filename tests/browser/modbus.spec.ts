/** Modbus as a user works it, over simulated buses: read, kept, found again, searched for, written. */
import type { Page } from '@playwright/test';
import { expect, expectAccessible, expectAccessibleOnAllScreens, openApp, test } from './support/app.ts';
import {
  chooseMeter,
  goTo,
  openRecord,
  readMeter,
  recordOfRead,
  registers,
  setSpeed,
  startRead,
  switchFault,
} from './support/demo.ts';
import { callEngine, storedRecords } from './support/engine.ts';

const CABINET = 'Modbus of a cabinet';

test.beforeEach(async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '20 times as fast');
});

const row = (page: Page, name: string) => registers(page).getByRole('row').filter({ hasText: name });

async function openTool(page: Page, name: string): Promise<void> {
  await goTo(page, 'Tools');
  await page.getByRole('link', { name: new RegExp(`^${name}`) }).click();
  await expect(page.getByRole('heading', { name })).toBeVisible();
}

test('a meter is read with the profile of its model; log, filter and AT listing have the record', async ({ page }) => {
  const seq = await readMeter(page, 'Modbus electricity meter');
  await expect(page.getByLabel('Protocol')).toHaveValue('Modbus (RS-485)');
  await expect(row(page, 'Voltage L1')).toContainText(/2[0-9]{2}\.?\d* V/);
  await expect(row(page, 'Frequency')).toContainText('Hz');
  await expect(row(page, 'Active energy').first()).toContainText('kWh');
  await expectAccessibleOnAllScreens(page);

  await page.setViewportSize({ width: 1280, height: 800 });
  await openRecord(page, seq);
  await expect(page.getByText('Voltage L1').first()).toBeVisible();
  await expectAccessible(page);

  // Another record, that the filter leaves out.
  await readMeter(page, 'Three-phase meter');
  await goTo(page, 'Log');
  const rows = page.getByRole('list', { name: 'Records' }).getByRole('listitem');
  await expect(rows).toHaveCount(3);
  await page.getByLabel('Filter').fill('PROTOCOL==MODBUS;ERROR_CODE==0');
  await expect(rows).toHaveCount(1);
  await expect(rows.locator(`a[href^="#/log/${seq}?"]`)).toBeVisible();

  await openTool(page, 'AT terminal');
  const output = page.getByRole('log', { name: 'Terminal output' });
  const field = page.getByRole('textbox', { name: 'Command' });
  await field.fill('AT^SCDATA="GET_FILTERED","RECORD_TYPE==AMS"');
  await field.press('Enter');
  await expect(output).toContainText(
    new RegExp(`\\^SCDATA: "AMS",\\d+,${seq},"MODBUS",0,0,"","1:0[34]:[0-9A-F]{4}:010[34]`),
  );
});

test('registers are read by the address alone, by hand and by DIRECT_READ, and are the same', async ({ page }) => {
  await chooseMeter(page, CABINET);
  await page.getByLabel('Address').fill('4@9600[2,03:0001:2');
  await expect(page.getByText(/This is no address of Modbus/)).toBeVisible();
  await page.getByLabel('Address').fill('1@9600[2,03:001C:2]');
  await startRead(page);
  const seq = await recordOfRead(page);
  await expect(row(page, '03:001C')).toContainText('16,384');
  const record = (await storedRecords(page)).find((one) => one.seq === seq);
  const data = record?.type === 'AMS' ? record.data : '';
  expect(data).toMatch(/^1:03:001C:010304[0-9A-F]{12}$/);

  await callEngine(page, 'bindPort', { number: 2, portId: 'simulated:modbus-cabinet' });
  await openTool(page, 'AT terminal');
  await page.getByRole('textbox', { name: 'Command' }).fill('AT^SCAMS="DIRECT_READ",2,3,"1@9600[2,03:001C:2]"');
  await page.getByRole('textbox', { name: 'Command' }).press('Enter');
  await expect(page.getByRole('log', { name: 'Terminal output' })).toContainText(`^SCAMS: 0,"","${data}"`);
});

test('units are searched for and told by model, go into the list and are read there', async ({ page }) => {
  await chooseMeter(page, CABINET);
  await openTool(page, 'Find meters');
  await page.getByLabel('Only these units').fill('1-6');
  await page.getByRole('button', { name: 'Start search' }).click();
  const progress = page.getByRole('region', { name: 'Progress' });
  await expect(progress).toContainText('5 meters found.', { timeout: 120_000 });
  const found = page.getByRole('region', { name: /found$/ }).getByRole('listitem');
  for (const model of ['Eastron SDM630', 'Carlo Gavazzi EM24', 'ABB B21/B23/B24', 'Siemens PAC2200', 'SunSpec'])
    await expect(found.filter({ hasText: model })).toHaveCount(1);
  await expect(found.filter({ hasText: 'Siemens' })).toContainText('unit 4 · 9600 Bd 8N1');
  await expectAccessible(page);

  await page.getByRole('button', { name: 'Add these 5 meters' }).click();
  await expect(page.getByText('5 meters added.')).toBeVisible();
  await page.getByRole('link', { name: 'See my meters' }).click();
  await page.getByRole('button', { name: 'Read all now' }).click();
  await expect(page.getByRole('region', { name: 'Reading all meters' })).toContainText('5 of 5 read');
  await expect(page.getByText('failed')).toHaveCount(0);
});

test('a register is written after its bytes were shown, its device was asked and somebody agreed; then read back', async ({
  page,
}) => {
  await chooseMeter(page, CABINET);
  await openTool(page, 'Change a meter');
  await page.getByLabel('Address of the meter now').fill('1@9600');
  await page.getByLabel('Register address, hex').fill('001D');
  await page.getByLabel('New value').fill('70000');
  const change = page.getByRole('button', { name: 'Change the meter…' });
  await expect(change).toBeDisabled();
  await page.getByLabel('New value').fill('3');
  const preview = page.getByRole('region', { name: 'What will be sent' });
  await expect(preview).toContainText('01 06 00 1D 00 03');
  await expectAccessibleOnAllScreens(page);

  await change.click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Write 0003 (3) to register 001D of unit 1?');
  await expect(dialog).toContainText('0000 (0) becomes 0003 (3)');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Keep as it is' }).click();
  await expect(page.getByRole('region', { name: 'Result' })).toBeHidden();
  await change.click();
  await dialog.getByRole('button', { name: 'Change the meter' }).click();
  const result = page.getByRole('region', { name: 'Result' });
  await expect(result).toContainText('The device now has 0003 (3) in register 001D.');
  await expect(result.getByText('01 06 00 1D 00 03')).toHaveCount(2);
  await expectAccessible(page);

  // Whoever looks elsewhere meanwhile finds on coming back what came of it.
  await page.getByLabel('New value').fill('4');
  await change.click();
  await expect(dialog).toBeVisible();
  await callEngine(page, 'setSimulation', { speed: 0.001, faults: {} });
  await dialog.getByRole('button', { name: 'Change the meter' }).click();
  await expect(page.getByRole('button', { name: 'Talking to the meter…' })).toBeVisible();
  await goTo(page, 'Log');
  await callEngine(page, 'setSimulation', { speed: 20, faults: {} });
  await openTool(page, 'Change a meter');
  await expect(result).toContainText('The device now has 0004 (4) in register 001D.');

  // What it does not have it refuses, in words, and nothing was changed.
  await page.getByLabel('Register address, hex').fill('0700');
  await change.click();
  await expect(result).toContainText('Nothing was changed.');
  await expect(result).toContainText('it has no such address (exception 02)');
  await expect(dialog).toBeHidden();
});

test('a meter that does not answer is told with what to try, and is read once it does', async ({ page }) => {
  await switchFault(page, CABINET, 'The meter does not answer');
  await chooseMeter(page, CABINET);
  await startRead(page);
  await recordOfRead(page, 'failed');
  const problem = page.getByRole('region', { name: /^No answer/ });
  await expect(problem).toContainText('196614');
  await expect(problem).toContainText('Unit 1 did not answer within 1000 ms at 9600 Bd 8N1.');
  await expect(page.getByRole('button', { name: 'Wait longer' })).toBeVisible();
  await expectAccessibleOnAllScreens(page);

  await page.setViewportSize({ width: 1280, height: 800 });
  await callEngine(page, 'setSimulation', { speed: 20, faults: {} });
  await page.getByRole('button', { name: 'Try again' }).click();
  await recordOfRead(page);
  await expect(row(page, 'Voltage L1').first()).toBeVisible();
});
