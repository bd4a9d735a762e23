/** The app's own port, line and session over real `navigator.serial`, against the meter program at true pace. */
import { expect, test } from '@playwright/test';
import { available, leastLegalTime, readoutText, serialRig, type Scenario, type SerialRig } from './harness.js';
import type { ReadReport, ReadRequest } from './page/read-worker.ts';
import { serveReadPage } from './read-page.js';

const rigState = await available();
if (!rigState.ok) {
  console.log(rigState.reason);
  test.skip(true, rigState.reason);
}

const short = '1.8.0(000123.4*kWh)\r\n2.8.0(000005.6*kWh)\r\n!\r\n';
/** The part of a data block that a readout keeps: what is before the end mark. */
const kept = (data: string) => data.slice(0, data.indexOf('!'));
const meterC: Scenario = { mode: 'C', identification: '/OHU5TEST', data: readoutText(300) };

let served: Awaited<ReturnType<typeof serveReadPage>>;
let rig: SerialRig;

test.beforeAll(async () => {
  served = await serveReadPage();
  rig = await serialRig({ origin: served.origin });
  await rig.page.goto(served.origin);
  await rig.page.waitForFunction(() => 'readMeter' in window);
});

test.afterAll(async () => {
  await rig?.close();
  await served?.close();
});

function read(request: ReadRequest = {}): Promise<ReadReport> {
  return rig.page.evaluate((wanted) => window.readMeter(wanted), request);
}

for (const { identification, reactionMs } of [
  { identification: '/OHU5TEST', reactionMs: 200 },
  { identification: '/OHu5FAST', reactionMs: 20 },
]) {
  test(`mode C, 300 to 9600 Bd, 2 kB, ${reactionMs} ms reaction: whole, and never before the wire allows`, async () => {
    const data = readoutText(2000);
    const meter = await rig.meter({ ...meterC, identification, data });
    const { readout, tookMs } = await read();
    expect(readout).toMatchObject({
      errorCode: 0,
      data: kept(data),
      circumstances: { mode: 'C', baudRate: 9600, blockCheck: 'ok' },
    });
    // A machine too busy to switch within the meter's reaction time asks for the data again.
    const [last] = meter
      .events()
      .filter(({ event }) => event === 'data')
      .slice(-1);
    expect(last).toMatchObject({ baud: 9600, lost: 0, garbled: 0 });
    expect(meter.events().filter(({ event }) => event === 'noise')).toEqual([]);
    const least = leastLegalTime(meter.events(), { reactionMs, hostReactionMs: reactionMs });
    test.info().annotations.push({ type: 'times the least legal time', description: (tookMs / least).toFixed(3) });
    expect(tookMs / least).toBeGreaterThan(0.999);
  });
}

test('mode A: data at 300 Bd without an acknowledge', async () => {
  await rig.meter({ ...meterC, mode: 'A', identification: '/OHU#A', data: short });
  expect((await read()).readout).toMatchObject({
    errorCode: 0,
    data: kept(short),
    circumstances: { mode: 'A', baudRate: 300, blockCheck: 'ok' },
  });
});

test('mode B: data at the announced 4800 Bd', async () => {
  const meter = await rig.meter({ ...meterC, mode: 'B', identification: '/OHUDTEST' });
  expect((await read()).readout).toMatchObject({
    errorCode: 0,
    data: kept(meterC.data),
    circumstances: { mode: 'B', baudRate: 4800, blockCheck: 'ok' },
  });
  expect(await meter.event('data')).toMatchObject({ lost: 0, garbled: 0 });
});

test('mode D: a push at 2400 Bd', async () => {
  await rig.meter({ ...meterC, mode: 'D', identification: '/OHU3PUSH', data: short, pushMs: 400 });
  const { readout } = await read({ settings: { mode: 'D' } });
  expect(readout).toMatchObject({ errorCode: 0, circumstances: { mode: 'D', baudRate: 2400 } });
  expect(readout.data).toContain('1.8.0(000123.4*kWh)');
});

test('an echoing head is recognized and its echo removed', async () => {
  await rig.meter({ ...meterC, echo: true });
  expect((await read()).readout).toMatchObject({
    errorCode: 0,
    data: kept(meterC.data),
    circumstances: { echo: true },
  });
});

test('a wrong block check is asked for again', async () => {
  const meter = await rig.meter({ ...meterC, wrongBccs: 1 });
  expect((await read()).readout).toMatchObject({
    errorCode: 0,
    data: kept(meterC.data),
    circumstances: { blockCheck: 'ok' },
  });
  await meter.event('repeat');
});

test('a meter that announces 9600 Bd and stays at 300 is read', async () => {
  await rig.meter({ ...meterC, staysAtInitial: true, data: short });
  const { readout } = await read();
  expect(readout).toMatchObject({ errorCode: 0, circumstances: { baudRate: 300 } });
  expect(readout.data).toContain('1.8.0(000123.4*kWh)');
});

test('a meter with an address answers to it alone', async () => {
  await rig.meter({ ...meterC, request: '/?00012345!' });
  expect((await read({ address: '00012345' })).readout).toMatchObject({ errorCode: 0, data: kept(meterC.data) });
});

test('a battery meter is woken with 40 NULs and an immediate request', async () => {
  const meter = await rig.meter({ ...meterC, wakeUp: { nuls: 40, pauseMs: 0 } });
  const { readout } = await read({ settings: { wakeUp: 'immediate' } });
  expect(readout).toMatchObject({ errorCode: 0, data: kept(meterC.data) });
  expect((await meter.event('wake-up')).nuls).toBe(40);
});

test('a meter is woken by the standard: NULs for 2.1 to 2.3 s, then a pause of 1.5 s at least', async () => {
  const meter = await rig.meter({ ...meterC, wakeUp: { nuls: 63, pauseMs: 1500 } });
  expect((await read({ settings: { wakeUp: 'standard' } })).readout.errorCode).toBe(0);
  // At 300 Bd a character lasts a thirtieth of a second; the meter heard them without a gap, else it would sleep on.
  const { nuls = 0 } = await meter.event('wake-up');
  expect(nuls).toBeGreaterThanOrEqual(63);
  expect(nuls).toBeLessThanOrEqual(69);
});

test('a silent meter is an error with a code, not a hang', async () => {
  await rig.meter({ ...meterC, request: '/?99999999!' });
  const { readout } = await read({ settings: { retries: 0 } });
  expect(readout.errorCode).toBeGreaterThan(65535);
  expect(readout.data).toBe('');
});

test('a port that is lost in mid-read keeps what came and says so', async () => {
  await rig.meter({ ...meterC, vanishAfter: 150 });
  const { readout } = await read();
  expect(readout.errorCode).not.toBe(0);
  expect(readout.circumstances?.partial).toBe(true);
  expect(meterC.data.startsWith(readout.data)).toBe(true);
  expect(readout.data.length).toBeGreaterThan(100);
});

test('after the loss the next meter is read over the same port', async () => {
  await rig.meter(meterC);
  expect((await read()).readout).toMatchObject({ errorCode: 0, data: kept(meterC.data) });
});
