/** Parts of the browser that hang, refuse or die without a word, under the engine in its worker. */
import type { Page, Worker } from '@playwright/test';
import type { AmsRecord } from '../../src/log/record.ts';
import { expect, openApp, test } from './support/app.ts';
import { chooseMeter, goTo, openRecord, readMeter, registers, setSpeed, startRead } from './support/demo.ts';
import { addSimulatedMeter, callEngine, storedRecords } from './support/engine.ts';
import { beforeWorkers, HOUR, pastTheHour, routeWorkerClock, setWorkerClock } from './support/worker-clock.ts';

// A service worker would serve the scripts past the route.
test.use({ serviceWorkers: 'block' });

/** Connections to the database die in every worker as those of a device that slept: without an event. */
const HIBERNATION = `
  const opened = new Set();
  const { open } = IDBFactory.prototype;
  IDBFactory.prototype.open = function (...how) {
    const request = open.apply(this, how);
    request.addEventListener('success', () => opened.add(request.result));
    return request;
  };
  new BroadcastChannel('test-hibernation').onmessage = () => {
    for (const connection of opened) connection.close();
    opened.clear();
  };`;
const hibernate = (page: Page) => page.evaluate(() => new BroadcastChannel('test-hibernation').postMessage('woken'));

test('a list of ports that never comes is said, and simulated meters are read meanwhile', async ({ page, context }) => {
  await beforeWorkers(context, 'Serial.prototype.getPorts = () => new Promise(() => undefined);');
  await openApp(page);
  await expect(page.getByText('The browser has not told its serial ports yet')).toBeVisible();
  await setSpeed(page, '100 times as fast');
  await readMeter(page, 'Gas meter');
});

test('a policy that forbids serial ports is said, and simulated meters are read', async ({
  page,
  context,
  complaints,
}) => {
  const refuse = "Serial.prototype.getPorts = () => Promise.reject(new DOMException('by policy', 'SecurityError'));";
  await beforeWorkers(context, refuse);
  await openApp(page);
  await expect(page.getByText('This site is given no serial ports')).toBeVisible();
  await setSpeed(page, '100 times as fast');
  await readMeter(page, 'Gas meter');
  complaints.length = 0; // the engine reports the refusal, once
});

test('a storage that never answers is said, and a reading by hand shows its figures', async ({ page, context }) => {
  await beforeWorkers(
    context,
    'IDBFactory.prototype.open = () => Object.setPrototypeOf(new EventTarget(), IDBOpenDBRequest.prototype);',
  );
  await openApp(page);
  await expect(page.getByText('The storage does not answer yet')).toBeVisible();
  await setSpeed(page, '100 times as fast');
  await chooseMeter(page, 'Gas meter');
  await startRead(page);
  await expect(page.getByText('This reading is not in the log: the storage has not answered yet.')).toBeVisible();
  await expect(page.getByText('It is tried again by itself')).toBeVisible();
  await expect(registers(page)).toBeVisible();
});

test('a connection to the database that died without an event costs no reading by hand', async ({ page, context }) => {
  await beforeWorkers(context, HIBERNATION);
  await openApp(page);
  await setSpeed(page, '100 times as fast');
  const first = await readMeter(page, 'Gas meter');
  await hibernate(page);
  await goTo(page, 'Read');
  await startRead(page);
  const outcome = page.getByRole('region', { name: 'Outcome' });
  await expect(outcome).toContainText(`as record ${String(first + 1)}`);
});

test('nor a slot of the schedule', async ({ page, context }) => {
  const start = pastTheHour();
  await routeWorkerClock(context, start);
  await beforeWorkers(context, HIBERNATION);
  await openApp(page);
  await callEngine(page, 'setSimulation', { speed: 100, faults: {} });
  await addSimulatedMeter(page, 'gas');
  await callEngine(page, 'setSchedule', { enabled: true, retries: 0 });
  const scheduled = async () =>
    (await storedRecords(page)).filter((record): record is AmsRecord => record.type === 'AMS');
  await setWorkerClock(page, start + HOUR);
  await expect.poll(async () => (await scheduled()).length).toBeGreaterThan(0);
  await hibernate(page);
  const { length: before } = await scheduled();
  await setWorkerClock(page, start + 2 * HOUR);
  await expect.poll(async () => (await scheduled()).length).toBeGreaterThan(before);
  expect(new Set((await scheduled()).map(({ errorCode }) => errorCode))).toEqual(new Set([0]));
  await expect(page.getByText('Not recording')).toHaveCount(0);
});

test('a storage that fails to open once is opened again, and every reading kept', async ({
  page,
  context,
  complaints,
}) => {
  await beforeWorkers(
    context,
    `const { open } = IDBFactory.prototype;
    let failures = 0;
    IDBFactory.prototype.open = function (...how) {
      if (failures++ > 0) return open.apply(this, how);
      const request = Object.setPrototypeOf(new EventTarget(), IDBOpenDBRequest.prototype);
      const error = new DOMException('Internal error opening backing store.', 'UnknownError');
      Object.defineProperties(request, { error: { value: error }, result: { get() { throw error; } } });
      setTimeout(() => request.dispatchEvent(new Event('error')));
      return request;
    };`,
  );
  await openApp(page);
  await setSpeed(page, '100 times as fast');
  await readMeter(page, 'Gas meter');
  await expect(page.getByText('Not recording')).toHaveCount(0);
  complaints.length = 0; // the engine reports the failure to all who asked for something stored
});

/** What browsers younger than the oldest one served brought: none of it may be needed. */
const YOUNGER = `
  for (const [owner, names] of [
    [Promise, ['withResolvers', 'try']],
    [Array, ['fromAsync']],
    [Set.prototype, ['union', 'intersection', 'difference', 'isSubsetOf', 'isSupersetOf', 'isDisjointFrom']],
    [Iterator.prototype, ['map', 'filter', 'take', 'drop', 'flatMap', 'toArray', 'some', 'every', 'find', 'reduce']],
    [Uint8Array, ['fromHex', 'fromBase64']],
    [Uint8Array.prototype, ['toHex', 'toBase64']],
    [RegExp, ['escape']],
    [URL, ['parse']],
    [Error, ['isError']],
    [Math, ['f16round', 'sumPrecise']],
  ]) for (const name of names) delete owner[name];
  delete globalThis.Iterator;
  delete globalThis.Float16Array;`;

test('a browser as old as the oldest one served reads, keeps and shows', async ({ page, context }) => {
  await context.addInitScript(YOUNGER);
  await beforeWorkers(context, YOUNGER);
  await openApp(page);
  await setSpeed(page, '100 times as fast');
  await readMeter(page, 'Gas meter');
  await expect(registers(page)).toBeVisible();
  for (const place of ['Meters', 'Log', 'Tools', 'Settings'] as const) await goTo(page, place);
});

test('a worker that the browser ends is started again, and said: that of the ports, and that of the log', async ({
  page,
}) => {
  // As the browser does it for want of memory: the page is told nothing.
  const end = (worker: Worker | undefined) => worker?.evaluate(() => self.close()).catch(() => undefined);
  await openApp(page);
  await setSpeed(page, '100 times as fast');
  // Nobody asks for the log before.
  const [engine] = page.workers();
  await end(engine);
  await expect(page.getByText('What works in this window had been stopped, and has been started again')).toBeVisible();
  const seq = await readMeter(page, 'Gas meter');
  await openRecord(page, seq);
  const archive = page.workers().at(-1);
  expect(archive).not.toBe(engine);
  await end(archive);
  await goTo(page, 'Read');
  await openRecord(page, seq);
  await expect(registers(page)).toBeVisible();
});
