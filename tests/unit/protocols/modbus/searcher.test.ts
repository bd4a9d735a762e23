import { describe, expect, test } from 'vitest';
import type { Values } from '../../../../src/common/form.ts';
import { searchControl, type Lender, type SearchEvent } from '../../../../src/protocols/search.ts';
import { parseModbusAddress } from '../../../../src/protocols/modbus/address.ts';
import { inTwoRounds, unitsIn } from '../../../../src/protocols/modbus/scan-units.ts';
import { modbusSearcher } from '../../../../src/protocols/modbus/searcher.ts';
import { modbusDialogue } from '../../../../src/protocols/modbus/ask.ts';
import { modbusBus } from '../../../../src/protocols/modbus/simulated/bus.ts';
import { cabinet } from '../../../../src/protocols/modbus/simulated/meters.ts';
import { eightBits } from '../../../../src/simulator/device.ts';
import { floats, type UnitSpec } from './independent-slave.ts';
import { onBus, type BusOptions, type OnBus } from './on-bus.ts';

const task = (values: Values) => ({ id: 'units', values: { rates: '9600', framings: '8N1', ...values }, settings: {} });

async function search(
  units: readonly UnitSpec[],
  values: Values,
  options: BusOptions = {},
  during: (bus: OnBus, event: SearchEvent) => void = () => undefined,
  circumstances: Parameters<typeof modbusSearcher.search>[2] = {},
): Promise<{ readonly events: readonly SearchEvent[]; readonly requests: readonly string[] }> {
  return await onBus(
    units,
    async (bus) => {
      const events: SearchEvent[] = [];
      for await (const event of modbusSearcher.search(bus.line, task(values), circumstances)) {
        events.push(event);
        during(bus, event);
      }
      return { events, requests: bus.requests.map(({ hex }) => hex) };
    },
    options,
  );
}
const last = (events: readonly SearchEvent[]) => {
  const event = events.at(-1);
  if (event?.kind !== 'ended') throw new Error('The search did not tell its end.');
  return event;
};
const found = (events: readonly SearchEvent[]) => last(events).meters;

const mute: UnitSpec = { unit: 30, isMuteToUnknown: true, words: { '030000': 1 } };

test('finds every meter of the bus with its model, and an address that reads it', async () => {
  const farEnd = modbusBus(cabinet(), eightBits(9600));
  await onBus(
    [],
    async ({ line }) => {
      const events: SearchEvent[] = [];
      for await (const event of modbusSearcher.search(line, task({ units: '1-6' }), {})) events.push(event);
      const meters = found(events);
      expect(meters.map(({ name, settings }) => [name, settings])).toEqual([
        ['Eastron SDM630 at 1', { framing: '8N1', model: 'Eastron SDM630' }],
        ['Carlo Gavazzi EM24 at 2', { framing: '8N1', model: 'Carlo Gavazzi EM24' }],
        ['ABB B21/B23/B24 at 3', { framing: '8N1', model: 'ABB B21/B23/B24' }],
        ['Siemens PAC2200 at 4', { framing: '8N1', model: 'Siemens PAC2200' }],
        ['SunSpec at 5', { framing: '8N1', model: 'SunSpec' }],
      ]);
      expect(meters[0]?.facts[0]).toBe('probably Eastron SDM630');
      expect(meters[3]?.facts).toEqual(['Siemens PAC2200', '“SIEMENS AG 7KM2200-2EA30-1EA1 V3.2”']);
      for (const { address, settings = {} } of meters) {
        expect(modbusDialogue.normal(address)).toBe(address);
        const readout = await modbusDialogue.read(line, { address, settings }, {});
        expect(readout.errorCode).toBe(0);
      }
    },
    { farEnd },
  );
});

test('whom one framing found is garbled in the other, which is no problem', async () => {
  const farEnd = modbusBus(cabinet(), eightBits(9600));
  const { events } = await search([], { units: '1-6', framings: '8N1,8E1' }, { farEnd });
  expect(found(events)).toHaveLength(5);
  expect(events.filter(({ kind }) => kind === 'problem')).toEqual([]);
});

test('garbage alone is told at the end, once for each setting', async () => {
  const farEnd = modbusBus(cabinet(), eightBits(9600));
  const { events } = await search([], { units: '1-12', framings: '8E1' }, { farEnd });
  expect(found(events)).toEqual([]);
  expect(events.slice(-2)).toMatchObject([
    { kind: 'problem', address: '9600 Bd 8E1', isCollision: false },
    { kind: 'ended' },
  ]);
  expect(events.filter(({ kind }) => kind === 'problem')).toHaveLength(1);
});

test('only reads, and asks the likely units before all others', async () => {
  const { events, requests } = await search([{ ...mute, unit: 247 }], { units: '' });
  expect(found(events)).toHaveLength(1);
  const units = requests.map((hex) => Number.parseInt(hex.slice(0, 2), 16));
  expect(units.slice(0, 4)).toEqual([1, 1, 2, 2]);
  expect(units.indexOf(247)).toBeLessThan(units.indexOf(11));
  expect(new Set(requests.map((hex) => hex.slice(2, 4)))).toEqual(new Set(['03', '04', '2B', '11']));
  const parts = events.flatMap((event) => (event.kind === 'progress' ? [event.done] : []));
  expect(parts.every((done, at) => done >= (parts[at - 1] ?? 0) && done <= 1)).toBe(true);
}, 30_000);

test('a refusal is an answer, and a device of no known model is listed as such', async () => {
  const { events } = await search([{ ...mute, words: {}, isMuteToUnknown: false }], { units: '29-31' });
  expect(found(events)).toMatchObject([
    { name: 'Modbus device at 30', address: '30@9600', settings: { framing: '8N1' } },
  ]);
});

test('a unit at another rate and framing is found there, and nowhere else', async () => {
  const their = { baudRate: 19_200, framing: '8E1' } as const;
  const units = [{ ...mute, words: { ...mute.words, ...floats('040000', [230]) } }];
  const { events } = await search(units, { rates: '9600,19200', framings: '8N1,8E1', units: '30' }, { their });
  expect(found(events).map(({ place }) => place)).toEqual(['unit 30 · 19200 Bd 8E1']);
});

test('a slow unit is found by its late answer, and given time', async () => {
  const { events } = await search([{ ...mute, reactionMs: 160 }], { units: '28-34' });
  expect(found(events).map(({ listed }) => listed.primaryAddress)).toEqual([30]);
  expect(events.some((event) => event.kind === 'note' && event.text.includes('answers late'))).toBe(true);
});

test('two of one address are a problem, and no meter', async () => {
  const mishaps = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [at + 1, 'wrong check'] as const));
  const { events } = await search([mute], { units: '30' }, { mishaps });
  expect(found(events)).toEqual([]);
  expect(events).toContainEqual(expect.objectContaining({ kind: 'problem', address: '30', isCollision: true }));
});

describe('a search', () => {
  test('is stopped, and says how far it came', async () => {
    const { events } = await search([{ ...mute, unit: 1 }], { units: '1-50' }, {}, ({ stop }, event) => {
      if (event.kind === 'progress' && event.text === 'asking unit 5') stop();
    });
    expect(last(events)).toMatchObject({ outcome: 'stopped', meters: [{ name: 'Modbus device at 1' }] });
  });

  test('is held and goes on', async () => {
    const control = searchControl();
    const { events } = await search(
      [mute],
      { units: '28-31' },
      {},
      ({ clock }, event) => {
        if (event.kind === 'progress' && event.text === 'asking unit 29') {
          control.pause();
          void clock.sleep(5000).then(() => control.resume());
        }
      },
      { control },
    );
    const kinds = events.map(({ kind }) => kind);
    expect(kinds.indexOf('paused')).toBeLessThan(kinds.indexOf('resumed'));
    expect(last(events)).toMatchObject({ outcome: 'complete', meters: [{ place: 'unit 30 · 9600 Bd 8N1' }] });
  });

  test('lends its line between two questions', async () => {
    let wanted = 1;
    let lender: Lender | undefined;
    const circumstances = {
      lender: {
        isWanted: () => wanted > 0,
        wanted: () => Promise.resolve(),
        lend: async () => (await lender?.lend()) ?? Promise.reject(new Error('no line')),
      },
    };
    const events = await onBus([mute], async ({ line }) => {
      lender = {
        ...circumstances.lender,
        lend: () => {
          wanted--;
          return Promise.resolve(line);
        },
      };
      const all: SearchEvent[] = [];
      for await (const event of modbusSearcher.search(line, task({ units: '30' }), circumstances)) all.push(event);
      return all;
    });
    expect(events.map(({ kind }) => kind).slice(0, 2)).toEqual(['lent', 'back']);
    expect(found(events)).toHaveLength(1);
  });
});

test('which units are meant', () => {
  expect(unitsIn('')).toHaveLength(247);
  expect(unitsIn('3, 1-2,2')).toEqual([3, 1, 2]);
  expect(unitsIn('250-300')).toEqual([250, 251, 252, 253, 254, 255]);
  expect(inTwoRounds([1, 12, 247])).toEqual([[1, 247], [12]]);
  expect(parseModbusAddress('255@9600').unit).toBe(255);
});
