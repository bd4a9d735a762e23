/** Modbus RTU over real `navigator.serial`: the app's own line, session, search and change against devices at 9600 Bd. */
import { expect, test } from '@playwright/test';
import { formatDecimal } from '../../../src/common/decimal.ts';
import { decodeModbus } from '../../../src/protocols/modbus/decode.ts';
import { available, serialRig, type MeterProgram, type ModbusScenario, type SerialRig } from './harness.js';
import { serveReadPage } from './read-page.js';

const rigState = await available();
if (!rigState.ok) {
  console.log(rigState.reason);
  test.skip(true, rigState.reason);
}

type Unit = ModbusScenario['units'][number];

/** Volts of an Eastron in floats, and settings that can be written. */
const eastron: Unit = { unit: 7, words: { '040000': [0x4366, 0x8000, 0x4367, 0x4000], '030020': [7, 8] } };
const neighbor: Unit = {
  unit: 8,
  words: { '040000': [1, 2, 3, 4] },
  objects: ['SIEMENS AG', '7KM2200'],
  reactionMs: 30,
};

let served: Awaited<ReturnType<typeof serveReadPage>>;
let rig: SerialRig;

test.beforeAll(async () => {
  served = await serveReadPage();
  rig = await serialRig({ origin: served.origin });
  await rig.page.goto(served.origin);
  await rig.page.waitForFunction(() => 'modbus' in window);
});

test.afterAll(async () => {
  await rig?.close();
  await served?.close();
});

const ask = (request: Parameters<Window['modbus']>[0]) => rig.page.evaluate((wanted) => window.modbus(wanted), request);
const read = (address: string, settings = {}) => ask({ read: { address, settings } });
const requests = (bus: MeterProgram) =>
  bus.events().flatMap(({ event, text }) => (event === 'frame' ? [text ?? ''] : []));
const sent = (bus: MeterProgram) => bus.events().flatMap(({ event, text }) => (event === 'answer' ? [text ?? ''] : []));

/** Every request came in one piece, at the bus's rate, and nothing was sent into a closed port. */
function expectCleanWire(bus: MeterProgram): void {
  for (const { event, lost, garbled } of bus.events()) {
    expect(event).not.toBe('noise');
    if (event === 'answer') expect({ lost, garbled }).toEqual({ lost: 0, garbled: 0 });
  }
}

test('registers are read block by block, and mean what the model says', async () => {
  const bus = await rig.modbus({ units: [neighbor, eastron] });
  const { readout } = await read('7@9600[2,04:0000:4]', { model: 'Eastron SDM630' });
  expect(readout).toMatchObject({ errorCode: 0, circumstances: { meaning: { model: 'Eastron SDM630', revision: 1 } } });
  expect(requests(bus).map((hex) => hex.slice(0, 12))).toEqual(['070400000002', '070400020002']);
  expect(readout?.data).toBe(`7:04:0000:${sent(bus)[0]},7:04:0002:${sent(bus)[1]}`);
  const volts = decodeModbus({ identification: '', data: '', ...readout }).map(({ value, unit }) =>
    value.type === 'number' ? `${formatDecimal(value.decimal)} ${unit}` : '',
  );
  expect(volts).toEqual(['230.5 V', '231.25 V']);
  expectCleanWire(bus);
});

test('a wrong check and a lost answer are asked for again', async () => {
  const bus = await rig.modbus({ units: [eastron], wrongChecks: 1, loses: 2 });
  const { readout } = await read('7@9600[4,04:0000:4]', { timeoutMs: 2000 });
  expect(readout).toMatchObject({ errorCode: 0, circumstances: { attempts: 3 } });
  expect(requests(bus)).toHaveLength(3);
  expectCleanWire(bus);
});

test('a refusal is told in words', async () => {
  await rig.modbus({ units: [eastron] });
  const { readout } = await read('7@9600[1,03:0000:1]');
  expect(readout?.errorCode).toBe(196640);
  expect(readout?.circumstances?.message).toContain('it has no such address (exception 02)');
});

test('a search finds who is there, and what they are', async () => {
  const bus = await rig.modbus({ units: [eastron, neighbor] });
  const { found } = await ask({ search: { units: '6-9' } });
  expect(found.map(({ name }) => name)).toEqual(['Modbus device at 7', 'Siemens PAC2200 at 8']);
  // It only reads.
  expect(new Set(requests(bus).map((hex) => hex.slice(2, 4)))).toEqual(new Set(['03', '04', '11', '2B']));
  expectCleanWire(bus);
});

test('a register is written once, although the answer repeats the request, and read back', async () => {
  const bus = await rig.modbus({ units: [eastron] });
  const change = { id: 'register', address: '7@9600', values: { register: '0020', value: 1000 }, settings: {} };
  const { changed } = await ask({ change });
  expect(changed).toMatchObject({ errorCode: 0 });
  expect(requests(bus).filter((hex) => hex.slice(2, 4) === '06')).toHaveLength(1);
  expect(sent(bus).at(-1)?.slice(0, 10)).toBe('07030203E8');
  expectCleanWire(bus);
});
