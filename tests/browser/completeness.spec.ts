/** What became of every slot, as the page shows it and the file holds it. */
import { readFile } from 'node:fs/promises';
import { expect, expectAccessible, openApp, test } from './support/app.ts';
import { addSimulatedMeter, callEngine, storedRecords } from './support/engine.ts';
import { HOUR, pastTheHour, routeWorkerClock, setWorkerClock } from './support/worker-clock.ts';

test.use({ serviceWorkers: 'block' });

test('slots that were read and slots that were missed are told for each meter, on the page and in a file', async ({
  page,
  context,
}) => {
  /** In the past, so that the period that ends now holds every slot. */
  const start = pastTheHour(-30);
  await routeWorkerClock(context, start);
  await openApp(page);
  await callEngine(page, 'setSimulation', { speed: 100, faults: {} });
  await addSimulatedMeter(page, 'three-phase');
  await callEngine(page, 'setSchedule', { enabled: true, retries: 0 });
  const scheduled = async () => (await storedRecords(page)).filter(({ type }) => type === 'AMS').length;
  await setWorkerClock(page, start + HOUR);
  await expect.poll(scheduled).toBe(1);
  await setWorkerClock(page, start + 6 * HOUR);
  await expect.poll(scheduled).toBe(3);
  await callEngine(page, 'setSchedule', { enabled: false });

  await page.goto('./#/meters/completeness');
  const row = page.getByRole('table', { name: 'Slots of each meter' }).getByRole('row').nth(1);
  await expect(row.getByRole('cell')).toHaveText([/^! last gap/, '2', '0', '4', '0']);
  await expectAccessible(page);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save as CSV' }).click(),
  ]);
  const states = (await readFile(await download.path(), 'utf8'))
    .split('\r\n')
    .map((line) => line.split(/[,;]/).slice(4, 6));
  expect(states.slice(1, 4)).toEqual([
    ['read', '1'],
    ['missed', '4'],
    ['read', '1'],
  ]);
});
