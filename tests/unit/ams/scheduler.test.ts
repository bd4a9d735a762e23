import { describe, expect, test } from 'vitest';
import { createScheduler } from '../../../src/ams/scheduler.ts';
import type { AmsRecord } from '../../../src/log/record.ts';
import { MeterError } from '../../../src/common/meter-error.ts';
import { createWorld, good, meterAt, MINUTE, START, turnsOf, type World } from './schedule-world.ts';

const slot = (minute: number) => START + minute * MINUTE;
const failed = { errorCode: 65541, identification: '', data: '' };

function records(world: World): readonly Partial<AmsRecord>[] {
  return world.appended.map(({ record }) => record as Partial<AmsRecord>);
}

/** Lets virtual time pass until `minute` (counted from the start) and what then runs come to its end. */
async function at(world: World, minute: number): Promise<void> {
  const ms = slot(minute) - world.time.now();
  if (ms > 0) await world.time.run(world.time.sleep(ms), ms + 1);
}

async function tickAt(world: World, scheduler: ReturnType<typeof createScheduler>, minute: number): Promise<void> {
  await at(world, minute);
  scheduler.tick();
  await world.time.run(scheduler.idle());
}

describe('scheduler', () => {
  test('reads each slot once, however often it is asked', async () => {
    const world = createWorld([
      meterAt(1, 'a'),
      meterAt(2, 'b', { interval: '2M' }),
      meterAt(2, 'off', { enabled: false }),
    ]);
    const scheduler = createScheduler(world.host);
    for (const minute of [0, 0.1, 0.5, 1, 1.2, 2]) await tickAt(world, scheduler, minute);
    expect(world.reads.map(({ meterId, slot }) => [meterId, slot])).toEqual([
      ['a', slot(0)],
      ['b', slot(0)],
      ['a', slot(1)],
      ['a', slot(2)],
      ['b', slot(2)],
    ]);
    expect(records(world)[1]).toMatchObject({
      type: 'AMS',
      protocol: 'IEC62056-21',
      index: 2,
      address: 'b',
      port: 'Port 2',
      data: good.data,
      circumstances: { attempts: 1 },
      slots: { count: 1, first: slot(0), last: slot(0) },
      time: slot(0) / 1000,
    });
  });

  test('two schedulers on one store read each slot once', async () => {
    const world = createWorld([meterAt(1, 'a'), meterAt(2, 'b')]);
    const one = createScheduler(world.host);
    const two = createScheduler({ ...world.host, takeTurn: turnsOf(world.time) });
    for (const minute of [0, 1, 2]) {
      await at(world, minute);
      one.tick();
      two.tick();
      await world.time.run(Promise.all([one.idle(), two.idle()]));
    }
    expect(world.reads).toHaveLength(6);
  });

  test('does nothing while switched off, and owes nothing for that time', async () => {
    const world = createWorld([meterAt(1, 'a')]);
    world.enabledSince = undefined;
    const scheduler = createScheduler(world.host);
    await tickAt(world, scheduler, 0);
    expect(world.reads).toEqual([]);
    world.enabledSince = slot(10.5);
    await tickAt(world, scheduler, 10.6);
    expect(world.reads).toEqual([]);
    await tickAt(world, scheduler, 11);
    expect(world.appended).toHaveLength(1);
  });

  test('tries again as often as it was told and records the last attempt', async () => {
    const world = createWorld([meterAt(1, 'a')]);
    world.retries = 2;
    let attempts = 0;
    world.read = () => Promise.resolve(++attempts < 3 ? failed : good);
    const scheduler = createScheduler(world.host);
    await tickAt(world, scheduler, 0);
    expect(records(world)).toMatchObject([{ errorCode: 0, circumstances: { attempts: 3 } }]);
    world.read = () => Promise.resolve(failed);
    await tickAt(world, scheduler, 1);
    expect(world.reads).toHaveLength(6);
    expect(records(world)[1]).toMatchObject({ errorCode: 65541, circumstances: { attempts: 3 } });
    world.read = () => Promise.resolve({ ...failed, errorCode: 65538 });
    await tickAt(world, scheduler, 2);
    expect(records(world)[2]).toMatchObject({ errorCode: 65538, circumstances: { attempts: 1 } });
  });

  test('a reading that rejects is an outcome too', async () => {
    const world = createWorld([meterAt(1, 'a')]);
    const scheduler = createScheduler(world.host);
    world.read = () => Promise.reject(new MeterError(131075, 'The port was lost.', { hint: 'Plug it in.' }));
    await tickAt(world, scheduler, 0);
    world.read = () => Promise.reject(new Error('lost'));
    await tickAt(world, scheduler, 1);
    expect(records(world)).toMatchObject([
      { errorCode: 131075, circumstances: { message: 'The port was lost.', hint: 'Plug it in.' } },
      { errorCode: 4, circumstances: { message: 'lost' } },
    ]);
    expect(world.errors).toEqual([]);
  });

  test('after a sleep: one record of the outage per meter, one late reading, no burst', async () => {
    const world = createWorld([meterAt(1, 'a'), meterAt(1, 'b')]);
    const scheduler = createScheduler(world.host);
    await tickAt(world, scheduler, 0);
    await tickAt(world, scheduler, 480.4);
    await tickAt(world, scheduler, 480.9);
    expect(world.reads).toHaveLength(4);
    expect(records(world).slice(2)).toMatchObject([
      {
        errorCode: 4,
        index: 1,
        circumstances: {
          message: 'The browser had stopped this window, or the device slept.',
          notes: ['479 readings missed, from 2026-11-20T00:01Z to 2026-11-20T07:59Z'],
        },
        slots: { count: 479, first: slot(1), last: slot(479) },
      },
      { errorCode: 0, index: 1 },
      { errorCode: 4, index: 2 },
      { errorCode: 0, index: 2 },
    ]);
  });

  test('a missing port: one record when it is back, or when the schedule is switched off before', async () => {
    const world = createWorld([meterAt(1, 'a'), meterAt(2, 'b')]);
    const scheduler = createScheduler(world.host);
    await tickAt(world, scheduler, 0);
    world.missingPorts = new Set([1]);
    for (const minute of [1, 2, 3]) await tickAt(world, scheduler, minute);
    world.missingPorts = new Set();
    await tickAt(world, scheduler, 4);
    const ofA = () => world.appended.filter(({ meterId }) => meterId === 'a').map(({ record }) => record);
    expect(ofA()).toMatchObject([
      { errorCode: 0 },
      {
        errorCode: 4,
        circumstances: { message: 'Port 1 was missing.', notes: [expect.stringContaining('3 readings')] },
      },
      { errorCode: 0 },
    ]);

    world.missingPorts = new Set([1]);
    for (const minute of [5, 6]) await tickAt(world, scheduler, minute);
    await scheduler.closeOutages(['a', 'b']);
    await scheduler.closeOutages(['a', 'b']);
    expect(ofA().slice(3)).toMatchObject([
      {
        errorCode: 4,
        circumstances: { message: 'Port 1 was missing.', notes: [expect.stringContaining('2 readings')] },
      },
    ]);
    expect(await world.store.owed()).toEqual([]);
  });

  test('a port that was missing once is no reason for what is missed later', async () => {
    const world = createWorld([meterAt(1, 'a')]);
    const scheduler = createScheduler(world.host);
    world.missingPorts = new Set([1]);
    for (const minute of [0, 1]) await tickAt(world, scheduler, minute);
    world.missingPorts = new Set();
    await tickAt(world, scheduler, 2);
    await tickAt(world, scheduler, 480);
    expect(records(world).map(({ circumstances }) => circumstances?.message)).toEqual([
      'Port 1 was missing.',
      undefined,
      'The browser had stopped this window, or the device slept.',
      undefined,
    ]);
  });

  test('a reading that takes longer than its interval says so', async () => {
    const world = createWorld([meterAt(1, 'a')]);
    world.read = async () => {
      await world.time.sleep(150_000);
      return good;
    };
    const scheduler = createScheduler(world.host);
    for (let minute = 0; minute < 4; minute += 0.1) {
      await at(world, minute);
      scheduler.tick();
    }
    await world.time.run(scheduler.idle());
    expect(records(world)[1]).toMatchObject({
      errorCode: 4,
      circumstances: { message: expect.stringContaining('still busy') as string },
      slots: { count: 1, first: slot(1), last: slot(1) },
    });
  });

  test('a store that fails is asked less and less often', async () => {
    const world = createWorld([meterAt(1, 'a')]);
    const asked: number[] = [];
    world.store.lastSlot = () => {
      asked.push(world.time.monotonic());
      return Promise.reject(new Error('no storage'));
    };
    const scheduler = createScheduler(world.host);
    for (let second = 0; second < 20; second++) await tickAt(world, scheduler, second / 60);
    expect(asked).toEqual([0, 1000, 3000, 7000, 15_000]);
    expect(world.errors).toHaveLength(5);
  });

  test('what is being read while the store works again is not written off', async () => {
    const world = createWorld([meterAt(1, 'a'), meterAt(2, 'b')]);
    world.read = async () => {
      await world.time.sleep(30_000);
      return good;
    };
    const { claim } = world.store;
    let refusals = 1;
    world.store.claim = (meterId, ...rest) =>
      meterId === 'b' && refusals-- > 0 ? Promise.reject(new Error('no storage')) : claim(meterId, ...rest);
    const scheduler = createScheduler(world.host);
    for (let second = 0; second < 90; second += 5) {
      await at(world, second / 60);
      scheduler.tick();
    }
    await world.time.run(scheduler.idle());
    expect(records(world).filter(({ errorCode }) => errorCode === 4)).toEqual([]);
    expect(world.appended.map(({ record, meterId }) => [meterId, (record as AmsRecord).slots?.first])).toEqual([
      ['a', slot(0)],
      ['b', slot(0)],
      ['a', slot(1)],
      ['b', slot(1)],
    ]);
  });

  test('a record has the time at which it was made, where that can be one', async () => {
    const world = createWorld([meterAt(1, 'a')]);
    const scheduler = createScheduler(world.host);
    await tickAt(world, scheduler, 0.5);
    world.skew = Date.UTC(2107, 0) - START;
    await tickAt(world, scheduler, 1.5);
    expect(world.appended[0]?.record.time).toBe(slot(0.5) / 1000);
    expect(world.appended.length).toBeGreaterThan(1);
    for (const { record } of world.appended.slice(1)) expect(record).not.toHaveProperty('time');
  });

  test('a bus that is too slow says so, and every meter gets its turn', async () => {
    const world = createWorld([meterAt(1, 'a'), meterAt(1, 'b'), meterAt(1, 'c')]);
    world.read = async () => {
      await world.time.sleep(50_000);
      return good;
    };
    const scheduler = createScheduler(world.host);
    for (let minute = 0; minute < 12; minute += 0.25) {
      await at(world, minute);
      scheduler.tick();
    }
    await world.time.run(scheduler.idle());
    const counts = ['a', 'b', 'c'].map((id) => world.reads.filter(({ meterId }) => meterId === id).length);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    const missed = records(world).filter(({ errorCode }) => errorCode === 4);
    expect(missed.length).toBeGreaterThan(0);
    for (const { circumstances } of missed) expect(circumstances?.message).toMatch(/still busy/);
  });

  test('a clock corrected by less than a minute reads no slot twice and tells nothing', async () => {
    const world = createWorld([meterAt(1, 'a'), meterAt(2, 'b', { interval: '1D' })]);
    const scheduler = createScheduler(world.host);
    for (let minute = 0; minute < 100; minute++) {
      if (minute % 20 === 19) world.skew -= 59_000;
      await tickAt(world, scheduler, minute);
    }
    const slots = world.reads.map(({ meterId, slot }) => `${meterId} ${slot}`);
    expect(new Set(slots).size).toBe(slots.length);
    expect(records(world).map(({ type }) => type)).not.toContain('SYSTART');
  });

  test.each([2, 60, 23 * 60])('a clock set back by %i minutes: reading goes on, and it is a record', async (back) => {
    const world = createWorld([meterAt(1, 'a'), meterAt(1, 'b', { interval: '15M' }), meterAt(2, 'c')]);
    const scheduler = createScheduler(world.host);
    for (let minute = 0; minute < 30; minute++) await tickAt(world, scheduler, minute);
    world.skew = -back * MINUTE;
    const before = world.appended.length;
    for (let minute = 30; minute < 60; minute++) await tickAt(world, scheduler, minute);
    const since = world.appended.slice(before);
    const readOf = (id: string) => since.filter(({ meterId }) => meterId === id).map(({ record }) => record);
    // The slot of the very minute the clock now shows may have been read before; from the next on each is.
    expect(readOf('a').length).toBeGreaterThanOrEqual(29);
    expect(readOf('c').length).toBe(readOf('a').length);
    expect(readOf('b').length).toBeGreaterThanOrEqual(1);
    expect(records(world).filter(({ errorCode }) => errorCode === 4)).toEqual([]);
    expect(since.filter(({ record }) => record.type === 'SYSTART').map(({ record }) => record)).toEqual([
      {
        type: 'SYSTART',
        setBack: { from: slot(30), to: slot(30 - back) },
        time: slot(30 - back) / 1000,
      },
    ]);
    expect(world.errors).toEqual([]);
  });

  test('a clock set back while no window was open is told once, by the start after it', async () => {
    const world = createWorld([meterAt(1, 'a'), meterAt(2, 'b'), meterAt(3, 'c')]);
    await tickAt(world, createScheduler(world.host), 10);
    world.skew = -3_600_000;
    const next = createScheduler(world.host);
    await next.recover();
    for (const minute of [11, 12, 13]) await tickAt(world, next, minute);
    expect(records(world).filter(({ type }) => (type as string) === 'SYSTART')).toEqual([
      { type: 'SYSTART', setBack: { from: slot(10), to: slot(-49) }, time: slot(-49) / 1000 },
    ]);
    expect(world.reads.slice(3).map((read) => read.slot)).toEqual(
      [-49, -49, -49, -48, -48, -48, -47, -47, -47].map(slot),
    );
  });

  test('a slot that was read too early, by a clock set ahead, is read when it comes', async () => {
    const world = createWorld([meterAt(1, 'a', { interval: '5M', since: slot(4.5) })]);
    const scheduler = createScheduler(world.host);
    world.skew = 65_000;
    await tickAt(world, scheduler, 4);
    world.skew = 0;
    for (const minute of [4.2, 4.4, 5]) await tickAt(world, scheduler, minute);
    expect(world.reads.map((read) => [read.slot, read.at])).toEqual([
      [slot(5), slot(4) + 65_000],
      [slot(5), slot(5)],
    ]);
  });

  test('what a clock set ahead for an hour had written down does not stop or falsify anything', async () => {
    const world = createWorld([meterAt(1, 'a')]);
    const scheduler = createScheduler(world.host);
    for (const minute of [0, 1]) await tickAt(world, scheduler, minute);
    world.skew = 60 * MINUTE;
    world.enabledSince = slot(62);
    world.meters = [meterAt(1, 'a', { since: slot(62) })];
    for (const minute of [2, 3]) await tickAt(world, scheduler, minute);
    world.skew = 0;
    for (const minute of [4, 5, 9]) await tickAt(world, scheduler, minute);
    expect(world.reads.map((read) => read.slot)).toEqual([0, 1, 62, 63, 4, 5, 9].map(slot));
    expect(records(world).at(-2)).toMatchObject({ errorCode: 4, slots: { count: 3, first: slot(6), last: slot(8) } });
  });

  test('a clock that was years ahead and is set right reads on', async () => {
    const world = createWorld([meterAt(1, 'a')]);
    const scheduler = createScheduler(world.host);
    await tickAt(world, scheduler, 0);
    world.skew = 10 * 365 * 86_400_000;
    await tickAt(world, scheduler, 1);
    world.skew = 0;
    for (const minute of [2, 3, 4]) await tickAt(world, scheduler, minute);
    expect(world.reads.filter(({ slot }) => slot < START + 86_400_000).map(({ slot }) => slot)).toEqual(
      [0, 2, 3, 4].map(slot),
    );
  });

  test('what a killed owner left is recorded once by the next', async () => {
    const world = createWorld([meterAt(1, 'a')]);
    await at(world, 5);
    await world.store.claim('a', slot(5), { count: 4, first: slot(1), last: slot(4) });
    await world.store.claim('gone', slot(5));
    const scheduler = createScheduler(world.host);
    await scheduler.recover();
    await scheduler.recover();
    expect(records(world)).toMatchObject([
      {
        errorCode: 4,
        index: 1,
        circumstances: { notes: ['5 readings missed, from 2026-11-20T00:01Z to 2026-11-20T00:05Z'] },
      },
      { errorCode: 4, index: 0, protocol: 'Unknown' },
    ]);
  });

  test('a meter changed or removed while it waits is read as it is now, or not at all', async () => {
    const world = createWorld([meterAt(1, 'a'), meterAt(1, 'b'), meterAt(1, 'c')]);
    world.read = async () => {
      await world.time.sleep(1000);
      return good;
    };
    const scheduler = createScheduler(world.host);
    scheduler.tick();
    world.meters = [meterAt(1, 'a'), meterAt(1, 'c', { address: 'new' })];
    await world.time.run(scheduler.idle());
    expect(records(world)).toMatchObject([{ address: 'a' }, { address: 'new', index: 2 }]);
  });

  test('a meter moved to another port while it waits is read there, and not where it was', async () => {
    const world = createWorld([meterAt(1, 'a'), meterAt(1, 'b')]);
    const ports: number[] = [];
    const { takeTurn } = world.host;
    const host: typeof world.host = {
      ...world.host,
      takeTurn: (port, job, signal) =>
        takeTurn(
          port,
          async (turn) => {
            const before = world.reads.length;
            await job(turn);
            if (world.reads.length > before) ports.push(port);
          },
          signal,
        ),
    };
    world.read = async () => {
      await world.time.sleep(1000);
      return good;
    };
    const scheduler = createScheduler(host);
    scheduler.tick();
    world.meters = [meterAt(1, 'a'), meterAt(2, 'b')];
    await world.time.run(scheduler.idle());
    expect(records(world)).toMatchObject([{ address: 'a' }]);
    scheduler.tick();
    await world.time.run(scheduler.idle());
    expect(records(world)).toMatchObject([{ address: 'a' }, { address: 'b', port: 'Port 2' }]);
    expect(ports).toEqual([1, 2]);
  });

  test('stop ends the running reading and starts no other', async () => {
    const world = createWorld([meterAt(1, 'a'), meterAt(1, 'b')]);
    world.read = (_meter, _slot, signal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve({ ...failed, errorCode: 65537 })));
    const scheduler = createScheduler(world.host);
    scheduler.tick();
    await world.time.run(world.time.sleep(10));
    await world.time.run(scheduler.stop());
    scheduler.tick(slot(1));
    expect(records(world)).toMatchObject([{ errorCode: 65537 }]);
    expect(world.reads).toHaveLength(1);
  });
});
