/** Wired M-Bus over real `navigator.serial`: the app's own line, session and search against a bus of slaves at 2400 Bd. */
import { expect, test } from '@playwright/test';
import { formatDecimal } from '../../../src/common/decimal.ts';
import { decodeMbus } from '../../../src/protocols/mbus/decode.ts';
import { available, serialRig, type BusScenario, type MeterProgram, type SerialRig } from './harness.js';
import { serveReadPage } from './read-page.js';

const rigState = await available();
if (!rigState.ok) {
  console.log(rigState.reason);
  test.skip(true, rigState.reason);
}

type Slave = BusScenario['slaves'][number];

const single: Slave = { identification: '40718293', manufacturer: 'OHU', primary: 7, telegrams: [[1_234_567]] };
const neighbor: Slave = { ...single, identification: '40718294', primary: 8, telegrams: [[7_654_321]] };
const threeTelegrams: Slave = {
  ...single,
  telegrams: [[30_500, 29_400, 28_300], [27_200, 26_100], [25_000]],
};
/** Two of one series, and one that ends like one of another series and takes as long to answer. */
const five: readonly Slave[] = [
  { identification: '50311724', manufacturer: 'OHU', reactionMs: 20, telegrams: [[11_111]] },
  { identification: '50311727', manufacturer: 'OHU', reactionMs: 20, telegrams: [[22_222]] },
  { identification: '08642097', manufacturer: 'QZY', reactionMs: 20, telegrams: [[33_333, 44_444]] },
  { identification: '27182818', manufacturer: 'QZY', reactionMs: 34, medium: 6, telegrams: [[55_555, 66_666]] },
  { identification: '93170465', manufacturer: 'ABX', reactionMs: 51, medium: 4, telegrams: [[77_777]] },
];

let served: Awaited<ReturnType<typeof serveReadPage>>;
let rig: SerialRig;

test.beforeAll(async () => {
  served = await serveReadPage();
  rig = await serialRig({ origin: served.origin });
  await rig.page.goto(served.origin);
  await rig.page.waitForFunction(() => 'readMbus' in window);
});

test.afterAll(async () => {
  await rig?.close();
  await served?.close();
});

const read = (address: string) => rig.page.evaluate((wanted) => window.readMbus({ address: wanted }), address);

/** A good read without a repetition, which a machine that is too busy to listen in time can make necessary now and then. */
async function readAtOnce(slaves: readonly Slave[], address: string) {
  for (let turn = 1; ; turn++) {
    const bus = await rig.bus({ slaves });
    const readout = await read(address);
    expect(readout.errorCode).toBe(0);
    if (readout.circumstances?.attempts === 1) return { bus, readout };
    expect(turn, 'reads that needed a repetition').toBeLessThan(10);
  }
}

/** Hex of every frame the bus understood, and of what it sent. */
const frames = (bus: MeterProgram) =>
  bus.events().flatMap(({ event, text }) => (event === 'frame' ? [text ?? ''] : []));
const sent = (bus: MeterProgram) => bus.events().flatMap(({ event, text }) => (event === 'answer' ? [text ?? ''] : []));

/** Volumes in liters as the app decodes them, in order. */
const liters = (data: string) =>
  decodeMbus({ identification: '', data }).flatMap(({ value, unit }) =>
    value.type === 'number' && unit === 'm³' ? [Math.round(Number(formatDecimal(value.decimal)) * 1000)] : [],
  );

/** Nothing was sent into a closed port or at another rate than the host's, and nothing came that is no frame. */
function expectCleanWire(bus: MeterProgram): void {
  for (const { event, lost, garbled } of bus.events()) {
    expect(event).not.toBe('noise');
    if (event === 'answer') expect({ lost, garbled }).toEqual({ lost: 0, garbled: 0 });
  }
}

test('one meter is read by its primary address, and its neighbor stays silent', async () => {
  const { bus, readout } = await readAtOnce([neighbor, single], '7');
  expect(readout.circumstances).toMatchObject({ manufacturer: 'OHU', baudRate: 2400 });
  expect(frames(bus)).toEqual(['1040074716', '107B078216']);
  expect(sent(bus)).toEqual(['E5', readout.data]);
  expect(liters(readout.data)).toEqual([1_234_567]);
  expectCleanWire(bus);
});

test('a readout in three telegrams is one record with all of them in order', async () => {
  const { bus, readout } = await readAtOnce([neighbor, threeTelegrams], '*40718293');
  expect(readout.circumstances?.partial).toBeUndefined();
  const select = '680B0B6853FD5293827140FFFFFFFF6416';
  expect(frames(bus)).toEqual(['1040FD3D16', select, '107BFD7816', '105BFD5816', '107BFD7816', '1040FD3D16']);
  expect(readout.data).toBe(
    sent(bus)
      .filter((text) => text !== 'E5')
      .join(''),
  );
  expect(liters(readout.data)).toEqual(threeTelegrams.telegrams.flat());
  expectCleanWire(bus);
});

test('a lost answer is asked for again with the same frame count bit, and no telegram is passed over', async () => {
  const bus = await rig.bus({ slaves: [{ ...threeTelegrams, loses: 2 }] });
  const readout = await read('7');
  const told = bus.events().filter(({ event }) => ['frame', 'answer', 'answer lost'].includes(event));
  const lost = told.findIndex(({ event }) => event === 'answer lost');
  const around = told.slice(lost - 1, lost + 3).map(({ event, text }) => `${event} ${text}`);
  const telegram = told[lost]?.text;
  // The second request: the frame count bit was 1 in the first.
  expect(around).toEqual(['frame 105B076216', `answer lost ${telegram}`, 'frame 105B076216', `answer ${telegram}`]);
  expect(readout.errorCode).toBe(0);
  expect(readout.circumstances?.attempts).toBeGreaterThan(1);
  expect(liters(readout.data)).toEqual(threeTelegrams.telegrams.flat());
  expectCleanWire(bus);
});

test('a search finds all five meters of a bus, none twice, although their answers overlap', async () => {
  const bus = await rig.bus({ slaves: five });
  const { outcome, found, problems, questions, durationMs } = await rig.page.evaluate(() => window.searchMbus({}));
  test.info().annotations.push({ type: 'search', description: `${questions} questions, ${Math.round(durationMs)} ms` });
  expect({ outcome, problems }).toEqual({ outcome: 'complete', problems: [] });
  expect(found.map(({ secondaryAddress, manufacturer }) => `${secondaryAddress} ${manufacturer}`).sort()).toEqual(
    five.map(({ identification, manufacturer }) => `${identification} ${manufacturer}`).sort(),
  );
  for (const { secondaryAddress, frame } of found)
    expect(liters(frame)).toEqual(five.find((one) => one.identification === secondaryAddress)?.telegrams.flat());
  // What the search had to see through: acknowledgments that look like one, and data that ran into other data.
  const overlaps = bus.events().filter(({ event, senders = 0 }) => event === 'answer' && senders > 1);
  expect(overlaps.some(({ text }) => text === 'E5')).toBe(true);
  expect(overlaps.some(({ text = '' }) => text.startsWith('68'))).toBe(true);
  expectCleanWire(bus);
});
