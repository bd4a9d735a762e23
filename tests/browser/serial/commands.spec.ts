/** Programming mode and DLMS over real `navigator.serial`: the app's own line, sessions and changes at true pace. */
import { expect, test } from '@playwright/test';
import { available, serialRig, type MeterProgram, type SerialRig } from './harness.js';
import type { CommandRequest } from './page/command-worker.ts';
import { serveReadPage } from './read-page.js';

const rigState = await available();
if (!rigState.ok) {
  console.log(rigState.reason);
  test.skip(true, rigState.reason);
}

let served: Awaited<ReturnType<typeof serveReadPage>>;
let rig: SerialRig;

test.beforeAll(async () => {
  served = await serveReadPage();
  rig = await serialRig({ origin: served.origin });
  await rig.page.goto(served.origin);
  await rig.page.waitForFunction(() => 'command' in window);
});

test.afterAll(async () => {
  await rig?.close();
  await served?.close();
});

const ask = (request: CommandRequest) => rig.page.evaluate((wanted) => window.command(wanted), request);
const heard = (meter: MeterProgram) =>
  meter.events().flatMap(({ event, text }) => (event === 'heard' ? [text ?? ''] : []));

const PROFILE =
  'P.01(0261129001500)(00000000)(15)(1)(1-1:1.5)(kW)\r\n' +
  '(0.125)\r\n'.repeat(20) +
  'P.01(0261129060000)(00000040)(15)(1)(1-1:1.5)(kW)\r\n(0.250)\r\n';
const vdew = {
  identification: '/EMH5\\@PTY',
  password: '12345678',
  registers: { '0.0.0': '00815001', '0.9.1': '120000', '0.9.2': '261129', '0.2.2': '1' },
  profile: PROFILE,
};

test('a load profile comes in blocks ended by EOT, a spoilt one is asked for again', async () => {
  const meter = await rig.vdew({ ...vdew, block: 60, spoils: 1 });
  const { readout } = await ask({
    protocol: 'iec',
    address: '',
    settings: { read: 'profile', days: 1 },
    password: '12345678',
  });
  expect(readout).toMatchObject({ errorCode: 0, circumstances: { mode: 'C', baudRate: 9600, blockCheck: 'ok' } });
  expect(readout?.data).toBe(PROFILE);
  expect(heard(meter).filter((text) => text === '\x15')).toHaveLength(1);
  expect(heard(meter).filter((text) => text === '\x06').length).toBeGreaterThan(3);
  expect(heard(meter).at(-1)).toBe('\x01B0\x03q');
});

test('a wrong password is sent once, and told as that', async () => {
  const meter = await rig.vdew(vdew);
  const { readout } = await ask({
    protocol: 'iec',
    address: '',
    settings: { read: 'profile', days: 1, retries: 0 },
    password: '00000000',
  });
  expect(readout).toMatchObject({
    errorCode: 1,
    circumstances: { message: 'The meter got the password and ended the session.' },
  });
  expect(heard(meter).filter((text) => text.startsWith('\x01P1'))).toHaveLength(1);
});

test('a register is written by W5 with the password behind it, once, and read back', async () => {
  const meter = await rig.vdew(vdew);
  const { proved, changed } = await ask({
    protocol: 'iec',
    address: '',
    settings: {},
    password: '12345678',
    change: { id: 'write', values: { register: '0.2.2', value: '7' } },
  });
  expect(proved?.plan?.meter).toContain('number 00815001');
  expect(changed).toMatchObject({ errorCode: 0, headline: 'The meter now has “7” in 0.2.2.' });
  const writes = heard(meter).filter((text) => text.startsWith('\x01W'));
  expect(writes.map((text) => text.slice(0, -1))).toEqual(['\x01W5\x020.2.2(7)(12345678)\x03']);
  expect(heard(meter).filter((text) => text.startsWith('\x01B0'))).toHaveLength(2);
});

const objects = {
  '000100002A0000FF02': '09084F48553132333435',
  '00010000600100FF02': '09083030383135303037',
  '00030100010800FF02': '0600012345',
  '00030100010800FF03': '02020F00161E',
  '000100006C0D00FF02': `0981${(180).toString(16)}${'41'.repeat(180)}`,
  '00010000600D00FF02': '0905' + '48656C6C6F',
};
const wanted = '1/17@9600|1-0:1.8.0,1:0-0:108.13.0:2';

for (const signOn of [undefined, '/OHU5\\2PTY'])
  test(`objects are read ${signOn === undefined ? 'over HDLC at once' : 'behind the sign-on of mode E'}, a long one in blocks`, async () => {
    const meter = await rig.dlms({ values: objects, ...(signOn === undefined ? {} : { signOn }) });
    const settings = signOn === undefined ? {} : { opening: 'mode E' };
    const { readout } = await ask({ protocol: 'dlms', address: wanted, settings });
    expect(readout?.errorCode, readout?.circumstances?.message).toBe(0);
    expect(readout?.data).toContain('3:1-0:1.8.0*255:2=0600012345');
    expect(readout?.data).toContain('41'.repeat(180));
    expect(readout?.circumstances?.baudRate).toBe(9600);
    const frames = meter.events().flatMap(({ event, text }) => (event === 'frame' ? [text ?? ''] : []));
    expect(frames.at(-1)).toMatch(/^53/);
  });

test('an attribute is written by SET, once, and read back', async () => {
  const meter = await rig.dlms({ values: objects });
  const { proved, changed } = await ask({
    protocol: 'dlms',
    address: '1/17@9600',
    settings: {},
    change: { id: 'set', values: { attribute: '1:0-0:96.13.0:2', value: '"World"' } },
  });
  expect(proved?.plan?.meter).toContain('OHU12345, number 00815007');
  expect(changed).toMatchObject({ errorCode: 0 });
  expect(changed?.headline).toContain('“World” (octet-string)');
  const sets = meter.events().filter(({ event, text }) => event === 'frame' && /E6E600C1/.test(text ?? ''));
  expect(sets).toHaveLength(1);
});
