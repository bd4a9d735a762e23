import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Listens } from '../../../src/ams/ports-table.ts';
import { createListeners, type Listeners } from '../../../src/engine/listeners.ts';
import { createPortRegistry, type PortRegistry } from '../../../src/engine/port-registry.ts';
import { createTraceBook } from '../../../src/engine/traces.ts';
import { PortError } from '../../../src/line/port.ts';
import type { AmsRecord, NewRecord } from '../../../src/log/record.ts';
import type { Hearing, Protocol, Telegram } from '../../../src/protocols/protocol.ts';
import { protocols } from '../../../src/protocols/registry.ts';
import { virtualClock, type VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import { scriptedPort } from '../line/scripted-port.ts';
import './loaded.ts';

/** A listener whose far side is the test itself: what becomes of what it hears, and of a port that does not keep still. */

const PORT = 'scripted';
const HOW: Listens = { protocol: '', address: '', settings: {}, everyMs: 0 };

let clock: VirtualClock;
let registry: PortRegistry;
let listeners: Listeners;
let hearing: Hearing | undefined;
/** When the port was opened, and how each opening ends; without one it listens on. */
let opened: number[];
let fails: Error[];
let append: (draft: NewRecord) => Promise<AmsRecord>;
let errors: unknown[];
let kept: AmsRecord[];

beforeEach(() => {
  clock = virtualClock(Date.UTC(2026, 10, 20));
  hearing = undefined;
  [opened, fails, errors, kept] = [[], [], [], []];
  append = (draft) => Promise.resolve({ ...draft, seq: kept.length + 1, time: 0 } as AmsRecord);
  const port = scriptedPort(clock);
  registry = createPortRegistry({
    clock,
    present: () => [{ port, clock }],
    lost: () => [],
    onChange: () => undefined,
  });
  const [plain] = protocols.all;
  if (!plain) throw new Error('There is no protocol.');
  const protocol: Protocol = {
    ...plain,
    parts: {
      ...plain.parts,
      listener: async () => ({
        async listen(line, _target, told) {
          opened.push(clock.monotonic());
          hearing = told;
          const failure = fails.shift();
          if (failure) throw failure;
          await line.pause(3_600_000).catch(() => undefined);
        },
      }),
    },
  };
  listeners = createListeners({
    clock,
    registry,
    protocols: { ...protocols, find: () => protocol },
    log: { generation: 'a', append: (draft: NewRecord) => append(draft) },
    traces: createTraceBook(clock),
    configuration: () => ({ meters: [], ports: [], retries: 0, nextMeterNumber: 1 }),
    slots: () => undefined,
    speaksItself: () => true,
    onRecord: (record) => kept.push(record as AmsRecord),
    onChange: () => undefined,
    onError: (error) => errors.push(error),
  });
});

afterEach(async () => {
  listeners.heed(new Map());
  await pass(20_000);
  expect(registry.wireState(PORT)).toBeUndefined();
});

const pass = (ms: number) => clock.run(clock.sleep(ms));
const listen = async (change: Partial<Listens> = {}) => {
  listeners.heed(new Map([[PORT, { ...HOW, ...change }]]));
  await pass(1);
};
const state = () => listeners.states()[0];
const telegram = (data: string, from = '1'): Telegram => ({
  readout: { errorCode: 0, identification: 'X', data },
  from: [from],
});
const say = async (...said: readonly Telegram[]) => {
  for (const one of said) hearing?.onTelegram(one);
  await pass(1);
};

describe('what a meter says', () => {
  test('twice at once is one telegram; ten seconds later it is a new one', async () => {
    await listen();
    const followed: unknown[] = [];
    const stop = new AbortController();
    void listeners.follow(PORT, (heard) => followed.push(heard.readout.data), stop.signal);
    await say(telegram('a'), telegram('a'), telegram('a', '2'));
    expect(state()).toMatchObject({ heard: 2, kept: 2, dropped: 0 });
    await pass(10_000);
    await say(telegram('a'));
    expect(state()).toMatchObject({ heard: 3, kept: 3 });
    expect(followed).toEqual(['a', 'a', 'a']);
    expect(kept.map(({ address, index, port }) => [address, index, port])).toEqual([
      ['1', 0, 'Scripted'],
      ['2', 0, 'Scripted'],
      ['1', 0, 'Scripted'],
    ]);
    stop.abort();
  });

  test('by radio is a record of what was heard, with its strength and length', async () => {
    await listen();
    await say({ ...telegram('44153D7856341203077A'), dBm: -67.5 });
    expect(kept).toEqual([
      {
        type: 'WMBUS',
        rssi: -67,
        length: 10,
        data: '44153D7856341203077A',
        index: 0,
        port: 'Scripted',
        seq: 1,
        time: 0,
      },
    ]);
  });

  test('of several kinds by turns is kept of each kind in its time', async () => {
    await listen({ everyMs: 3_600_000 });
    const of = (kind: string, data: string): Telegram => ({ ...telegram(data), kind });
    await say(of('today', 'a'), of('months', 'b'), of('today', 'c'), of('months', 'd'));
    expect(kept.map(({ data }) => data)).toEqual(['a', 'b']);
  });

  test('that the log does not take is tried with the next telegram, however soon that comes', async () => {
    const takes = append;
    append = () => Promise.reject(new Error('full'));
    await listen({ everyMs: 3_600_000 });
    await say(telegram('a'));
    expect(state()).toMatchObject({
      heard: 1,
      kept: 0,
      dropped: 1,
      lastDropped: { reason: expect.stringMatching(/full/) as string },
    });
    append = takes;
    await say(telegram('b'));
    await say(telegram('c'));
    expect(state()).toMatchObject({ heard: 3, kept: 1 });
  });

  test('waits for a log that does not answer, a hundred of them', async () => {
    let answer: () => void = () => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const takes = append;
    append = async (draft) => {
      await answered;
      return await takes(draft);
    };
    await listen();
    await say(...Array.from({ length: 103 }, (_, n) => telegram(`${n}`)));
    expect(state()).toMatchObject({
      heard: 103,
      kept: 0,
      dropped: 3,
      lastDropped: { reason: expect.stringMatching(/not answer/) as string },
    });
    answer();
    await pass(1);
    expect(state()).toMatchObject({ kept: 100, dropped: 3 });
    await say(telegram('more'));
    expect(state()).toMatchObject({ kept: 101, dropped: 3 });
  });

  test('and is no telegram is counted with its reason; what it does is told in its own words', async () => {
    await listen();
    expect(state()).toMatchObject({ state: 'listening', text: 'opening the port', dropped: 0 });
    hearing?.onStep('waits for a push');
    hearing?.onDropped('noise');
    expect(state()).toMatchObject({ text: 'waits for a push', dropped: 1, lastDropped: { reason: 'noise' } });
  });
});

describe('a port', () => {
  test('that breaks off is tried again after two seconds, one that does not open after ten', async () => {
    fails = [new PortError('lost', 'broke off'), new PortError('busy', 'in use'), new PortError('lost', 'again')];
    await listen();
    expect(state()).toMatchObject({ state: 'failed', text: 'broke off' });
    await pass(20_000);
    expect(opened).toEqual([0, 2000, 12_000, 14_000]);
    expect(state()).toMatchObject({ state: 'listening', text: 'opening the port' });
    expect(errors).toEqual([]);
  });

  test('on which the program itself fails is tried again too, and the fault is told', async () => {
    const fault = new TypeError('ours');
    fails = [fault];
    await listen();
    expect([state()?.state, errors]).toEqual(['failed', [fault]]);
    await pass(10_000);
    expect(opened).toEqual([0, 10_000]);
  });

  test('that is listened on counts as ready for whoever comes', async () => {
    await listen();
    expect(registry.states()).toMatchObject([{ state: 'ready', text: 'listening' }]);
    expect(registry.running).toBeUndefined();
  });

  test('is opened anew for other settings, and not for another interval', async () => {
    await listen();
    await listen({ everyMs: 60_000 });
    expect(opened).toHaveLength(1);
    await say(telegram('a'), telegram('b'));
    expect(state()).toMatchObject({ heard: 2, kept: 1 });
    await listen({ address: 'x' });
    await pass(1000);
    expect(opened).toHaveLength(2);
    expect(state()).toMatchObject({ heard: 0, kept: 0 });
  });
});
