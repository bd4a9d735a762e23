import { expect, test } from 'vitest';
import { createScheduler } from '../../../src/ams/scheduler.ts';
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
  `${METERS} meters at 1M with 5 % faults, day %i: every slot has exactly one outcome`,
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
    const append = (_record: unknown, { meterId, slot, missed }: Parameters<typeof world.host.append>[1]) => {
      const counts = outcomes.get(meterId) ?? new Uint8Array();
      const first = missed ? missed.first : slot;
      const last = missed ? missed.last : slot;
      for (let at = first; at <= last; at += MINUTE)
        counts[(at - START) / MINUTE] = (counts[(at - START) / MINUTE] ?? 0) + 1;
      return Promise.resolve();
    };
    // The long list of reads is not needed here and would cost memory.
    const host = { ...world.host, append, readMeter: world.read };
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
        } else if (dice < 0.001) {
          world.skew -= random() * 120_000;
        } else if (dice < 0.0015) {
          world.skew += random() * 600_000;
        } else if (dice < 0.0025) {
          world.missingPorts = new Set([1 + Math.floor(random() * PORTS)]);
        } else if (dice < 0.006) {
          world.missingPorts = new Set();
        }
      }
      world.missingPorts = new Set();
      scheduler.tick(end);
      await scheduler.idle();
    };
    await world.time.run(run(), 2 * 86_400_000);

    expect(world.errors).toEqual([]);
    expect(overlaps).toBe(0);
    expect(faults).toBeGreaterThan(SLOTS);
    for (const [id, counts] of outcomes) {
      const wrong = counts.subarray(0, SLOTS).findIndex((count) => count !== 1);
      expect(wrong, `${id}: slot ${wrong} has ${counts[wrong]} outcomes`).toBe(-1);
    }
  },
);
