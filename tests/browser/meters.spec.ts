/** The meter list and its schedule as a user works them, over simulated meters. */
import { readFile } from 'node:fs/promises';
import type { Download, Page } from '@playwright/test';
import { strFromU8, unzipSync } from 'fflate';
import { expect, expectAccessible, openApp, test } from './support/app.ts';
import {
  addMeter,
  chooseMeter,
  goTo,
  meterRow,
  meterRows,
  readNow,
  recordOfRead,
  setSpeed,
  startRead,
} from './support/demo.ts';
import { callEngine } from './support/engine.ts';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

/** Goes to a part of the meter's page. */
async function part(page: Page, name: 'Registers' | 'History' | 'Records' | 'Settings'): Promise<void> {
  await page
    .getByRole('navigation', { name: /^Parts of/ })
    .getByRole('link', { name })
    .click();
}

test('a finished read becomes a meter of the list, which is home from then on', async ({ page }) => {
  await openApp(page);
  await expect(page.getByRole('heading', { name: 'Read a meter' })).toBeVisible();
  await setSpeed(page, '100 times as fast');
  await chooseMeter(page, 'Heat meter');
  await page.getByText('Meter settings').click();
  await page.getByLabel('Wait for an answer').fill('4000');
  await startRead(page);
  await recordOfRead(page);
  await page.getByRole('button', { name: 'Add to my meters' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('District heating');
  await page.getByRole('dialog').getByLabel('Read every').selectOption('1 hour');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('link', { name: '✓ District heating in my meters' }).click();
  await expect(page.getByRole('heading', { name: 'District heating' })).toBeVisible();
  await part(page, 'Settings');
  await expect(page.getByText('1 changed')).toBeVisible();
  await expect(page.getByLabel('Serial number')).toHaveValue('00770021');

  await openApp(page);
  await expect(page.getByRole('heading', { name: 'Meters' })).toBeVisible();
  await readNow(page, 'District heating');
  await expect(meterRow(page, 'District heating')).toContainText(/✓\s*read/);
  await expect(meterRow(page, 'District heating')).toContainText('MWh');
});

test('a meter gets its number with its first reading, whatever place is looked at', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '100 times as fast');
  await addMeter(page, 'Supply', 'Meter with 20 ms reaction time');
  await page.getByRole('button', { name: 'Read Supply now' }).click();
  await goTo(page, 'Tools');
  const list = async () => (await callEngine(page, 'exportMeters', { format: 'json' })).text;
  await expect.poll(list).toContain('"serialNumber": "31004711"');
});

test('meters are arranged, switched off, removed, saved and loaded', async ({ page }) => {
  await openApp(page);
  await addMeter(page, 'Gas', 'Gas meter');
  await addMeter(page, 'Water', 'Battery water meter');
  await addMeter(page, 'Supply', 'Three-phase meter');
  const names = () => meterRows(page).getByRole('link').allInnerTexts();
  expect(await names()).toEqual(['Gas', 'Water', 'Supply']);

  await page.getByRole('button', { name: 'Arrange' }).click();
  await page.getByRole('button', { name: 'Move Supply up' }).click();
  await expect.poll(names).toEqual(['Gas', 'Supply', 'Water']);
  await expect(page.getByRole('button', { name: 'Move Supply up' })).toBeFocused();
  await page.keyboard.press('Alt+ArrowUp');
  await expect.poll(names).toEqual(['Supply', 'Gas', 'Water']);
  await expect(page.getByRole('button', { name: 'Move Supply down' })).toBeFocused();
  await page.getByRole('switch', { name: 'Read Gas on schedule' }).click();
  await expect(meterRow(page, 'Gas').getByText('off', { exact: true })).toBeVisible();

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'List as CSV' }).click();
  const csv = await readFile(await (await download).path(), 'utf8');
  expect(csv.split('\r\n')[2]).toBe('1;IEC62056-21;;15M;0;Gas;;;');

  await page.getByRole('button', { name: 'Remove Water…' }).click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect.poll(names).toEqual(['Supply', 'Gas']);

  const file = `${csv}3;IEC62056-21;${'9'.repeat(60)};15M;1;Wrong;;;\r\n`;
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from(file) });
  await expect(page.getByText('3 meters added, 1 row left out:')).toBeVisible();
  await expect(page.getByText(/^Row 5: /)).toBeVisible();
  await expect.poll(names).toEqual(['Supply', 'Gas', 'Supply', 'Gas', 'Water']);
});

test('numbers that lost their zeros in a spreadsheet are asked about before they come in twice', async ({ page }) => {
  await openApp(page);
  await addMeter(page, 'Supply', 'Three-phase meter');
  const { text } = await callEngine(page, 'exportMeters', { format: 'csv' });
  await callEngine(page, 'changeMeter', { id: '1', change: { serialNumber: '00770041' } });
  const rows = ['1;IEC62056-21;770041;1H;1;Again;;;', '1;IEC62056-21;990041;1H;1;New;;;'];
  const buffer = Buffer.from([...text.split('\r\n').slice(0, 1), ...rows, ''].join('\r\n'));
  await page.locator('input[type=file]').setInputFiles({ name: 'list.csv', mimeType: 'text/csv', buffer });
  const question = page.getByRole('dialog', { name: '1 meter of the file: in the list already?' });
  await expect(question).toContainText('770041 – “Supply” has 00770041');
  await question.getByRole('button', { name: 'Leave them out' }).click();
  await expect(page.getByText('1 meter added, 1 row left out:')).toBeVisible();
  const names = () => meterRows(page).getByRole('link').allInnerTexts();
  await expect.poll(names).toEqual(['Supply', 'New']);
});

test('a reading that names another meter is kept apart until somebody says that it was exchanged', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '100 times as fast');
  await addMeter(page, 'Supply', 'Three-phase meter');
  await callEngine(page, 'changeMeter', { id: '1', change: { serialNumber: '47110815' } });
  await readNow(page, 'Supply');
  await expect(meterRow(page, 'Supply')).toContainText(/≠\s*another meter/);
  await meterRow(page, 'Supply').getByRole('link', { name: 'Supply', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Supply' })).toBeVisible();
  const asked = page
    .getByRole('status')
    .filter({ hasText: 'The last reading names meter 04710815, not 47110815: it is kept' });
  await expect(asked).toBeVisible();
  await expect(page.getByText('This meter has no good reading yet.')).toBeVisible();
  await expectAccessible(page);
  await asked.getByRole('button', { name: 'Meter exchanged' }).click();
  await expect(page.getByText(/The last reading was of meter .*, before that was its number here/)).toBeVisible();
  await callEngine(page, 'readNow', { id: '1' });
  await expect(page.getByText(/The last reading (was of|names) meter/)).toBeHidden();
});

test('the whole list is read at once and can be stopped; a failure is named', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '100 times as fast');
  await addMeter(page, 'Supply', 'Three-phase meter');
  await addMeter(page, 'Twin', 'Port 1 · Three-phase meter');
  await addMeter(page, 'Wrong', 'Meter that wants its number');
  await page.getByRole('link', { name: 'Wrong', exact: true }).click();
  await part(page, 'Settings');
  await page.getByLabel('Address').fill('1');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('✓ Saved')).toBeVisible();
  await goTo(page, 'Meters');

  await page.getByRole('button', { name: 'Read all now' }).click();
  const campaign = page.getByRole('region', { name: 'Reading all meters' });
  await expect(campaign).toContainText('! 2 of 3 read · 1 failed');
  await expect(meterRow(page, 'Twin')).toContainText('kWh');
  await expect(meterRow(page, 'Wrong')).toContainText('No answer at 300');

  // So slow that nothing is read before it is stopped.
  await callEngine(page, 'setSimulation', { speed: 0.01, faults: {} });
  await page.getByRole('button', { name: 'Read all now' }).click();
  await expect(campaign).toContainText('Reading, 0 of 3 done');
  await expect(campaign.getByRole('progressbar')).toBeVisible();
  await campaign.getByRole('button', { name: 'Cancel' }).click();
  await callEngine(page, 'setSimulation', { speed: 100, faults: {} });
  await expect(campaign).toContainText('0 of 3 read');
});

test('history: registers are watched and named, drawn, zoomed and exported', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '100 times as fast');
  await addMeter(page, 'Supply', 'Three-phase meter');
  for (let i = 0; i < 3; i++) await readNow(page, 'Supply');
  await page.getByRole('link', { name: 'Supply', exact: true }).click();
  await part(page, 'History');
  const chart = page.getByRole('img', { name: 'Active energy import: 3 readings.' });
  await expect(chart.locator('canvas')).toBeVisible();

  await page.locator('summary', { hasText: 'Figures' }).click();
  const figures = page.getByRole('table', { name: 'The figures of the chart, newest first' });
  await expect(figures.getByRole('row')).toHaveCount(4);

  await page.getByText('Registers to watch').click();
  await page.getByRole('checkbox', { name: '32.7.0' }).check();
  await page.getByLabel('Name of 32.7.0').fill('Phase one');
  await page.getByLabel('Name of 32.7.0').press('Enter');
  await expect(page.getByRole('img', { name: 'Phase one: 3 readings.' })).toBeVisible();
  await expect(figures.getByRole('columnheader', { name: 'Phase one, V' })).toBeVisible();

  await page.getByRole('button', { name: 'Zoom in' }).click();
  await page.getByRole('button', { name: 'Zoom in' }).click();
  await expect(page.getByRole('button', { name: 'Zoom out' })).toBeEnabled();
  await page.getByRole('button', { name: 'Used between' }).click();

  const workbook = await saved(page, 'Save watched registers');
  expect(workbook.suggestedFilename()).toMatch(/_valuereport_\d{14}\.xlsx$/);
  const parts = unzipSync(await readFile(await workbook.path()));
  expect(strFromU8(parts['xl/workbook.xml'] ?? new Uint8Array(0))).toContain('name="Supply"');
  expect(strFromU8(parts['xl/sharedStrings.xml'] ?? new Uint8Array(0))).toContain('32.7.0 [V]');

  // The choice is remembered, here as in the log.
  await page.getByLabel('Tables as').selectOption('CSV for programs (1.5,…)');
  const report = await saved(page, 'Save watched registers');
  expect(report.suggestedFilename()).toMatch(/_valuereport_\d{14}\.csv$/);
  const [head, first] = (await readFile(await report.path(), 'utf8')).split('\r\n');
  expect(head).toContain(',error-code,state,log,32.7.0 [V],raw');
  expect(first).toMatch(/^\d+,Supply,/);
  await page.reload();
  await expect(page.getByLabel('Tables as')).toHaveValue('CSV for programs (1.5,…)');

  await part(page, 'Registers');
  await expect(page.getByText('Phase one')).toBeVisible();
  await part(page, 'Records');
  await expect(page.getByRole('list', { name: 'Records of this meter' }).getByRole('listitem')).toHaveCount(3);
});

async function saved(page: Page, button: string): Promise<Download> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button }).click(),
  ]);
  return download;
}

test('the schedule is switched where the meters are, and the strip says so', async ({ page }) => {
  await openApp(page);
  await addMeter(page, 'Gas', 'Gas meter');
  // Nothing comes due meanwhile, which would have the port.
  await callEngine(page, 'setAllIntervals', { interval: '12H' });
  const strip = page.getByRole('region', { name: 'Status' });
  await expect(strip).toContainText('AMS off');
  await page.getByRole('switch', { name: 'Read on schedule' }).click();
  await expect(strip).toContainText(/AMS on · next (?:\w+ \d+, )?\d\d:\d\d/);

  await goTo(page, 'Settings');
  await page.getByLabel('Tries after a failure').fill('3');
  await page.getByLabel('Tries after a failure').press('Enter');
  await page.getByLabel('Interval for all').selectOption('1 day');
  await page.getByRole('button', { name: 'Set for 1 meter' }).click();
  await expect(page.getByText('1 meter: every 1 day')).toBeVisible();

  const ports = page.getByRole('region', { name: 'Port numbers' });
  await ports.getByText('Gas meter').first().click();
  await ports.getByLabel('Baud rate').fill('2400');
  await ports.getByLabel('Baud rate').press('Enter');
  await expect(ports.getByText('2400 Bd, 7E1 · 1 in the list')).toBeVisible();
  await ports.getByRole('button', { name: 'Free number 1' }).click();
  await expect(ports.getByText('nothing bound')).toBeVisible();
  await ports.getByLabel('Number').fill('77');
  await ports.getByLabel('Number').press('Tab');
  await ports.getByLabel('Head or simulated meter').selectOption('Heat meter');
  await ports.getByRole('button', { name: 'Give it the number' }).click();
  await expect(ports.getByRole('listitem').filter({ hasText: '77' })).toContainText('Heat meter');

  await page.getByLabel('Room for records').selectOption('64 MiB');
  await expect(page.getByText(/67\.1 MB left/)).toBeVisible();
  await goTo(page, 'Meters');
  await expect(meterRow(page, 'Gas')).toContainText('port missing');
});
