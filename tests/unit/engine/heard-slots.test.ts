import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MeterDraft } from '../../../src/ams/meter.ts';
import type { Circumstances, Readout } from '../../../src/common/readout.ts';
import type { PortRead } from '../../../src/engine/list-reads.ts';
import { createPortRegistry, type EnginePort, type PortRegistry } from '../../../src/engine/port-registry.ts';
import { openStation, type Station } from '../../../src/engine/station.ts';
import { createTraceBook } from '../../../src/engine/traces.ts';
import { connectDatabase, type Database } from '../../../src/log/database.ts';
import type { AmsRecord, SlotSpan } from '../../../src/log/record.ts';
import { openLog, type RecordLog } from '../../../src/log/ring.ts';
import { iec62056 } from '../../../src/protocols/iec62056-21/index.ts';
import type { Hearing, Protocol } from '../../../src/protocols/protocol.ts';
import { createProtocols } from '../../../src/protocols/registry.ts';
import { deviceAt } from '../../../src/simulator/far-end.ts';
import { simulatedPort } from '../../../src/simulator/simulated-port.ts';
import { virtualClock, type VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import './loaded.ts';
import { turns } from './turns.ts';

/** The slots of meters that are heard and not asked, from the telegram to the claim, in virtual time. */

const PORT = 'simulated:quiet';
const START = Date.UTC(2026, 10, 20, 10);
const MINUTE = 60_000;
const slot = (minute: number) => START + minute * MINUTE;

let names = 0;
let clock: VirtualClock;
let skew = 0;
let log: RecordLog;
let database: Database;
let registry: PortRegistry;
let station: Station;
let ports: readonly EnginePort[];
let isPlugged = true;
/** Which start of the program has the ports. */
let owner = 0;
/** The ear of whoever listens now. */
let ear: Hearing | undefined;
/** What the schedule, or a person, has asked. */
let asked: PortRead[];
let errors: unknown[];
let value: number;

/** As the real one, but for a listener that hears what the test says. */
const protocol: Protocol = {
  ...iec62056,
  parts: {
    ...iec62056.parts,
    listener: () =>
      Promise.resolve({
        listen: (line, _target, hearing) =>
          new Promise((resolve) => {
            ear = hearing;
            line.signal?.addEventListener('abort', () => {
              ear = undefined;
              resolve();
            });
          }),
      }),
  },
};

beforeEach(async () => {
  const name = `heard-slots-${names++}`;
  const time = virtualClock(START);
  skew = 0;
  clock = { ...time, now: () => time.now() + skew };
  log = await openLog({ clock, name });
  database = connectDatabase(name);
  isPlugged = true;
  value = 100;
  await start();
  await station.bindPort(1, PORT);
  await station.setSchedule({ enabled: true });
});

afterEach(async () => {
  await station.setSchedule({ enabled: false });
  await station.listening.stop(PORT);
  await seconds(2);
  log.close();
  database.close();
  expect(errors).toEqual([]);
});

/** A start of the program over the database as it is; the one before has ended without a word. */
async function start(): Promise<void> {
  errors = [];
  asked = [];
  plugIn();
  const me = ++owner;
  registry = createPortRegistry({
    clock,
    present: () => (isPlugged && me === owner ? ports : []),
    lost: () => [],
    onChange: () => undefined,
  });
  station = await openStation({
    clock,
    log,
    database,
    protocols: createProtocols([protocol]),
    registry,
    traces: createTraceBook(clock),
    read: async (request) => {
      asked.push(request);
      await clock.sleep(100);
      return telegram('asked');
    },
    onChange: () => undefined,
    onError: (error) => errors.push(error),
  });
}

/** Another window takes over. */
async function restart(): Promise<void> {
  owner++;
  registry.portsChanged();
  await settled();
  await start();
  await seconds(3);
}

function plugIn(): void {
  const simulated = {
    id: 'quiet',
    name: 'Nobody',
    farEnd: () => Promise.resolve(deviceAt(() => () => ({ received: () => undefined }))),
  };
  ports = [{ port: simulatedPort(simulated, clock, () => new Set()), clock }];
}

const settled = () => turns();

/** Lets the schedule look once a second for so long. */
async function seconds(count: number): Promise<void> {
  await settled();
  for (let second = 0; second < count; second++) {
    await clock.run(clock.sleep(1000));
    station.tick();
    await turns(20);
    if (second % 10 === 0) await settled();
  }
  await settled();
}

/** Until so many seconds of a minute from the start. */
const until = (minute: number, second = 0) => seconds(Math.round((slot(minute) - clock.now()) / 1000) + second);

const telegram = (data: string, circumstances?: Circumstances): Readout => ({
  errorCode: 0,
  identification: 'OHU5MDL',
  data: `1.8.0(${data}*kWh)`,
  ...(circumstances ? { circumstances } : {}),
});

/** The meter speaks. */
async function say(from: readonly string[] = ['12345678'], readout = telegram(String(value++))): Promise<void> {
  if (!ear) throw new Error('Nobody listens.');
  ear.onTelegram({ readout, from });
  await settled();
}

const meter = (change: Partial<MeterDraft> = {}): MeterDraft => ({
  port: 1,
  protocol: 'IEC62056-21',
  address: '',
  interval: '1M',
  serialNumber: '12345678',
  settings: { mode: 'D' },
  ...change,
});

async function listen(everyMs = 15 * MINUTE): Promise<void> {
  const request = { portId: PORT, protocol: 'IEC62056-21', address: '', settings: { mode: 'D' }, everyMs };
  expect(await station.listening.start(request)).toEqual({ ok: true });
  await seconds(1);
}

async function records(): Promise<readonly AmsRecord[]> {
  return (await log.oldest(1000)).filter((record) => record.type === 'AMS');
}

/** Of each record the minutes of its slots, and what it says: the value, or why there is none. */
async function outcomes(of = 1): Promise<readonly (readonly [string, string])[]> {
  const minutes = ({ first, last }: SlotSpan) =>
    [...new Set([first, last])].map((at) => (at - START) / MINUTE).join('–');
  return (await records())
    .filter((record) => record.meter === of)
    .map(({ slots, data, circumstances }) => [
      slots ? minutes(slots) : 'besides',
      /\((\w+)/.exec(data)?.[1] ?? circumstances?.message ?? '',
    ]);
}

describe('a meter that is heard', () => {
  test('is not asked: the first telegram of a slot is its record, those after it follow their own time', async () => {
    await station.add(meter());
    await listen(2 * MINUTE);
    expect(station.state().meters[0]).toMatchObject({ heard: { isAwaited: true, isListening: true } });
    await say();
    await seconds(1);
    expect(station.state().meters[0]).toMatchObject({ heard: { isAwaited: false }, last: { errorCode: 0 } });
    for (let minute = 1; minute < 5; minute++) {
      await until(minute, 20);
      for (let second = 0; second < 3; second++) {
        await say();
        await seconds(11);
      }
    }
    expect(await outcomes()).toEqual([
      ['0', '100'],
      ['1', '101'],
      ['2', '104'],
      ['3', '107'],
      ['4', '110'],
    ]);
    expect(asked).toEqual([]);
    await station.change('1', { interval: '1H' });
    await until(7, 30);
    await say();
    await clock.run(clock.sleep(slot(60) - clock.now()));
    await seconds(5);
    await say();
    expect((await outcomes()).slice(5)).toEqual([
      ['besides', '113'],
      ['60', '114'],
    ]);
  });

  test('and was silent in a slot: that was missed, which is written down when it is over', async () => {
    await station.add(meter());
    await listen();
    await say();
    await until(2, 2);
    expect(await outcomes()).toEqual([
      ['0', '100'],
      ['1', 'Nothing was heard of this meter.'],
    ]);
    await until(4, 2);
    await say();
    expect((await outcomes()).slice(2).map(([at]) => at)).toEqual(['2', '3', '4']);
    const [missed] = (await records()).slice(1);
    expect(missed).toMatchObject({
      errorCode: 4,
      circumstances: { notes: [expect.stringMatching(/^1 reading missed/)] },
    });
    expect(asked).toEqual([]);
  });

  test('and says something without values, or of another kind, is awaited on', async () => {
    await station.add(meter());
    await listen();
    ear?.onTelegram({ readout: telegram('1'), from: ['12345678'], kind: 'hello', isWithoutValues: true });
    await settled();
    expect(station.state().meters[0]).toMatchObject({ heard: { isAwaited: true } });
    await seconds(1);
    await say(undefined, telegram('7'));
    expect(station.state().meters[0]).toMatchObject({ heard: { isAwaited: false } });
    expect(await outcomes()).toEqual([
      ['besides', '1'],
      ['0', '7'],
    ]);
  });

  test('says the same bytes within ten seconds only once, also where a slot begins in between', async () => {
    await station.add(meter());
    await listen();
    await until(0, 56);
    await say(undefined, telegram('7'));
    await until(1, 3);
    await say(undefined, telegram('7'));
    expect(await outcomes()).toEqual([['0', '7']]);
    await seconds(10);
    await say(undefined, telegram('7'));
    expect(await outcomes()).toEqual([
      ['0', '7'],
      ['1', '7'],
    ]);
  });

  test('on a port that is lost: one record of the outage, with why', async () => {
    await station.add(meter());
    await listen();
    await say();
    isPlugged = false;
    registry.portsChanged();
    await until(4, 30);
    expect(station.state().meters[0]).toMatchObject({ state: 'port missing', heard: { isListening: false } });
    expect(await outcomes()).toHaveLength(1);
    plugIn();
    isPlugged = true;
    registry.portsChanged();
    await until(4, 50);
    await say();
    expect((await outcomes()).slice(1)).toEqual([
      ['1–3', 'Nothing was heard of this meter. Its adapter was not plugged in.'],
      ['4', '101'],
    ]);
  });

  test('is asked again from where listening was stopped, but for a slot in which it was heard', async () => {
    await station.add(meter());
    await listen();
    await say();
    await station.listening.stop(PORT);
    await seconds(5);
    expect(asked).toEqual([]);
    await until(1, 5);
    expect(asked).toHaveLength(1);
    await listen();
    await until(2, 5);
    await station.listening.stop(PORT);
    await seconds(5);
    expect(await outcomes()).toEqual([
      ['0', '100'],
      ['1', 'asked'],
      ['2', 'asked'],
    ]);
  });

  test('whose slot was read before listening began: what it says then comes besides', async () => {
    await station.add(meter());
    await until(1, 5);
    await listen();
    await say();
    await until(2, 5);
    await say();
    expect(await outcomes()).toEqual([
      ['0', 'asked'],
      ['1', 'asked'],
      ['besides', '100'],
      ['2', '101'],
    ]);
  });

  test('is heard by the next owner where the one before ended, and no slot twice', async () => {
    await station.add(meter());
    await listen();
    await say();
    await restart();
    await say();
    await clock.run(clock.sleep(slot(5) - clock.now()));
    await restart();
    await say();
    expect(await outcomes()).toEqual([
      ['0', '100'],
      ['besides', '101'],
      ['1–4', 'Nothing was heard of this meter. No window was open.'],
      ['5', '102'],
    ]);
  });

  test('goes on where the clock was set back, and a slot that was heard is not missed', async () => {
    await station.add(meter());
    await listen();
    for (const minute of [0, 1, 2, 3]) {
      await until(minute, 10);
      await say();
    }
    skew = -2 * MINUTE;
    await seconds(5);
    await say();
    await until(4, 5);
    const told = await outcomes();
    expect(told.slice(0, 5)).toEqual([
      ['0', '100'],
      ['1', '101'],
      ['2', '102'],
      ['3', '103'],
      ['besides', '104'],
    ]);
    expect(told.slice(5)).toEqual([
      ['2', 'Nothing was heard of this meter.'],
      ['3', 'Nothing was heard of this meter.'],
    ]);
    expect((await log.oldest(1000)).filter(({ type }) => type === 'SYSTART')).toHaveLength(1);
  });

  test('and cannot be kept has its slot with the next telegram, or is missed for that', async () => {
    await station.add(meter());
    await listen();
    const whole = log.append;
    let refusals = 0;
    const refuse = (count: number) => {
      refusals = count;
      log.append = (...args) =>
        refusals-- > 0 ? Promise.reject(new Error('the record is larger than the log')) : whole(...args);
    };
    refuse(1);
    await say();
    expect(station.listening.states()[0]?.lastDropped?.reason).toMatch(/^The log did not take it/);
    await seconds(11);
    await say();
    await until(1, 5);
    refuse(1);
    await say();
    await until(2, 3);
    expect(await outcomes()).toEqual([
      ['0', '101'],
      ['1', 'It was heard and could not be kept: the record is larger than the log'],
    ]);
  });

  test('steps back for a read by hand, which settles no slot; what it missed meanwhile is told', async () => {
    await station.add(meter());
    await listen();
    await say();
    await until(0, 58);
    const by = new AbortController();
    const long = registry.use(PORT, { rank: 'person', text: 'searching', signal: by.signal }, () =>
      clock.sleep(125_000),
    );
    await until(3, 1);
    expect(await outcomes()).toHaveLength(1);
    await Promise.all([long, seconds(10)]);
    const byHand = station.readNow('1', { signal: by.signal });
    await seconds(2);
    await byHand;
    await until(4, 2);
    expect((await outcomes()).slice(1)).toEqual([
      ['1–2', 'Nothing was heard of this meter. Its port was searching.'],
      ['besides', 'asked'],
      ['3', 'Nothing was heard of this meter. Its port was reading.'],
    ]);
  });

  test('settles its own slot only: not another, not both of two entries, not with an error', async () => {
    await station.add(meter());
    await station.add(meter({ serialNumber: '87654321' }));
    await station.add(meter({ serialNumber: '55555555' }));
    await station.add(meter({ serialNumber: '55555555' }));
    await listen(0);
    await say(['12345678']);
    await say(['55555555']);
    await say(['99999991']);
    await say(['87654321'], { ...telegram('1'), errorCode: 65541 });
    await say(['87654321'], telegram('2', { otherMeter: '4711' }));
    await until(1, 3);
    expect(await outcomes(1)).toEqual([['0', '100']]);
    expect(await outcomes(2)).toEqual([
      ['besides', '1'],
      ['besides', '2'],
      ['0', 'Nothing was heard of this meter.'],
    ]);
    for (const id of [3, 4])
      expect(await outcomes(id)).toEqual([
        ['0', expect.stringMatching(/heard of this meter. A telegram came that it may/)],
      ]);
  });

  test('says nothing of the slots of meters that are asked, though their number is heard', async () => {
    for (let entries = 0; entries < 2; entries++) await station.add(meter({ settings: {} }));
    await listen(0);
    await until(0, 20);
    await say();
    isPlugged = false;
    registry.portsChanged();
    await until(2, 5);
    plugIn();
    isPlugged = true;
    registry.portsChanged();
    await until(3, 5);
    expect((await outcomes()).filter(([at]) => at !== 'besides')).toEqual([
      ['0', 'asked'],
      ['1', 'Port 1 was missing.'],
      ['2', 'asked'],
      ['3', 'asked'],
    ]);
  });

  test('leaves nothing open where it is taken off the list, or the schedule is switched off', async () => {
    await station.add(meter());
    await listen();
    await say();
    await until(2, 5);
    await station.setSchedule({ enabled: false });
    await seconds(2);
    await say();
    expect(await outcomes()).toEqual([
      ['0', '100'],
      ['1', 'Nothing was heard of this meter.'],
      ['2', 'The schedule was changed before its turn came.'],
    ]);
    await clock.run(clock.sleep(15 * MINUTE));
    await say();
    expect((await outcomes()).slice(3)).toEqual([['besides', '102']]);
  });

  test('though it could be asked is asked, where it does not speak by itself', async () => {
    await station.add(meter({ settings: {} }));
    await listen();
    await seconds(2);
    await say();
    await until(1, 5);
    expect(asked.length).toBeGreaterThan(0);
    expect(station.state().meters[0]).not.toHaveProperty('heard');
  });

  test.each([1, 2])('has exactly one outcome in each slot, whatever happens (%i)', async (seed) => {
    let state = seed;
    /** A linear congruential generator (Numerical Recipes): a failure can be repeated. */
    const random = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
    await station.add(meter());
    await listen();
    for (let step = 0; step < 60; step++) {
      await seconds(5 + Math.floor(random() * 40));
      const dice = random();
      if (dice < 0.5 && ear) await say();
      else if (dice < 0.6) await (station.listening.states().length > 0 ? station.listening.stop(PORT) : listen());
      else if (dice < 0.7) {
        isPlugged = !isPlugged;
        plugIn();
        registry.portsChanged();
      } else if (dice < 0.75) await restart();
      else if (dice < 0.8) skew -= Math.floor(random() * 30_000);
    }
    await station.setSchedule({ enabled: false });
    const count = new Map<number, number>();
    for (const { slots } of await records())
      for (let at = slots?.first ?? Infinity; at <= (slots?.last ?? 0); at += MINUTE)
        count.set(at, (count.get(at) ?? 0) + 1);
    const all = Array.from({ length: Math.floor((clock.now() - START) / MINUTE) }, (_, i) => slot(i));
    expect(all.map((at) => [at, count.get(at)])).toEqual(all.map((at) => [at, 1]));
  });
});
