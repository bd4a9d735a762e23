/** SML over real `navigator.serial`: the built app hears a household meter at true pace. */
import { expect, test } from '@playwright/test';
import { available, serialRig, type MeterProgram, type SerialRig } from './harness.js';

const rigState = await available();
if (!rigState.ok) {
  console.log(rigState.reason);
  test.skip(true, rigState.reason);
}

let rig: SerialRig;
let meter: MeterProgram;

test.beforeAll(async () => {
  const origin = new URL(test.info().project.use.baseURL ?? '').origin;
  rig = await serialRig({ origin });
  meter = await rig.sml({ everyMs: 1000, loses: 4 });
  await rig.page.goto(`${test.info().project.use.baseURL ?? ''}#/read`);
});

test.afterAll(() => rig?.close());

test('a meter that pushes is read, then listened to while it is read again; nothing is ever sent to it', async () => {
  const { page } = rig;
  const card = page.getByRole('region', { name: 'Listening' });
  await page.getByLabel('Protocol').selectOption('SML (German optical eye)');
  const read = async () => {
    await page.getByRole('button', { name: /^Read/ }).first().click();
    await expect(page.getByText('1OHU0020030040').first()).toBeVisible();
    await expect(page.getByRole('row').filter({ hasText: '1-0:1.8.0' }).first()).toContainText('Wh');
  };
  await read();
  await page.getByRole('button', { name: 'Listen', exact: true }).click();
  await expect(card).toContainText('1OHU0020030040');
  await expect(card).toContainText(/\d good, [1-9]\d* damaged/);
  await read();
  const events = meter.events();
  expect(events.filter(({ event }) => event === 'noise')).toEqual([]);
  for (const { event, garbled } of events) if (event === 'data') expect(garbled).toBe(0);
});
