/** A meter that speaks by itself, listened to until it is stopped. */
import type { Page } from '@playwright/test';
import { expect, expectAccessible, openApp, test, watchTexts } from './support/app.ts';
import {
  addMeter,
  chooseMeter,
  goTo,
  meterRow,
  recordOfRead,
  setSpeed,
  startRead,
  switchFault,
} from './support/demo.ts';
import { callEngine, storedSetting } from './support/engine.ts';
import { HOUR, pastTheHour, routeWorkerClock, setWorkerClock } from './support/worker-clock.ts';

const METER = 'Pushing meter, 9600 Bd';
const card = (page: Page) => page.getByRole('region', { name: 'Listening' });
const listen = (page: Page) => page.getByRole('button', { name: 'Listen', exact: true });

test('is heard beside readings by hand, after a reload and in every place, until somebody stops it', async ({
  page,
}) => {
  await openApp(page);
  await setSpeed(page, '5 times as fast');
  await chooseMeter(page, METER);
  await listen(page).click();
  await expect(card(page)).toContainText('1 record');
  await expect(card(page)).toContainText(/\d kWh/);
  await expect(card(page)).toContainText('1ESY9900000001');
  await expect(listen(page)).toBeHidden();
  await expectAccessible(page);

  await card(page).getByLabel('Records of each meter').selectOption('Each telegram');
  await expect(card(page)).toContainText(/(?:[3-9]|\d\d) records/);
  const told = await watchTexts(page, 'Listening');
  await startRead(page);
  const seq = await recordOfRead(page);
  await expect(card(page)).toContainText('listening at 9600 Bd');
  expect(await told()).toContain('waits: this port is reading');
  await card(page).getByLabel('Records of each meter').selectOption('One an hour');
  const kept = async () => JSON.stringify(await storedSetting(page, 'ams'));
  await expect.poll(kept).toContain('"everyMs":3600000');

  await page.reload();
  await expect(card(page)).toContainText(/last (just now|\d+ s ago)/);
  // Among how many others is a matter of the machine.
  await openApp(page, `#/log/${seq}`);
  await expect(page.getByRole('heading', { name: `Record ${seq}` })).toBeVisible();

  await goTo(page, 'Settings');
  const row = page.getByRole('region', { name: 'Port numbers' }).getByRole('listitem').filter({ hasText: METER });
  await expect(row).toContainText(/listening, last heard .*, 1 kept/);
  await row.locator('summary').click();
  await expectAccessible(page);
  await row.getByRole('button', { name: 'Stop listening on port 1' }).click();
  await expect(row).not.toContainText('listening');
  await goTo(page, 'Read');
  await expect(listen(page)).toBeVisible();
  await expect(card(page)).toBeHidden();
});

test('is begun and ended at a meter of the list too, whose records they are', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '5 times as fast');
  await addMeter(page, 'Attic', METER);
  await page.getByRole('link', { name: 'Attic', exact: true }).click();
  await listen(page).click();
  await expect(page.getByText(/Its port: listening, last heard .*, 1 kept/)).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Records', exact: true }).click();
  await expect(page.getByText('1 record', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Stop listening' }).click();
  await expect(listen(page)).toBeVisible();
});

test.describe('with a clock that is set forward', () => {
  test.use({ serviceWorkers: 'block' });

  test('is not asked by the schedule: a telegram is the record of its slot, a silent slot is missed', async ({
    page,
    context,
  }) => {
    /** In the past, so that the period that ends now holds every slot. */
    const start = pastTheHour(-30);
    await routeWorkerClock(context, start);
    await openApp(page);
    await setSpeed(page, '5 times as fast');
    await addMeter(page, 'Attic', METER);
    await callEngine(page, 'setAllIntervals', { interval: '1H' });
    await callEngine(page, 'setSchedule', { enabled: true });
    await page.getByRole('link', { name: 'Attic', exact: true }).click();
    await listen(page).click();
    await expect(page.getByText(/Its port: listening, last heard/)).toBeVisible();
    await goTo(page, 'Meters');
    await setWorkerClock(page, start + HOUR);
    await expect(meterRow(page, 'Attic')).toContainText('heard, next from');
    await expectAccessible(page);

    await switchFault(page, METER, 'The meter does not answer');
    await setWorkerClock(page, start + 3 * HOUR);
    await goTo(page, 'Meters');
    await expect(meterRow(page, 'Attic')).toContainText('to be heard until');
    await expect(meterRow(page, 'Attic')).toContainText(/Nothing was heard of this meter\..* missed/);
    await callEngine(page, 'setSchedule', { enabled: false });
    await page.goto('./#/meters/completeness');
    const row = page.getByRole('table', { name: 'Slots of each meter' }).getByRole('row').nth(1);
    await expect(row.getByRole('cell')).toHaveText([/^! last gap/, '1', '0', /^[2-9]$/, '0']);
    await expect(page.getByText('A meter that is listened to is not asked')).toBeVisible();
  });
});
