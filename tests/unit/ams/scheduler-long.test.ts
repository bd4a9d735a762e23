import { expect, test } from 'vitest';
import type { TimedRecord } from '../../../src/ams/outcomes.ts';
import type { ScheduleHost } from '../../../src/ams/schedule-host.ts';
import { createScheduler } from '../../../src/ams/scheduler.ts';
import { AlreadySettled } from '../../../src/ams/slot-store.ts';
import { createWorld, good, meterAt, MINUTE, START } from './schedule-world.ts';

/** Each with faults of its own. Three by default; SCHEDULE_DAYS=30 for more. */
const days = Array.from({ length: Number(process.env['SCHEDULE_DAYS'] ?? 3) }, (_, i) => i + 1);
const SLOTS = 24 * 60;
const METERS = 64;
const PORTS = 8;

/** A small deterministic generator (mulberry32), so that a failure can be repeated. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test.each(days)(
  `${METERS} meters at 1M with 5 % faults and a store that fails, day %i: every slot has exactly one outcome`,
  { timeout: 600_000 },
  async (day) => {
    const random = generator(day);
    const world = createWorld(Array.from({ length: METERS }, (_, i) => meterAt((i % PORTS) + 1, `m${i}`)));
    world.retries = 1;
    const outcomes = new Map(world.meters.map(({ id }) => [id, new Uint8Array(SLOTS + 1)]));
    const busyPorts = new Set<number>();
    let overlaps = 0;
    let faults = 0;

    world.read = async (meter) => {
      if (busyPorts.has(meter.port)) overlaps++;
      busyPorts.add(meter.port);
      await world.time.sleep(300 + random() * 2000);
      busyPorts.delete(meter.port);
      if (random() >= 0.05) return good;
      faults++;
      if (faults % 3 === 0) throw new Error('port lost');
      return { errorCode: 65541, identification: '', data: '' };
    };
    const refusals = { claim: 0, append: 0 };
    /** A store that fails once in 500 times, before or after it has written. */
    const shaky = async <T>(what: keyof typeof refusals, work: () => T | Promise<T>): Promise<T> => {
      const dice = random();
      if (dice < 0.001) throw new Error(`the ${what} was refused ${String(++refusals[what])} times`);
      const result = await work();
      if (dice < 0.002) throw new Error(`the ${what} was refused ${String(++refusals[what])} times`);
      return result;
    };
    const append = (record: TimedRecord, meterId?: string) =>
      shaky('append', async () => {
        if (record.type !== 'AMS' || meterId === undefined || !record.slots) return;
        if (!(await world.store.isOwed({ meterId, slots: record.slots }))) throw new AlreadySettled();
        world.store.settle({ meterId, slots: record.slots });
        const counts = outcomes.get(meterId) ?? new Uint8Array();
        const { first, last } = record.slots;
        for (let at = first; at <= last; at += MINUTE)
          counts[(at - START) / MINUTE] = (counts[(at - START) / MINUTE] ?? 0) + 1;
      });
    const store: typeof world.host.store = {
      ...world.store,
      claim: (...args) => shaky('claim', () => world.store.claim(...args)),
      lastSlot: (id) => shaky('claim', () => world.store.lastSlot(id)),
      owed: () => shaky('claim', () => world.store.owed()),
    };
    // The long list of reads is not needed here and would cost memory.
    const readMeter: ScheduleHost['readMeter'] = (meter, slot, { signal }) => world.read(meter, slot, signal);
    const host = { ...world.host, store, append, readMeter };
    let scheduler = createScheduler(host);

    const run = async () => {
      const end = START + SLOTS * MINUTE;
      while (host.clock.now() < end) {
        scheduler.tick();
        await world.time.sleep(20_000);
        const dice = random();
        if (dice < 0.0005) {
          // The window is closed for up to eight hours and another opens.
          await scheduler.idle();
          await world.time.sleep(random() * 8 * 3_600_000);
          scheduler = createScheduler(host);
          await scheduler.recover();
        } else if (dice < 0.001) {
          world.skew -= random() * 50_000;
        } else if (dice < 0.0015) {
          world.skew += random() * 600_000;
        } else if (dice < 0.0025) {
          world.missingPorts = new Set([1 + Math.floor(random() * PORTS)]);
        } else if (dice < 0.006) {
          world.missingPorts = new Set();
        }
      }
      world.missingPorts = new Set();
      // What the store refused last is tried again.
      for (let minutes = 0; minutes < 5; minutes++) {
        scheduler.tick();
        await world.time.sleep(MINUTE);
        await scheduler.idle();
      }
    };
    await world.time.run(run(), 2 * 86_400_000);

    expect(refusals.append).toBeGreaterThan(SLOTS / 100);
    expect(refusals.claim).toBeGreaterThan(SLOTS / 100);
    expect(overlaps).toBe(0);
    expect(faults).toBeGreaterThan(SLOTS);
    for (const [id, counts] of outcomes) {
      const wrong = counts.subarray(0, SLOTS).findIndex((count) => count !== 1);
      expect(wrong, `${id}: slot ${wrong} has ${counts[wrong]} outcomes`).toBe(-1);
    }
  },
);
