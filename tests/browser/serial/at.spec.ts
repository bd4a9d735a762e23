/** AT commands on a real serial port of the built app, with a program at the other end of a pty that says what it likes. */
import { expect, test, type Page } from '@playwright/test';
import { expectAccessible } from '../support/app.ts';
import { callEngine, storedRecords } from '../support/engine.ts';
import { available, serialRig, type PeerProgram, type SerialRig } from './harness.js';

const rigState = await available();
if (!rigState.ok) {
  console.log(rigState.reason);
  test.skip(true, rigState.reason);
}

// One conversation: every test begins where the one before ended.
test.describe.configure({ mode: 'serial' });

let rig: SerialRig;
let peer: PeerProgram;
let url = '';

test.beforeAll(async () => {
  url = `${test.info().project.use.baseURL ?? ''}#/settings`;
  rig = await serialRig({ origin: new URL(url).origin });
  peer = await rig.peer();
  await rig.page.goto(url);
});

test.afterAll(() => rig?.close());

const section = (page: Page = rig.page) => page.getByRole('region', { name: 'AT commands on a serial port' });

/** Says a line and waits for what comes back up to a result code. */
async function ask(line: string): Promise<string> {
  const before = peer.heard().length;
  const said = () => peer.heard().slice(before);
  peer.tell({ say: `${line}\r` });
  await expect.poll(said).toMatch(/\r\n(?:OK|ERROR)\r\n$/);
  return said().replace(`${line}\r`, '');
}

const answer = (...lines: readonly string[]) => `\r\n${lines.join('\r\n')}\r\n\r\nOK\r\n`;
const [OK, ERROR] = ['\r\nOK\r\n', '\r\nERROR\r\n'];

async function choose(mode: string): Promise<void> {
  const choice = section().getByLabel('What the program may do');
  await choice.selectOption(mode);
  // Until it holds; the port answers by the mode before as long.
  await expect(choice).toBeEnabled();
  await expect(section()).toContainText('Answering on');
}

test('at first the program may read only, and the page says so', async () => {
  await expect(section()).toContainText('answered with ERROR');
  await section().getByLabel('Adapter').selectOption({ index: 1 });
  await section().getByRole('button', { name: 'Answer on it' }).click();
  await expect(section()).toContainText('Answering on');
  await expectAccessible(rig.page);
  expect(await ask('AT')).toBe(OK);
  expect(await ask('AT^SCAMS?')).toBe(answer('^SCAMS: NO DEVICE'));
  expect(await ask('at^scport2?')).toContain('^SCPORT2: "BAUDRATE",300\r\n');
  expect(await ask('at^scport2="baudrate",2400')).toBe(ERROR);
  expect(await ask('AT^SCDATA="DEL_ALL"')).toBe(ERROR);
  await expect(section()).toContainText('2 commands refused');
});

test('asked for a yes, a person at the page decides', async () => {
  await choose('Ask me');
  const { page } = rig;
  await page.goto(url.replace('settings', 'log'));
  const records = (await storedRecords(page)).length;
  for (const [button, result] of [
    ['Keep', ERROR],
    ['Do it', OK],
  ] as const) {
    const answered = ask('AT^SCDATA="DEL_OLDEST",1');
    const question = page.getByRole('dialog', { name: 'Deletes the oldest records?' });
    await expect(question).toContainText('AT^SCDATA="DEL_OLDEST",1');
    // Once: nobody has more than a minute to answer.
    if (button === 'Keep') await expectAccessible(page);
    await question.getByRole('button', { name: button }).click();
    expect(await answered).toBe(result);
  }
  expect(await storedRecords(page)).toHaveLength(records - 1);
  await page.goto(url);
});

test('the first commands of the FAQ, on a port that nothing was ever plugged into', async () => {
  await choose('Everything');
  for (const line of ['"baudrate",2400', '"DATA_BITS",7', '"STOP_BITS",1', '"PARITY",1']) {
    expect(await ask(`at^scport2=${line}`)).toBe(OK);
  }
  expect(await ask('at^scport2?')).toBe(
    answer('^SCPORT2: "BAUDRATE",2400', '^SCPORT2: "DATA_BITS",7', '^SCPORT2: "STOP_BITS",1', '^SCPORT2: "PARITY",1'),
  );
  expect(await ask('at^scport2="srestart"')).toBe(OK);
});

test('a megabyte said while a command runs is refused, and the next command is answered', async () => {
  await callEngine(rig.page, 'setSimulation', { speed: 0.05, faults: {} });
  await callEngine(rig.page, 'bindPort', { number: 3, portId: 'simulated:stays-slow' });
  peer.tell({ say: 'AT^SCAMS="DIRECT_READ",3,1,""\r' });
  await expect.poll(peer.heard).toMatch(/DIRECT_READ",3,1,""\r$/);
  const before = peer.heard().length;
  peer.tell({ say: `${'x'.repeat(99)}\r`.repeat(12_000) });
  peer.tell({ say: '\x03' });
  await expect.poll(() => peer.heard().slice(before)).toMatch(/\r\nERROR\r\n$/);
  await expect.poll(async () => ask('AT')).toBe(OK);
});

test('a line that gives back what is sent makes no storm and repeats nothing', async () => {
  // Each start is a record, and begins a conversation on a line of which nothing is known yet.
  const count = async () => (await storedRecords(rig.page)).length;
  const before = (await count()) + 2;
  for (const expected of [before - 1, before]) {
    await rig.page.reload();
    await expect(section()).toContainText('Answering on');
    await expect.poll(count).toBe(expected);
  }
  peer.tell({ echo: true });
  const heard = peer.heard().length;
  peer.tell({ say: 'AT^SCDATA="DEL_OLDEST",1\r' });
  await expect.poll(() => peer.heard().slice(heard)).toContain(OK);
  await expect(section()).toContainText('gives back what is sent');
  expect(await ask('ATI')).toBe(answer('OpenHHU'));
  expect(await count()).toBe(before - 1);
  expect(peer.heard().slice(heard).length).toBeLessThan(300);
  peer.tell({ echo: false });
});

test('goes on when the page is loaded anew', async () => {
  await rig.page.reload();
  await expect(section()).toContainText('Answering on');
  expect(await ask('AT')).toBe(OK);
});

test('goes on when the adapter was pulled out and comes back', async () => {
  peer.tell({ vanish: true });
  await peer.event('hangup');
  await expect(section()).toContainText('Waiting for');
  peer = await rig.peer();
  await expect(section()).toContainText('Answering on');
  expect(await ask('AT')).toBe(OK);
});

test('goes on in another window when this one is closed', async () => {
  const other = await rig.page.context().newPage();
  await other.goto(url);
  await expect(section(other)).toContainText('Answering on');
  await rig.page.close();
  // What is said while nobody has the port open is lost, as on a wire: a program says it again.
  const before = peer.heard().length;
  await expect
    .poll(() => {
      peer.tell({ say: 'ATI\r' });
      return peer.heard().slice(before);
    })
    .toContain(answer('OpenHHU'));
  await expect(section(other)).toContainText('Answering on');
  await section(other).getByRole('button', { name: 'Stop' }).click();
  await expect(section(other).getByLabel('Adapter')).toBeVisible();
});
