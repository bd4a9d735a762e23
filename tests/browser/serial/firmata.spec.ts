/** The inputs of port 128 in the built app: an Arduino over real `navigator.serial`, played by an independent program. */
import { expect, test } from '@playwright/test';
import { expectAccessible } from '../support/app.ts';
import { available, serialRig, type PeerProgram, type SerialRig } from './harness.js';

const rigState = await available();
if (!rigState.ok) {
  console.log(rigState.reason);
  test.skip(true, rigState.reason);
}

// One board: every test begins where the one before ended.
test.describe.configure({ mode: 'serial' });

let rig: SerialRig;
let board: PeerProgram;
let complaints: string[] = [];

test.beforeAll(async () => {
  const url = `${test.info().project.use.baseURL ?? ''}#/tools/inputs`;
  rig = await serialRig({ origin: new URL(url).origin });
  rig.page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  board = await rig.firmata();
  await rig.page.goto(url);
});

test.afterEach(() => {
  expect(complaints).toEqual([]);
  // Never a reset, which would make outputs of its pins.
  expect(board.events().filter(({ event }) => event === 'noise')).toEqual([]);
  complaints = [];
});

test.afterAll(() => rig?.close());

const source = () => rig.page.getByRole('region', { name: 'Where the inputs come from' });
const input = (number: number) => rig.page.getByRole('region', { name: `Input ${number}` });
const figure = (number: number, name: string) =>
  input(number).getByText(name, { exact: true }).locator('..').getByRole('definition');

test('a board is chosen with one tap, and tells what is at its pins', async () => {
  const { page } = rig;
  await expect(page.getByLabel('Board or adapter')).toContainText('Serial port');
  await page.getByRole('button', { name: 'Use it as inputs' }).click();
  await expect(source()).toContainText('Firmata 2.5, 20 pins');
  await expect(figure(1, 'Converter')).toContainText('512');
  await expect(figure(3, 'Converter')).toContainText('1023');
  await expect(figure(2, 'Contact')).toContainText('open');
  board.tell({ analog: { 0: 300 }, level: { 3: false } });
  await expect(figure(1, 'Converter')).toContainText('300');
  await expect(figure(2, 'Contact')).toContainText('closed');
  // That it closes is a pulse; that it was open when the board began was none.
  await expect(figure(2, 'Pulses')).toHaveText('1');
  await expectAccessible(page);
});

test('S0 pulses of 30 ms are all counted', async () => {
  board.tell({ pulses: { pin: 2, count: 200, on: 30, off: 30 } });
  await board.event('data');
  await expect(figure(1, 'Pulses')).toHaveText('200');
});

test('a calibration and another pin hold at once, and the board does not begin anew for them', async () => {
  const { page } = rig;
  await page.getByRole('button', { name: 'Calibrate input 1…' }).click();
  const guide = page.getByRole('dialog');
  await expect(guide).toContainText('300');
  await guide.getByRole('button', { name: 'Take it' }).click();
  board.tell({ analog: { 0: 900 } });
  await expect(guide).toContainText('900');
  await guide.getByRole('button', { name: 'Take it' }).click();
  await guide.getByRole('button', { name: 'Use this calibration' }).click();
  await expect(figure(1, 'Calibrated')).toContainText('100');
  board.tell({ analog: { 0: 450 } });
  await expect(figure(1, 'Calibrated')).toContainText('25');

  await page.getByText('Settings of the inputs').click();
  const settings = page.getByRole('group', { name: 'Input 3' });
  await settings.getByLabel('Digital pin').fill('7');
  await settings.getByLabel('Digital pin').press('Tab');
  await expect(input(3)).toContainText('digital pin 7');
  // Only pin 7 closes: once it is seen the board has been told, and no pulse comes too early to be one.
  board.tell({ level: { 7: false } });
  await expect(figure(3, 'Contact')).toContainText('closed');
  board.tell({ level: { 7: true } });
  await expect(figure(3, 'Contact')).toContainText('open');
  const before = Number(await figure(3, 'Pulses').innerText());
  board.tell({ pulses: { pin: 7, count: 20, on: 30, off: 30 } });
  await board.event('data', { count: 2 });
  await expect(figure(3, 'Pulses')).toHaveText(String(before + 20));
  expect(board.events().filter(({ event }) => event === 'opened')).toHaveLength(1);
});

test('the counters survive that the page is loaded anew, and that the board is pulled out', async () => {
  const { page } = rig;
  await page.reload();
  await expect(source()).toContainText('Firmata 2.5, 20 pins');
  await expect(figure(1, 'Pulses')).toHaveText('200');

  board.tell({ vanish: true });
  await board.event('hangup');
  await expect(source()).toContainText('Not heard');
  await expect(source()).toContainText('Is it plugged in?');
  board = await rig.firmata();
  await page.getByRole('button', { name: 'Try again now' }).click();
  await expect(source()).toContainText('Firmata 2.5, 20 pins');
  board.tell({ pulses: { pin: 2, count: 10, on: 30, off: 30 } });
  await board.event('data');
  await expect(figure(1, 'Pulses')).toHaveText('210');
});
