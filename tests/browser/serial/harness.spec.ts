/** The rig itself: a raw page without any of the app's code reads the meter program over real `navigator.serial`. */
import { expect, test } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { available, leastLegalTime, readoutText, serialRig, type Scenario, type SerialRig } from './harness.js';
import type { Outcome, Step } from './raw-host.js';

const rigState = await available();
if (!rigState.ok) {
  console.log(rigState.reason);
  test.skip(true, rigState.reason);
}

const [STX, ETX, ACK, NAK] = ['\x02', '\x03', '\x06', '\x15'];
/** It waits longer for the host than the busiest machine takes. */
const meterC: Scenario = {
  mode: 'C',
  identification: '/OHU5TEST',
  data: readoutText(300),
  fallbackMs: 10_000,
  nakMs: 10_000,
};
const signOn: Step[] = [{ open: 300 }, { write: '/?!\r\n' }, { until: '\n' }];
const block: Step = { until: ETX, more: 1 };

let server: Server;
let rig: SerialRig;

test.beforeAll(async () => {
  const worker = readFileSync(new URL('./raw-host.js', import.meta.url));
  server = createServer(({ url }, response) => {
    const [type, body] = url === '/raw-host.js' ? ['text/javascript', worker] : ['text/html', '<!doctype html>'];
    response.setHeader('content-type', type).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  rig = await serialRig({ origin });
  await rig.page.goto(origin);
});

test.afterAll(async () => {
  await rig?.close();
  server?.close();
});

function play(steps: Step[]): Promise<Outcome> {
  return rig.page.evaluate(
    (toPlay) =>
      new Promise<Outcome>((resolve, reject) => {
        const worker = new Worker('/raw-host.js', { type: 'module' });
        worker.onmessage = ({ data }) => resolve(data as Outcome);
        worker.onerror = ({ message }) => reject(new Error(message));
        worker.postMessage(toPlay);
      }),
    steps,
  );
}

/** Once more where a machine that is too busy has switched too late for the meter's reaction time. */
async function playInTime(scenario: Scenario, steps: Step[]) {
  for (let turn = 1; ; turn++) {
    const meter = await rig.meter(scenario);
    const outcome = await play(steps);
    const data = await meter.event('data');
    if ((data.lost === 0 && data.garbled === 0) || turn === 10) return { meter, outcome, data };
  }
}

test('page and worker see exactly one port', async () => {
  expect(await rig.page.evaluate(async () => (await navigator.serial.getPorts()).length)).toBe(1);
  expect((await play([])).ports).toBe(1);
});

for (const { identification, wait } of [
  { identification: '/OHU5TEST', wait: 200 },
  { identification: '/OHu5FAST', wait: 20 },
]) {
  test(`mode C from 300 to 9600 Bd with ${wait} ms on both sides loses no byte`, async () => {
    const { meter, outcome, data } = await playInTime({ ...meterC, identification }, [
      ...signOn,
      { pause: wait },
      { write: `${ACK}050\r\n` },
      { open: 9600 },
      block,
    ]);
    expect(outcome.failure).toBeUndefined();
    expect(outcome.texts[0]).toBe(`${identification}\r\n`);
    expect(outcome.texts[1]?.slice(0, -1)).toBe(`${STX}${meterC.data}${ETX}`);
    expect(data).toMatchObject({ baud: 9600, lost: 0, garbled: 0 });
    const request = await meter.event('request');
    const took = (data.end ?? 0) - (request.start ?? 0);
    const least = leastLegalTime(meter.events(), { reactionMs: wait, hostReactionMs: wait });
    test
      .info()
      .annotations.push({ type: 'above the least legal time', description: `${(took - least).toFixed(1)} ms` });
    // No faster than the wire: the rig paces. How much slower is the bench's matter.
    expect(took / least).toBeGreaterThan(0.999);
  });
}

test('a host that switches before the acknowledge has left spoils it and is read out at the first rate', async () => {
  // So slow that even a busy machine switches before its end.
  const initialBaud = 75;
  const meter = await rig.meter({ ...meterC, initialBaud, data: '1.8.0(1*kWh)\r\n!\r\n' });
  const slowSignOn: Step[] = [{ open: initialBaud }, ...signOn.slice(1)];
  await play([...slowSignOn, { pause: 200 }, { write: `${ACK}050\r\n`, hasty: true }, { open: 9600 }, { pause: 500 }]);
  expect(await meter.event('data')).toMatchObject({ baud: initialBaud });
  // It was cut short on the wire, or never came as far as the wire.
  const heard = meter.events().map(({ event }) => event);
  expect(heard).toContain('no acknowledge');
  expect(heard).not.toContain('acknowledge');
});

test('a host that listens at the wrong rate hears noise, a closed port nothing', async () => {
  const meter = await rig.meter({ ...meterC, data: '1.8.0(1*kWh)\r\n!\r\n' });
  const { texts } = await play([...signOn, { pause: 200 }, { write: `${ACK}050\r\n` }, { ...block, timeoutMs: 1000 }]);
  const { characters = 0, garbled, lost = 0 } = await meter.event('data');
  expect(garbled).toBe(characters);
  expect(texts[1]).not.toContain('1.8.0');

  // It takes its time, in which even a busy machine closes the port.
  const second = await rig.meter({ ...meterC, reactionMs: 2000, data: '1.8.0(1*kWh)\r\n!\r\n' });
  await play([...signOn, { pause: 200 }, { write: `${ACK}050\r\n` }]);
  expect(lost).toBe(0);
  expect((await second.event('data')).lost).toBe(characters);
});

test('characters before the reaction time are not heard', async () => {
  const meter = await rig.meter({ ...meterC, hostReactionMs: 8000 });
  await play([...signOn, { pause: 20 }, { write: `${ACK}050\r\n` }]);
  expect(await meter.event('noise')).toMatchObject({ reason: 'before the reaction time' });
});

test('modes A and B answer without an acknowledge, at the initial and at the announced rate', async () => {
  await rig.meter({ ...meterC, mode: 'A', identification: '/OHU#A', data: '1.8.0(1*kWh)\r\n!\r\n' });
  expect((await play([...signOn, block])).texts[1]).toContain('1.8.0(1*kWh)');
  const modeB: Scenario = { ...meterC, mode: 'B', identification: '/OHUD4800' };
  const { outcome, data } = await playInTime(modeB, [...signOn, { open: 4800 }, block]);
  expect(outcome.texts[1]).toContain(meterC.data);
  expect(data).toMatchObject({ baud: 4800, lost: 0, garbled: 0 });
});

test('mode D pushes without being asked', async () => {
  await rig.meter({ ...meterC, mode: 'D', identification: '/OHU3PUSH', pushMs: 300 });
  const { texts } = await play([{ open: 2400 }, { until: '!', more: 2 }]);
  expect(texts[0]).toContain(`/OHU3PUSH\r\n\r\n${meterC.data}`);
});

test('an echoing head gives back what was sent', async () => {
  await rig.meter({ ...meterC, echo: true });
  const { texts } = await play([{ open: 300 }, { write: '/?!\r\n' }, { until: '\n' }, { until: '\n' }]);
  expect(texts.join('')).toBe('/?!\r\n/OHU5TEST\r\n');
});

test('a wrong block check is right after a request to repeat', async () => {
  const meter = await rig.meter({ ...meterC, wrongBccs: 1 });
  const { texts } = await play([
    ...signOn,
    { pause: 200 },
    { write: `${ACK}050\r\n` },
    { open: 9600 },
    block,
    { pause: 200 },
    { write: NAK },
    block,
  ]);
  expect(texts[1]?.slice(0, -1)).toBe(texts[2]?.slice(0, -1));
  expect(texts[1]?.at(-1)).not.toBe(texts[2]?.at(-1));
  await meter.event('data', { count: 2 });
});

test('a meter stuck at 300 Bd announces 9600', async () => {
  const meter = await rig.meter({ ...meterC, staysAtInitial: true, fallbackMs: 2000, data: '1.8.0(1*kWh)\r\n!\r\n' });
  const { texts } = await play([...signOn, { pause: 200 }, { write: `${ACK}050\r\n` }, block]);
  expect(texts[1]).toContain('1.8.0(1*kWh)');
  expect(await meter.event('data')).toMatchObject({ baud: 300, garbled: 0 });
});

test('a sleeping meter answers after its NULs only', async () => {
  const meter = await rig.meter({ ...meterC, wakeUp: { nuls: 40, pauseMs: 0 } });
  await play([{ open: 300 }, { write: '/?!\r\n' }, { pause: 300 }]);
  expect((await meter.event('asleep')).text).toBe('/?!');
  const { texts } = await play([{ open: 300 }, { write: '\0'.repeat(40) }, { write: '/?!\r\n' }, { until: '\n' }]);
  expect(texts[0]).toBe('/OHU5TEST\r\n');
  expect((await meter.event('wake-up')).nuls).toBe(40);
});

test('a port that is lost in mid-read fails as a real one does, and the next meter is read again', async () => {
  const acknowledged: Step[] = [...signOn, { pause: 200 }, { write: `${ACK}050\r\n` }, { open: 9600 }, block];
  // Once more where a machine that is too busy has spoilt the acknowledge.
  await expect(async () => {
    const meter = await rig.meter({ ...meterC, vanishAfter: 100 });
    expect((await play(acknowledged)).failure).toBe('NetworkError: The device has been lost.');
    await meter.event('hangup');
  }).toPass();
  const { outcome } = await playInTime(meterC, acknowledged);
  expect(outcome.texts[1]).toContain(meterC.data);
});

test('a port is reopened at the same rate with another parity', async () => {
  await rig.meter(meterC);
  const outcome = await play([{ open: 300 }, { open: 300, parity: 'even' }, { open: 300, parity: 'even' }]);
  expect(outcome.failure).toBeUndefined();
  expect(outcome.switchMs).toHaveLength(3);
});
