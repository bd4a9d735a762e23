/** A protocol and a transport that were added with a folder or file of their own and one line each are everywhere. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expect, expectAccessible, openApp } from './support/app.ts';
import {
  addMeter,
  chooseMeter,
  goTo,
  meterRow,
  openRecord,
  readNow,
  recordOfRead,
  registers,
  setSpeed,
  startRead,
} from './support/demo.ts';
import { test } from './support/dummy-app.ts';
import { callEngine, storedRecords } from './support/engine.ts';
import { HOUR, pastTheHour, routeWorkerClock, setWorkerClock } from './support/worker-clock.ts';

test.use({ serviceWorkers: 'block', contextOptions: { reducedMotion: 'reduce' } });

const card = (page: Page) => page.getByRole('region', { name: 'Listening' });

/** Records of the dummy that say this. */
const recordsWith = async (page: Page, data: RegExp) =>
  (await storedRecords(page)).filter((record) => record.type === 'AMS' && data.test(record.data));

test('a protocol is chosen, set up, read, explained, heard, scheduled, filtered, charted, exported and listed', async ({
  page,
  context,
}) => {
  /** In the past. */
  const start = pastTheHour(-30);
  await routeWorkerClock(context, start);
  await openApp(page);
  await setSpeed(page, '20 times as fast');

  await test.step('chosen, set up and read', async () => {
    await chooseMeter(page, 'Dummy meter');
    await expect(page.getByLabel('Protocol')).toHaveValue('Dummy');
    await page.getByText('Meter settings').click();
    await page.getByLabel('Patience').fill('2000');
    await startRead(page);
    const seq = await recordOfRead(page);
    await expect(registers(page)).toContainText('m³');
    await expectAccessible(page);
    await openRecord(page, seq);
    await expect(page.getByRole('main')).toContainText(/DUMMY[\s\S]*Volume/);
  });

  await test.step('explained where it fails', async () => {
    await goTo(page, 'Read');
    await page.getByRole('textbox', { name: 'Address' }).fill('12');
    await expect(page.getByText('This is no address of Dummy.')).toBeVisible();
    await page.getByRole('textbox', { name: 'Address' }).fill('ZZ');
    await startRead(page);
    await expect(page.getByRole('heading', { name: /^No answer at/ })).toBeVisible();
    const seq = await recordOfRead(page, 'failed');
    await openRecord(page, seq);
    await expect(page.getByRole('main')).toContainText('Code 9000003 (Dummy): The meter says nothing');
  });

  await test.step('explained in the decoder', async () => {
    await openApp(page, '#/tools/decoder');
    await page.getByLabel('Frames or readouts').fill('AB=17');
    await expect(page.getByText('Dummy readout')).toBeVisible();
    await expect(registers(page)).toContainText('17');
  });

  await test.step('heard', async () => {
    await chooseMeter(page, 'Dummy that speaks');
    await page.getByRole('button', { name: 'Listen', exact: true }).click();
    await expect(card(page)).toContainText('1 record');
    await expect(card(page)).toContainText('m³');
    expect(await recordsWith(page, /^CD=/)).toHaveLength(1);
    await card(page).getByRole('button', { name: /^Stop/ }).click();
    await expect(card(page)).toBeHidden();
  });

  await test.step('in the list, scheduled and charted', async () => {
    await addMeter(page, 'Cellar', 'Dummy meter');
    await callEngine(page, 'setAllIntervals', { interval: '1H' });
    await callEngine(page, 'setSchedule', { enabled: true });
    await setWorkerClock(page, start + HOUR);
    await expect
      .poll(async () => (await recordsWith(page, /^AB=/)).filter((record) => 'slots' in record).length)
      .toBeGreaterThan(0);
    await callEngine(page, 'setSchedule', { enabled: false });
    await readNow(page, 'Cellar');
    await expect(meterRow(page, 'Cellar')).toContainText(/\d m³/);
    await page.getByRole('link', { name: 'Cellar', exact: true }).click();
    await page.getByRole('link', { name: 'History', exact: true }).click();
    await expect(page.getByRole('region', { name: 'Chart' })).toContainText('m³');
  });

  await test.step('filtered and exported', async () => {
    await goTo(page, 'Log');
    await page.getByLabel('Filter').fill('PROTOCOL==DUMMY;ERROR_CODE==0');
    const good = await recordsWith(page, /=/);
    await expect(page.getByText(new RegExp(`^${good.length} of \\d+ records$`))).toBeVisible();
    const save = page.getByRole('button', { name: 'CSV', exact: true });
    const [download] = await Promise.all([page.waitForEvent('download'), save.click()]);
    const text = await readFile(await download.path(), 'utf8');
    expect(text).toContain('DUMMY');
    expect(text).toContain('CD=');
  });

  await test.step('listed by AT', async () => {
    await openApp(page, '#/tools/terminal');
    await page.getByRole('textbox', { name: 'Command' }).fill('AT^SCAMS?');
    await page.getByRole('textbox', { name: 'Command' }).press('Enter');
    await expect(page.getByRole('log', { name: 'Terminal output' })).toContainText(/1> \d+,"DUMMY","AB","1H"/);
  });
});

test('a transport is offered, asked for a port, read through, listed and forgotten', async ({ page }) => {
  await openApp(page);
  await page.getByRole('region', { name: 'Connect a head' }).getByRole('button', { name: 'Connect a dummy…' }).click();
  await expect(page.getByLabel('Read through')).toContainText('Dummy adapter');
  await page.getByLabel('Protocol').selectOption('Dummy');
  await page.getByRole('textbox', { name: 'Address' }).fill('EF');
  await startRead(page);
  await recordOfRead(page);
  await expect(registers(page)).toContainText('42');
  await goTo(page, 'Settings');
  const heads = page.getByRole('region', { name: 'Heads', exact: true });
  await expect(heads.getByRole('button', { name: 'Connect a dummy…' })).toBeVisible();
  await expectAccessible(page);
  await heads.getByRole('button', { name: 'Forget Dummy adapter' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Forget', exact: true }).click();
  await expect(heads.getByText('No head is connected.')).toBeVisible();
});
