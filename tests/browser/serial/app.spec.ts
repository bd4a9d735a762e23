/** The built app and its interface over real `navigator.serial`, against the meter program at true pace. */
import { readFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { goTo, openRecord, recordOfRead, registers, startRead } from '../support/demo.ts';
import { available, readoutText, serialRig, type Scenario, type SerialRig } from './harness.js';

const rigState = await available();
if (!rigState.ok) {
  console.log(rigState.reason);
  test.skip(true, rigState.reason);
}

/** It takes its time to answer: here the interface is looked at, and a busy machine is late with the baud rate. */
const meterC: Scenario = { mode: 'C', identification: '/OHU5TEST', data: readoutText(300), reactionMs: 1200 };
const registersOf = ({ data }: Scenario) => data.match(/^.+(?=\r\n)/gm)?.filter((line) => line !== '!') ?? [];

let rig: SerialRig;
let complaints: string[] = [];

test.beforeAll(async () => {
  const url = test.info().project.use.baseURL ?? '';
  rig = await serialRig({ origin: new URL(url).origin });
  rig.page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await rig.page.goto(url);
});

test.beforeEach(() => {
  complaints = [];
});

test.afterEach(() => {
  expect(complaints).toEqual([]);
});

test.afterAll(() => rig?.close());

test('a granted port is on the desk by itself; one tap reads the meter into the log', async () => {
  const { page } = rig;
  const meter = await rig.meter(meterC);
  await expect(page.getByLabel('Read through')).toHaveText(/Serial port/);
  await startRead(page);
  const seq = await recordOfRead(page);
  // Where the switch came too late all the same the data was asked for again.
  const data = meter.events().findLast(({ event }) => event === 'data');
  expect(data).toMatchObject({ baud: 9600, lost: 0, garbled: 0 });
  await expect(registers(page).getByRole('row')).toHaveCount(registersOf(meterC).length + 1);
  await expect(registers(page).getByRole('row', { name: /^1-0:1\.8\.0/ })).toContainText('123,456.789');
  for (const fact of ['OHU', 'TEST', '9600 Bd']) {
    await expect(page.getByRole('definition').filter({ hasText: fact })).toBeVisible();
  }

  await openRecord(page, seq);
  const received = await page.getByLabel('Data as received').textContent();
  expect(received?.trim().split('\n')).toEqual(registersOf(meterC));
});

test('what a hostile meter sends is text in the page and text in a spreadsheet', async () => {
  const { page } = rig;
  const markup = '<img src=x onerror=alert(1)>';
  const hostile = { ...meterC, identification: '/OHU5=1+1<b>', data: `1.8.0(1*kWh)\r\n0.0.0(${markup})\r\n!\r\n` };
  await rig.meter(hostile);
  await goTo(page, 'Read');
  await startRead(page);
  const seq = await recordOfRead(page);
  await expect(registers(page)).toContainText('<img src=x onerror=alert');
  await openRecord(page, seq);
  await expect(page.getByRole('definition').filter({ hasText: '=1+1<b>' })).toBeVisible();
  await goTo(page, 'Log');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'CSV', exact: true }).click(),
  ]);
  expect(await readFile(await download.path(), 'utf8')).toMatch(/[,;]'=1\+1<b>[,;]/);
});

test('a port that is lost in mid-read is told in words, with what came kept', async () => {
  const { page } = rig;
  await rig.meter({ ...meterC, vanishAfter: 150 });
  await goTo(page, 'Read');
  await startRead(page);
  const seq = await recordOfRead(page, 'partial');
  await expect(page.getByText('The port was lost during the read')).toBeVisible();
  await expect(page.getByText('Plug the head in again')).toBeVisible();
  await expect(registers(page).getByRole('row').nth(3)).toBeVisible();

  await openRecord(page, seq);
  await expect(page.getByText('The port was lost during the read')).toBeVisible();
  await expect(page.getByLabel('Data as received')).toContainText(registersOf(meterC)[2] ?? 'no third register');
});

test('after it was plugged in again the next meter is read', async () => {
  const { page } = rig;
  await rig.meter(meterC);
  await goTo(page, 'Read');
  await startRead(page);
  await recordOfRead(page);
  await expect(registers(page).getByRole('row')).toHaveCount(registersOf(meterC).length + 1);
});
