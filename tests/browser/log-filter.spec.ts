/** The log as a person searches it: the filter language with completion and builder, ways out and in. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expect, expectAccessible, openApp, test } from './support/app.ts';
import { goTo, readMeter, setSpeed } from './support/demo.ts';
import { callEngine, storedRecords } from './support/engine.ts';

const filter = (page: Page) => page.getByLabel('Filter');
const rows = (page: Page) => page.getByRole('list', { name: 'Records' }).getByRole('listitem');
const chips = (page: Page) => page.getByRole('group', { name: 'Completions' });

/** What a terminal showed: a reading, a failed one, a start, and two lines that are no records. */
const LISTING = [
  'AT^SCDATA="GET_OLDEST",4',
  '^SCDATA: "SYSTART",1388665000,3',
  '^SCDATA: "AMS",1388665085,4,"IEC62056-21",1,0,"ACE5SIM","0.0.0(00000017)',
  '1.8.0(000265.057*kWh)"',
  'what is this',
  '^SCDATA: "AMS",1388665100,5,"MBUS",2,131075,"",""',
  '^SCDATA: "AMS",1388665200',
  'OK',
].join('\r\n');

async function importListing(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'More…' }).click();
  await page.getByRole('button', { name: 'Import…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import records' });
  await dialog.getByLabel(/What the terminal showed/).fill(LISTING);
  await dialog.getByRole('button', { name: 'Look at it' }).click();
  await dialog.getByRole('button', { name: 'Add 3 records' }).click();
  await expect(dialog.getByText('✓ 3 added')).toBeVisible();
  await dialog.getByRole('button', { name: 'Done' }).click();
}

test.beforeEach(async ({ page }) => {
  await openApp(page, '#/log');
  await expect(rows(page)).toHaveCount(1);
});

test('pasted output is shown before it is taken, with its mistakes by line, and is taken once', async ({ page }) => {
  await page.getByRole('button', { name: 'More…' }).click();
  await page.getByRole('button', { name: 'Import…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import records' });
  await dialog.getByLabel(/What the terminal showed/).fill(LISTING);
  await dialog.getByRole('button', { name: 'Look at it' }).click();
  await expect(dialog).toContainText('3 records recognized');
  await expect(dialog).toContainText('ACE5SIM');
  await expect(dialog).toContainText('Line 5:');
  await expect(dialog).toContainText('Line 7:');
  await expectAccessible(page);
  expect(await storedRecords(page)).toHaveLength(1);
  await dialog.getByRole('button', { name: 'Add 3 records' }).click();
  await expect(dialog.getByText('✓ 3 added')).toBeVisible();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(rows(page)).toHaveCount(4);

  await page.getByRole('button', { name: 'More…' }).click();
  await page.getByRole('button', { name: 'Import…' }).click();
  await dialog.getByLabel(/What the terminal showed/).fill(LISTING);
  await dialog.getByRole('button', { name: 'Look at it' }).click();
  await dialog.getByRole('button', { name: 'Add 3 records' }).click();
  await expect(dialog.getByText('✓ 0 added, 3 were there already')).toBeVisible();
});

test('a mistake is told with its place and reason, and nothing is shown as its result', async ({ page }) => {
  await filter(page).fill('RECORD_TYPE==SYSTART;ERROR_COD==5');
  await expect(page.getByText('"ERROR_COD" is not a parameter')).toBeVisible();
  await expect(page.getByText('(character 22)')).toBeVisible();
  await expect(rows(page)).toHaveCount(0);
  await expect(page.getByText('No records are shown while the filter has a mistake.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'CSV', exact: true })).toBeDisabled();
  await filter(page).fill('RECORD_TYPE==SYSTART');
  await expect(rows(page)).toHaveCount(1);
});

test('a filter can be tapped together, typed to its end by Tab, and its matches are counted', async ({ page }) => {
  await importListing(page);
  await filter(page).click();
  await chips(page).getByRole('button', { name: 'ERROR_CODE' }).click();
  await chips(page).getByRole('button', { name: '!=' }).click();
  await chips(page).getByRole('button', { name: '0', exact: true }).click();
  await expect(filter(page)).toHaveValue('ERROR_CODE!=0');
  await expect(page.getByText('1 of 4 records')).toBeVisible();
  await chips(page).getByRole('button', { name: ';' }).click();
  await filter(page).pressSequentially('proto');
  await filter(page).press('Tab');
  await expect(filter(page)).toHaveValue('ERROR_CODE!=0;PROTOCOL');
  await filter(page).pressSequentially('==mb');
  await filter(page).press('Tab');
  await expect(filter(page)).toHaveValue('ERROR_CODE!=0;PROTOCOL==MBUS');
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText('MBUS');
});

test('the builder takes over a filter, counts, refuses a mistake and writes the language', async ({ page }) => {
  await importListing(page);
  await filter(page).fill('RECORD_TYPE==AMS');
  await page.getByRole('button', { name: 'Build…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Records that meet all of these' });
  await expect(dialog.getByText('2 records match')).toBeVisible();
  await dialog.getByRole('button', { name: 'Add a condition' }).click();
  const second = dialog.getByRole('group', { name: 'Condition 2' });
  await second.getByLabel('What').selectOption('TIME');
  await second.getByLabel('Relation').selectOption('is at least');
  await second.getByLabel('Value').fill('soon');
  await expect(dialog.getByText('TIME is compared with Unix seconds')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Show these' })).toBeDisabled();
  await second.getByLabel('Value').fill('1388665100');
  await expect(dialog.getByText('1 record matches')).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Show these' }).click();
  await expect(filter(page)).toHaveValue('RECORD_TYPE==AMS;TIME>=1388665100');
  await expect(rows(page)).toHaveCount(1);
});

test('a filter is saved under a name and found again after a reload', async ({ page }) => {
  await filter(page).fill('RECORD_TYPE==SYSTART');
  await page.getByRole('button', { name: 'Saved…' }).click();
  await page.getByLabel('Save as').fill('Starts');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expectAccessible(page);
  await openApp(page, '#/log');
  await page.reload();
  await page.getByRole('button', { name: 'Saved…' }).click();
  await page.getByRole('button', { name: /^Starts/ }).click();
  await expect(filter(page)).toHaveValue('RECORD_TYPE==SYSTART');
});

async function saved(page: Page, name: RegExp): Promise<{ name: string; text: string }> {
  await page.getByRole('button', { name: 'More…' }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
}

test('what the filter shows goes out in every form, and ^SCDATA comes in again', async ({ page }) => {
  await importListing(page);
  await filter(page).fill('RECORD_TYPE==AMS;ERROR_CODE==0');
  await expect(rows(page)).toHaveCount(1);

  const lines = await saved(page, /^JSON lines/);
  expect(lines.name).toMatch(/\.jsonl$/);
  expect(
    lines.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toMatchObject([{ identification: 'ACE5SIM', importedSeq: 4 }]);
  const scdata = await saved(page, /^\^SCDATA/);
  expect(scdata.text).toMatch(/^\^SCDATA: "AMS",1388665085,\d+,"IEC62056-21",1,0,"ACE5SIM","0\.0\.0\(00000017\)\n/);
  await page.getByRole('button', { name: 'More…' }).click();
  await page.getByLabel('Tables as').selectOption('CSV for a spreadsheet (1.5,…)');
  await page.keyboard.press('Escape');
  const report = await saved(page, /^Value reports/);
  expect(report.name).toMatch(/_valuereport_\d{14}\.csv$/);
  expect(report.text).toContain('1.8.0');
  expect(report.text).toContain('265.057');
});

test('on paper there is a table of the records and nothing to press', async ({ page }) => {
  await importListing(page);
  await page.evaluate(() => {
    window.print = () => {
      const sheet = document.querySelector('.print-sheet');
      document.documentElement.dataset['printed'] = sheet?.textContent ?? '';
    };
  });
  await page.getByRole('button', { name: 'More…' }).click();
  await page.getByRole('button', { name: /^Print/ }).click();
  await expect(page.locator('html')).toHaveAttribute('data-printed', /4 records.*131075.*ACE5SIM/s);
  await rows(page).filter({ hasText: 'ACE5SIM' }).click();
  await page.emulateMedia({ media: 'print' });
  await expect(page.getByRole('navigation', { name: 'Places' })).toBeHidden();
  await expect(page.getByRole('button', { name: 'Delete…' })).toBeHidden();
  await expect(page.getByText('1.8.0(000265.057*kWh)')).toBeVisible();
});

test('a record explains its error code', async ({ page }) => {
  await importListing(page);
  await rows(page).filter({ hasText: 'MBUS' }).click();
  await expect(page.getByText('Code 131075')).toBeVisible();
  await expect(page.getByText('(M-Bus)')).toBeVisible();
});

test.describe('into a folder', () => {
  /** The origin's own file system stands for a folder a person picks: the same handles without a dialog. */
  test.beforeEach(async ({ page }) => {
    await page.addInitScript(() => {
      const pick = async () => (await navigator.storage.getDirectory()).getDirectoryHandle('records', { create: true });
      Object.assign(globalThis, { showDirectoryPicker: pick });
    });
  });

  const writtenLines = (page: Page) =>
    page.evaluate(async () => {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('records', { create: true });
      const lines: string[] = [];
      for await (const entry of folder.values()) {
        if (entry.kind !== 'file') continue;
        const text = await (await entry.getFile()).text();
        lines.push(...text.trim().split('\n'));
      }
      return lines;
    });

  /** Until these records are in the folder. A file that is being written can be read in the next moment only. */
  const untilWritten = (page: Page, expected: readonly number[]) =>
    expect(async () => {
      const records = (await writtenLines(page)).map((line) => JSON.parse(line) as { readonly seq: number });
      expect(records.map(({ seq }) => seq)).toEqual(expected);
    }).toPass();

  test('new records are added as they come, once each, also after a restart', async ({ page }) => {
    await openApp(page, '#/settings');
    await page.reload();
    await page.getByLabel('Begin with the records that are there').check();
    await page.getByRole('button', { name: 'Pick a folder…' }).click();
    await expect(page.getByText(/Goes on: new records go to records/)).toBeVisible();
    await expectAccessible(page);
    await untilWritten(page, [1, 2]);

    await page.reload(); // the start of the engine is a record of its own
    await untilWritten(page, [1, 2, 3]);
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await expect(page.getByRole('button', { name: 'Pick a folder…' })).toBeVisible();
    await callEngine(page, 'deleteAllRecords', undefined);
    await page.reload();
    await expect(page.getByRole('button', { name: 'Pick a folder…' })).toBeVisible();
    await untilWritten(page, [1, 2, 3]);
  });

  test('a file that another program holds is tried again, said everywhere once it stays, and loses no record', async ({
    page,
  }) => {
    await openApp(page, '#/settings');
    await page.reload();
    await setSpeed(page, '100 times as fast');
    await page.getByRole('button', { name: 'Pick a folder…' }).click();
    await expect(page.getByText(/Goes on: new records go to records/)).toBeVisible();
    const first = await readMeter(page, 'Gas meter');
    await untilWritten(page, [first]);

    const held = await page.evaluateHandle(async () => {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('records');
      for await (const entry of folder.values()) {
        const how = { mode: 'exclusive' } as FileSystemCreateWritableOptions;
        if (entry.kind === 'file') return await entry.createWritable(how);
      }
      throw new Error('no file');
    });
    const second = await readMeter(page, 'Gas meter');
    await goTo(page, 'Settings');
    await expect(page.getByText('The folder was not written.')).toBeVisible();
    const third = await readMeter(page, 'Gas meter');
    const everywhere = page.getByRole('banner').getByText('New records do not get into the folder “records”');
    await expect(everywhere).toBeVisible();
    await expectAccessible(page);

    await held.evaluate((file) => file.abort());
    const fourth = await readMeter(page, 'Gas meter');
    await expect(everywhere).toHaveCount(0);
    await untilWritten(page, [first, second, third, fourth]);
  });

  test('where the browser has no folders, it is said', async ({ page }) => {
    await page.addInitScript(() => {
      Object.assign(globalThis, { showDirectoryPicker: undefined });
    });
    await openApp(page, '#/settings');
    await page.reload();
    await expect(page.getByText('This browser does not let a page write into a folder.')).toBeVisible();
  });
});
