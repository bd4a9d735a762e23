import { expect, test } from 'vitest';
import type { Values } from '../../../../src/common/form.ts';
import { openLine } from '../../../../src/line/open-line.ts';
import type { ModemSignals } from '../../../../src/line/port.ts';
import { PortError } from '../../../../src/line/port.ts';
import { ainDinDialogue } from '../../../../src/protocols/ain-din/ask.ts';
import { ainDinCollector } from '../../../../src/protocols/ain-din/collector.ts';
import { board, type Connected } from '../../../../src/protocols/ain-din/simulated/board.ts';
import type { KeptState } from '../../../../src/protocols/collector.ts';
import { deviceAt } from '../../../../src/simulator/far-end.ts';
import type { Fault } from '../../../../src/simulator/faults.ts';
import { simulatedPort } from '../../../../src/simulator/simulated-port.ts';
import { virtualClock, type VirtualClock } from '../../../../src/simulator/virtual-clock.ts';
import { scriptedPort } from '../../line/scripted-port.ts';
import '../../engine/loaded.ts';

const never = new AbortController().signal;

/** A store as a disk is one; `fails` makes it refuse. */
function disk(): KeptState & { value: unknown; fails: boolean; writes: number } {
  const it = {
    value: undefined as unknown,
    fails: false,
    writes: 0,
    load: () => Promise.resolve(it.value),
    save(value: unknown) {
      if (it.fails) return Promise.reject(new Error('The disk is full.'));
      it.writes++;
      it.value = structuredClone(value);
      return Promise.resolve();
    },
  };
  return it;
}

const connected: Connected = {
  analog: (channel) => [300, 512, 1023][channel] ?? 0,
  // Pin 2: S0 pulses of 30 ms with 30 ms between, from 10 s to 16 s. Pin 3 is open, pin 4 closed.
  level: (pin, at) => (pin === 2 ? at < 10_000 || at >= 16_000 || at % 60 >= 30 : pin !== 4),
};
const PULSES = 100;

const portOf = (clock: VirtualClock, faults: readonly Fault[] = [], what: Connected = connected) =>
  simulatedPort(
    { id: 'board', name: 'Board', farEnd: () => Promise.resolve(deviceAt(board(what))) },
    clock,
    () => new Set(faults),
  );

/** Opens what the inputs are collected from and hears it, until it is stopped. */
async function collecting(clock: VirtualClock, kept: KeptState, values: Values = {}, port = portOf(clock)) {
  const errors: unknown[] = [];
  const collection = await ainDinCollector.open(values, { clock, kept, onError: (error) => errors.push(error) });
  const stop = new AbortController();
  const line = await clock.run(openLine(port, { ...collection.line, clock, signal: stop.signal, isEndless: true }));
  const ended = collection
    .hear(line, () => undefined)
    .catch((error: unknown) => error)
    .finally(() => line.close());
  return {
    collection,
    errors,
    ended,
    read: async (address: string, settings: Values = {}) =>
      await clock.run(collection.read({ address, settings }, never)),
    async stop() {
      stop.abort();
      await clock.run(ended);
      await clock.run(collection.close());
    },
  };
}

test('a board answers every form of address', async () => {
  const clock = virtualClock();
  const { read, stop } = await collecting(clock, disk(), { low1: 100, high1: 500 });
  expect(await read('1/ADC/CAL')).toMatchObject({ errorCode: 0, identification: '1/ADC/CAL', data: '50' });
  expect(await read('1/ADC/ABS')).toMatchObject({ errorCode: 0, data: '300' });
  expect(await read('3/adc/abs')).toMatchObject({ identification: '3/ADC/ABS', data: '1023' });
  expect([(await read('2/DIN')).data, (await read('3/DIN')).data]).toEqual(['0', '1']);
  expect((await read('2/DIN', { threshold2: 512 })).data).toBe('1');
  expect(await read('1/PULSE/ABS', { constant1: 1000 })).toMatchObject({
    data: '0',
    circumstances: { meaning: { constant: 1000, unit: 'imp/kWh' } },
  });
  expect(await read('4/DIN')).toMatchObject({ errorCode: 8388610, identification: '', data: '' });
  expect((await read('1/ADC/CAL', { low1: 7, high1: 7 })).errorCode).toBe(8388865);
  await stop();
});

test('pulses of 30 ms are all counted, between readings and over a restart', async () => {
  const clock = virtualClock();
  const kept = disk();
  const first = await collecting(clock, kept);
  await clock.run(clock.sleep(13_000 - clock.monotonic()));
  const half = Number((await first.read('1/PULSE/REL')).data);
  expect(half).toBeGreaterThan(40);
  await clock.run(clock.sleep(5000));
  expect((await first.read('1/PULSE/REL')).data).toBe(String(PULSES - half));
  expect((await first.read('1/PULSE/ABS')).data).toBe(String(PULSES));
  expect((await first.read('1/PULSE/REL')).data).toBe('0');
  await first.stop();
  expect(kept.writes).toBeLessThan(20);

  await clock.run(clock.sleep(60_000));
  const second = await collecting(clock, kept);
  const after = await second.read('1/PULSE/ABS');
  expect(after.data).toBe(String(PULSES));
  expect(after.circumstances?.notes?.[0]).toMatch(/^The inputs were not heard for at least 6\d s/);
  expect((await second.read('1/PULSE/ABS')).circumstances?.notes).toBeUndefined();
  await second.stop();
});

test('a relative reading that is not on disk was none', async () => {
  const clock = virtualClock();
  const kept = disk();
  const { read, stop } = await collecting(clock, kept);
  await clock.run(clock.sleep(18_000));
  kept.fails = true;
  expect(await read('1/PULSE/REL')).toMatchObject({ errorCode: 8388608, identification: '1/PULSE/REL', data: '' });
  kept.fails = false;
  expect((await read('1/PULSE/REL')).data).toBe(String(PULSES));
  await stop();
});

test('a stored counter that cannot be read is not begun at 0, and kept until somebody sets it', async () => {
  const clock = virtualClock();
  const kept = disk();
  const broken = { count: 'x', read: '0' };
  kept.value = { inputs: [broken, { count: '7', read: '7' }, { count: '9', read: '9' }] };
  const { collection, read, stop } = await collecting(clock, kept);
  expect(await read('1/PULSE/ABS')).toMatchObject({ errorCode: 8388608, identification: '1/PULSE/ABS' });
  expect((await read('2/PULSE/ABS')).data).toBe('7');
  expect(kept.value).toMatchObject({ inputs: [broken, { count: '7' }, { count: '9' }] });
  expect(collection.live()[0]?.pulses).toBeUndefined();
  await clock.run(collection.setCounter(1, '5', undefined));
  expect((await read('1/PULSE/ABS')).data).toBe('5');
  expect(kept.value).toMatchObject({ inputs: [{ count: '5', read: '5' }, { count: '7' }, { count: '9' }] });
  await stop();
});

test('a counter that could not be stored was not set', async () => {
  const clock = virtualClock();
  const kept = disk();
  const { collection, read, stop } = await collecting(clock, kept);
  await clock.run(clock.sleep(18_000));
  kept.fails = true;
  await expect(clock.run(collection.setCounter(1, '5000', '0'))).rejects.toMatchObject({ code: 8388608 });
  kept.fails = false;
  expect((await read('1/PULSE/ABS')).data).toBe(String(PULSES));
  await stop();
});

test('the time in which a clock was set back is told all the same', async () => {
  const kept = disk();
  kept.value = { aliveAt: 9e12, inputs: Array(3).fill({ count: '7', read: '7' }) };
  const { read, stop } = await collecting(virtualClock(), kept);
  expect((await read('1/PULSE/ABS')).circumstances?.notes?.[0]).toContain('not heard for at least 1 s');
  await stop();
});

test('a board that begins anew, or was silent, is asked again over the open port', async () => {
  const clock = virtualClock();
  const faults = new Set<Fault>();
  const port = simulatedPort(
    { id: 'board', name: 'Board', farEnd: () => Promise.resolve(deviceAt(board(connected))) },
    clock,
    () => faults,
  );
  const { read, stop } = await collecting(clock, disk(), {}, port);
  expect((await read('3/DIN')).data).toBe('1');
  faults.add('silent');
  await clock.run(clock.sleep(4000));
  faults.delete('silent');
  await clock.run(clock.sleep(3000));
  expect((await read('3/DIN')).data).toBe('1');
  expect((await read('3/PULSE/ABS')).circumstances?.notes?.[0]).toContain('not heard for at least');
  await stop();
});

test.each<[Fault, number, string]>([
  ['garbage-before-answer', 0, '1'],
  ['contact-bounce', 0, '1'],
  ['other-firmware', 8388865, ''],
])('a board with the fault %s', async (fault, code, data) => {
  const clock = virtualClock();
  const { read, stop } = await collecting(clock, disk(), {}, portOf(clock, [fault]));
  expect(await read('3/DIN')).toMatchObject({ errorCode: code, data });
  await clock.run(clock.sleep(18_000));
  if (code === 0) expect((await read('1/PULSE/ABS')).data).toBe(String(PULSES));
  await stop();
});

test('bits that are wrong now and then are told with the count, and make no pulse of a contact at rest', async () => {
  const clock = virtualClock();
  const { read, stop } = await collecting(clock, disk(), {}, portOf(clock, ['noise']));
  await clock.run(clock.sleep(60_000));
  expect((await read('2/PULSE/ABS')).circumstances?.notes?.[0]).toContain('pulses of that time are missing');
  await stop();
});

test.each<[string, readonly Fault[], Values, string, number]>([
  ['that is silent', ['silent'], {}, '1/DIN', 8388613],
  ['without such a pin', [], { pin1: 60 }, '1/DIN', 8388865],
  ['without such an analog input', [], { adc1: 9 }, '1/ADC/ABS', 8388865],
])('a board %s', async (_what, faults, values, address, code) => {
  const clock = virtualClock();
  const { ended, read, stop } = await collecting(clock, disk(), values, portOf(clock, faults));
  expect((await read(address)).errorCode).toBe(code);
  expect(await clock.run(ended)).toMatchObject({ code });
  await stop();
});

test('whoever stops a read is told so', async () => {
  const clock = virtualClock();
  const { collection, stop } = await collecting(clock, disk(), {}, portOf(clock, ['silent']));
  const asking = new AbortController();
  const reading = collection.read({ address: '1/DIN', settings: {} }, asking.signal);
  asking.abort();
  expect((await clock.run(reading)).errorCode).toBe(8388609);
  await stop();
});

const VERSION = Uint8Array.of(0xf9, 2, 5);

test.each([
  ['does not tell its pins', VERSION, undefined, 8388613],
  ['is no board with Firmata', Uint8Array.from({ length: 400 }, (_, i) => i & 0x7f), undefined, 8388865],
  ['cannot be written to', VERSION, new PortError('failed', 'The driver refused.'), 8388611],
  ['does not take what is written', VERSION, new PortError('timeout', 'The driver hangs.'), 8388612],
  [
    'tells more than any board',
    Uint8Array.from([0xf9, 2, 5, 0xf0, ...Array<number>(5000).fill(1)]),
    undefined,
    8388867,
  ],
])('a source that %s', async (_what, said, refusal, code) => {
  const clock = virtualClock();
  const port = scriptedPort(clock, refusal ? { write: () => Promise.reject(refusal) } : {});
  const { ended, read, stop } = await collecting(clock, disk(), {}, port);
  const bytes = code === 8388867 ? said.slice(0, 3) : said;
  port.arrive({ kind: 'data', bytes });
  if (bytes !== said) {
    await clock.run(clock.sleep(500));
    port.arrive({ kind: 'data', bytes: said.slice(3) });
  }
  expect((await read('1/DIN')).errorCode).toBe(code);
  expect(await clock.run(ended)).toMatchObject({ code });
  await stop();
});

test('a look at a board by hand', async () => {
  const clock = virtualClock();
  const look = async (address: string, faults: readonly Fault[] = [], settings: Values = {}) => {
    const line = await clock.run(
      openLine(portOf(clock, faults), { ...ainDinDialogue.lineOf({ address, settings }), clock }),
    );
    const readout = await clock.run(ainDinDialogue.read(line, { address, settings }, {}));
    await line.close();
    return readout;
  };
  expect(await look('2/ADC/ABS')).toMatchObject({ errorCode: 0, identification: '2/ADC/ABS', data: '512' });
  expect(await look('3/DIN')).toMatchObject({ errorCode: 0, data: '1' });
  expect(await look('1/PULSE/ABS')).toMatchObject({ errorCode: 8388865, identification: '1/PULSE/ABS' });
  expect(await look('1/ADC')).toMatchObject({ errorCode: 8388610, identification: '' });
  expect((await look('1/DIN', ['silent'])).errorCode).toBe(8388613);
});

test('modem lines count S0 pulses while anybody has the port open', async () => {
  const clock = virtualClock();
  const collection = await ainDinCollector.open(
    { source: 'modem' },
    { clock, kept: disk(), onError: (error) => expect.unreachable(String(error)) },
  );
  const stop = new AbortController();
  let isOpen = true;
  const signals = (): Promise<ModemSignals> => {
    if (!isOpen) return Promise.reject(new PortError('failed', 'The port is closed.'));
    const at = clock.monotonic();
    return Promise.resolve({ cts: at >= 1000 && at < 7000 && at % 60 < 30, dsr: true, dcd: false, ri: false });
  };
  const watching = collection.watch?.(signals, stop.signal);
  await clock.run(clock.sleep(8000));
  const read = async (address: string) => await clock.run(collection.read({ address, settings: {} }, never));
  expect((await read('1/PULSE/ABS')).data).toBe('100');
  expect([(await read('2/DIN')).data, (await read('3/DIN')).data]).toEqual(['1', '0']);
  expect(await read('1/ADC/ABS')).toMatchObject({ errorCode: 8388865 });
  isOpen = false;
  await clock.run(clock.sleep(2000));
  expect(await read('2/DIN')).toMatchObject({ errorCode: 8388613 });
  isOpen = true;
  expect((await read('1/PULSE/REL')).circumstances?.notes?.[0]).toContain('not heard for');
  stop.abort();
  await clock.run(Promise.resolve(watching));
});

test('pulses on RXD are counted, however the adapter tells them', async () => {
  const clock = virtualClock();
  const port = scriptedPort(clock);
  const { read, stop } = await collecting(clock, disk(), { source: 'rxd' }, port);
  expect(port.settings[0]?.baudRate).toBe(300);
  for (let pulse = 0; pulse < 10; pulse++) {
    if (pulse % 2) port.arrive({ kind: 'line-error', error: 'break' });
    else port.arrive({ kind: 'data', bytes: Uint8Array.of(0) });
    await clock.run(clock.sleep(200));
  }
  expect((await read('1/PULSE/ABS')).data).toBe('10');
  expect((await read('2/PULSE/ABS')).errorCode).toBe(8388865);
  await stop();
});
