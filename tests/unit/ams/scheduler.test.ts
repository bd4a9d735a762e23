import { describe, expect, test } from 'vitest';
import { createPortQueues } from '../../../src/ams/port-queues.ts';
import { createScheduler } from '../../../src/ams/scheduler.ts';
import type { AmsRecord } from '../../../src/log/record.ts';
import { MeterError } from '../../../src/protocols/common/meter-error.ts';
import { createWorld, good, meterAt, MINUTE, START, type World } from './schedule-world.ts';

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

describe('port queues', () => {
  test('one job at a time on a port, in order; a person goes first but interrupts nothing', async () => {
    const queues = createPortQueues();
    const order: string[] = [];
    const gates: (() => void)[] = [];
    const job = (name: string) => () => {
      order.push(name);
      return new Promise<void>((resolve) => gates.push(resolve));
    };
    const jobs = [
      queues.run(1, job('a')),
      queues.run(1, job('b')),
      queues.run(1, job('c'), 'first'),
      queues.run(2, job('x')),
    ];
    expect(order).toEqual(['a', 'x']);
    expect(queues.length(1)).toBe(3);
    while (order.length < 4 || gates.length > 0) {
      gates.shift()?.();
      await Promise.resolve();
    }
    await Promise.all(jobs);
    await queues.idle();
    expect(order).toEqual(['a', 'x', 'c', 'b']);
    expect(queues.length(1)).toBe(0);
  });

  test('a job that rejects does not stop the queue', async () => {
    const queues = createPortQueues();
    const bad = queues.run(1, () => Promise.reject(new Error('no')));
    const next = queues.run(1, () => Promise.resolve('yes'));
    await expect(bad).rejects.toThrow('no');
    await expect(next).resolves.toBe('yes');
  });
});

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
    });
  });

  test('two schedulers on one store read each slot once', async () => {
    const world = createWorld([meterAt(1, 'a'), meterAt(2, 'b')]);
    const one = createScheduler(world.host);
    const two = createScheduler({ ...world.host, queues: createPortQueues() });
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
          message: 'No window was open, or the device slept.',
          notes: ['479 readings missed, from 2026-11-20T00:01Z to 2026-11-20T07:59Z'],
        },
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
    const ofA = () => world.appended.filter(({ outcome }) => outcome.meterId === 'a').map(({ record }) => record);
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
    await scheduler.closeOutages();
    await scheduler.closeOutages();
    expect(ofA().slice(3)).toMatchObject([
      {
        errorCode: 4,
        circumstances: { message: 'Port 1 was missing.', notes: [expect.stringContaining('2 readings')] },
      },
    ]);
    expect(await world.store.unsettled()).toEqual([]);
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

  test('a clock set back, by a leap second or by hours, reads no slot twice', async () => {
    const world = createWorld([meterAt(1, 'a')]);
    const scheduler = createScheduler(world.host);
    for (let minute = 0; minute < 400; minute++) {
      if (minute === 60) world.skew = -1000;
      if (minute === 100) world.skew = -3_600_000;
      await tickAt(world, scheduler, minute);
    }
    const slots = world.appended.map(({ outcome }) => outcome.slot);
    expect(new Set(slots).size).toBe(slots.length);
    expect(Math.max(...slots)).toBe(slot(339));
    expect(slots).toHaveLength(340);
  });

  test('a clock set back into an outage that is recorded does not read its slots', async () => {
    const world = createWorld([meterAt(1, 'a')]);
    const scheduler = createScheduler(world.host);
    await tickAt(world, scheduler, 0);
    await tickAt(world, scheduler, 20);
    world.skew = -10 * MINUTE;
    for (let minute = 21; minute <= 32; minute++) await tickAt(world, scheduler, minute);
    expect(world.reads.map((read) => read.slot)).toEqual([0, 20, 21, 22].map(slot));
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

  test('a store that fails is reported and the schedule goes on', async () => {
    const world = createWorld([meterAt(1, 'a')]);
    let broken = true;
    const scheduler = createScheduler({
      ...world.host,
      append: (record, outcome) => (broken ? Promise.reject(new Error('full')) : world.host.append(record, outcome)),
    });
    await tickAt(world, scheduler, 0);
    expect(world.errors).toEqual([new Error('full')]);
    broken = false;
    await scheduler.recover();
    await tickAt(world, scheduler, 1);
    expect(records(world)).toMatchObject([{ errorCode: 4 }, { errorCode: 0 }]);
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
