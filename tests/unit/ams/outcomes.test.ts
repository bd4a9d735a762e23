import { describe, expect, test } from 'vitest';
import { createOutcomes, type TimedRecord } from '../../../src/ams/outcomes.ts';
import type { ScheduleHost } from '../../../src/ams/schedule-host.ts';
import { createScheduler } from '../../../src/ams/scheduler.ts';
import { UnfitRecord } from '../../../src/log/ring-changes.ts';
import { createWorld, good, meterAt, MINUTE, START, turnsOf, type World } from './schedule-world.ts';

const slot = (minute: number) => START + minute * MINUTE;

async function tickAt(world: World, scheduler: ReturnType<typeof createScheduler>, minute: number): Promise<void> {
  const ms = slot(minute) - world.time.now();
  if (ms > 0) await world.time.run(world.time.sleep(ms), ms + 1);
  scheduler.tick();
  await world.time.run(scheduler.idle());
  await world.time.run(world.time.sleep(1));
}

/** The store refuses the next so many appends that `which` chooses. */
function refuse(world: World, count: number, which: (record: TimedRecord) => boolean = () => true): ScheduleHost {
  return {
    ...world.host,
    append: (record, meterId) =>
      which(record) && count-- > 0 ? Promise.reject(new Error('full')) : world.host.append(record, meterId),
  };
}

const kept = (world: World) =>
  world.appended.map(({ record }) =>
    record.type === 'AMS' ? [record.errorCode, record.slots, record.time] : record.type,
  );
const span = (first: number, last: number) => ({ count: last - first + 1, first: slot(first), last: slot(last) });

describe('outcomes that the store refuses', () => {
  test('"missed" refused and the reading after it taken: both are in the log at the end, with the time they were made', async () => {
    const world = createWorld([meterAt(1, 'a')]);
    const scheduler = createScheduler(refuse(world, 1, (record) => record.type === 'AMS' && record.errorCode === 4));
    await tickAt(world, scheduler, 0);
    await tickAt(world, scheduler, 5);
    await tickAt(world, scheduler, 6);
    await tickAt(world, scheduler, 7);
    const at = (minute: number) => slot(minute) / 1000;
    expect(kept(world)).toHaveLength(5);
    expect(kept(world)).toEqual(
      expect.arrayContaining([
        [0, span(0, 0), at(0)],
        [0, span(5, 5), at(5)],
        [4, span(1, 4), at(5)],
        [0, span(6, 6), at(6)],
        [0, span(7, 7), at(7)],
      ]),
    );
    expect(world.errors).toEqual([new Error('full')]);
    expect(await world.store.owed()).toEqual([]);
  });

  test('a reading is kept with its data through a store that is full for minutes', async () => {
    const world = createWorld([meterAt(1, 'a')]);
    const scheduler = createScheduler(refuse(world, 4));
    for (let minute = 0; minute <= 20; minute++) await tickAt(world, scheduler, minute);
    const slots = world.appended.flatMap(({ record }) => (record.type === 'AMS' ? [record.slots] : []));
    expect(slots.reduce((sum, each) => sum + (each?.count ?? 0), 0)).toBe(21);
    const first = world.appended.find(({ record }) => record.type === 'AMS' && record.slots?.first === slot(0));
    expect(first?.record).toMatchObject({ errorCode: 0, data: good.data, time: slot(0) / 1000 });
  });

  test('a record that is never taken holds up no other, and is told', async () => {
    const stored: TimedRecord[] = [];
    const errors: unknown[] = [];
    const outcomes = createOutcomes({
      append: (record) => {
        if ((record.time ?? 0) > 0xffff_ffff) return Promise.reject(new UnfitRecord('no time stamp'));
        stored.push(record);
        return Promise.resolve();
      },
      onError: (error) => errors.push(error),
    });
    for (let i = 0; i < 5; i++) await outcomes.keep({ type: 'SYSTART', time: 2 ** 33 });
    for (let i = 1; i <= 3; i++) await outcomes.keep({ type: 'SYSTART', time: i });
    for (let i = 0; i < 3; i++) await outcomes.retry();
    expect(stored.map(({ time }) => time)).toEqual([1, 2, 3]);
    // Waiting would not help it, and would rest the schedule.
    expect(outcomes.waiting).toBe(0);
    expect(errors).toEqual(Array.from({ length: 5 }, () => new UnfitRecord('no time stamp')));
  });

  test('a store that takes nothing is asked for three of them at a time, and each is told once', async () => {
    const stored: (number | undefined)[] = [];
    const errors: unknown[] = [];
    let isFull = true;
    let asked = 0;
    const outcomes = createOutcomes({
      async append({ time }) {
        asked++;
        if (isFull) throw new Error('full');
        stored.push(time);
      },
      onError: (error) => errors.push(error),
    });
    for (let time = 1; time <= 5; time++) await outcomes.keep({ type: 'SYSTART', time });
    // The last has not had its turn yet.
    expect([asked, errors.length, outcomes.waiting]).toEqual([1 + 2 + 3 * 3, 4, 5]);
    isFull = false;
    await outcomes.retry();
    expect(stored.toSorted()).toEqual([1, 2, 3, 4, 5]);
    expect([errors.length, outcomes.waiting]).toEqual([4, 0]);
  });

  test('no more wait than an hour brings; what goes beyond it is still owed in the store', async () => {
    const stored: (number | undefined)[] = [];
    let isFull = true;
    const outcomes = createOutcomes({
      async append({ time }) {
        if (isFull) throw new Error('full');
        stored.push(time);
      },
      onError: () => undefined,
    });
    for (let time = 1; time <= 4100; time++) await outcomes.keep({ type: 'SYSTART', time });
    expect(outcomes.waiting).toBe(4096);
    isFull = false;
    await outcomes.retry();
    expect(new Set(stored).size).toBe(4096);
    expect(stored).toContain(4100);
  });

  test('a reading larger than the log: its slot is recorded as read and not kept, and the schedule goes on', async () => {
    const world = createWorld([meterAt(1, 'a'), meterAt(2, 'b')]);
    world.read = ({ id }) => Promise.resolve(id === 'a' ? { ...good, data: 'x'.repeat(2000) } : good);
    let broken = true;
    const host: ScheduleHost = {
      ...world.host,
      append: (record, meterId) => {
        if (record.type === 'AMS' && record.data.length > 1000) {
          return Promise.reject(new UnfitRecord('a record of 2048 bytes does not fit into a log of 1024 bytes'));
        }
        // Also where the storage fails at first.
        if (meterId === 'a' && broken) return Promise.reject(new Error('full'));
        return world.host.append(record, meterId);
      },
    };
    const scheduler = createScheduler(host);
    await tickAt(world, scheduler, 0);
    broken = false;
    for (let minute = 1; minute <= 3; minute++) await tickAt(world, scheduler, minute);
    const of = (id: string) => world.appended.filter(({ meterId }) => meterId === id).map(({ record }) => record);
    expect(of('a')).toHaveLength(4);
    for (const record of of('a')) {
      expect(record).toMatchObject({
        errorCode: 2,
        data: '',
        slots: { count: 1 },
        circumstances: { message: expect.stringContaining('a record of 2048 bytes') as string },
      });
    }
    expect(of('b')).toMatchObject(Array.from({ length: 4 }, () => ({ errorCode: 0, slots: { count: 1 } })));
    expect(await world.store.owed()).toEqual([]);
  });

  test('slots whose claims the store refused are told as that', async () => {
    const world = createWorld([meterAt(1, 'a')]);
    let broken = false;
    const store = {
      ...world.store,
      claim: (...args: Parameters<typeof world.store.claim>) =>
        broken ? Promise.reject(new Error('closed')) : world.store.claim(...args),
    };
    const scheduler = createScheduler({ ...world.host, store });
    await tickAt(world, scheduler, 0);
    broken = true;
    for (let minute = 1; minute < 4; minute += 0.25) await tickAt(world, scheduler, minute);
    broken = false;
    for (let minute = 4; minute < 7; minute += 0.25) await tickAt(world, scheduler, minute);
    const missed = world.appended.filter(({ record }) => record.type === 'AMS' && record.errorCode === 4);
    expect(missed.map(({ record }) => record)).toMatchObject([
      { circumstances: { message: expect.stringContaining('storage failed') as string } },
    ]);
  });
});

describe('slots that somebody else has settled', () => {
  test('a reading that comes after its slot was written off by the next owner is kept, but not as its outcome', async () => {
    const world = createWorld([meterAt(1, 'a')]);
    world.read = async () => {
      await world.time.sleep(10_000);
      return good;
    };
    const frozen = createScheduler(world.host);
    frozen.tick();
    await world.time.run(world.time.sleep(5000));
    const absence = { missed: 'frozen', unfinished: 'frozen in the middle' };
    const next = createScheduler({ ...world.host, takeTurn: turnsOf(world.time), absence });
    await next.recover();
    await world.time.run(frozen.idle());
    expect(world.appended.map(({ record }) => record)).toMatchObject([
      { errorCode: 4, slots: span(0, 0), circumstances: { message: 'frozen in the middle' } },
      {
        errorCode: 0,
        data: good.data,
        circumstances: { notes: [expect.stringContaining('after its slot') as string] },
      },
    ]);
    expect(world.appended[1]?.record).not.toHaveProperty('slots');
    expect(world.appended[1]?.meterId).toBe('a');
    expect(world.errors).toEqual([]);
  });
});

describe('slots of a schedule that is changed', () => {
  test('what waits for its port, and what a sleep left, is recorded before a meter gets other slots', async () => {
    const world = createWorld([meterAt(1, 'a'), meterAt(1, 'b')]);
    world.read = async () => {
      await world.time.sleep(20_000);
      return good;
    };
    const scheduler = createScheduler(world.host);
    scheduler.tick();
    await world.time.run(world.time.sleep(1000));
    await world.time.run(scheduler.closeOutages(['a', 'b']));
    world.meters = world.meters.map((meter) => ({ ...meter, interval: '5M', since: world.host.clock.now() }));
    await world.time.run(scheduler.idle());
    expect(kept(world)).toEqual([
      [4, span(0, 0), slot(0) / 1000 + 1],
      [0, span(0, 0), slot(0) / 1000 + 20],
    ]);
    expect(world.appended.map(({ meterId }) => meterId)).toEqual(['b', 'a']);
  });
});
