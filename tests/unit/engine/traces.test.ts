import { expect, test } from 'vitest';
import { createTraceBook } from '../../../src/engine/traces.ts';
import type { TraceEntry } from '../../../src/line/trace.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';

const entry = (bytes: Uint8Array): TraceEntry => ({ time: 0, direction: 'received', baudRate: 300, bytes, text: '' });
const sizeOf = (entries: readonly TraceEntry[] = []) => entries.reduce((sum, { bytes }) => sum + bytes.length, 0);

test('a job finds its trace by name, with the times of the whole job and bytes of its own', async () => {
  const clock = virtualClock(1_800_000_000_000);
  const book = createTraceBook(clock);
  const job = book.record();
  const bytes = Uint8Array.of(1, 2, 3, 4);
  job.add(entry(bytes.subarray(1, 3)));
  await clock.run(clock.sleep(5000));
  job.keepAs('a');
  // A second try, whose own trace begins at 0.
  job.add(entry(bytes));
  bytes.fill(0);
  const { startedAt, entries } = book.find('a') ?? { entries: [] };
  expect(startedAt).toBe(1_800_000_000_000);
  expect(entries.map(({ time, bytes: kept }) => [time, [...kept]])).toEqual([
    [0, [2, 3]],
    [5000, [1, 2, 3, 4]],
  ]);
  expect(entries[0]?.bytes.buffer.byteLength).toBe(2);
  expect(book.find('b')).toBeUndefined();
});

test('the newest jobs are kept, and of a long one its end, which says that something is missing', () => {
  const book = createTraceBook(virtualClock());
  for (let n = 0; n < 100; n++) {
    const job = book.record();
    for (let i = 0; i < 100; i++) job.add(entry(new Uint8Array(1000).fill(i)));
    job.keepAs(`job ${n}`);
  }
  const names = Array.from({ length: 100 }, (_, n) => `job ${n}`);
  const kept = names.filter((name) => book.find(name));
  expect(kept.length).toBeGreaterThan(10);
  expect(kept).toEqual(names.slice(-kept.length));
  expect(sizeOf(kept.flatMap((name) => book.find(name)?.entries ?? []))).toBeLessThan(5 * 2 ** 20);

  const long = book.record();
  long.keepAs('long');
  for (let i = 0; i < 5000; i++) long.add(entry(new Uint8Array(1000).fill(i % 251)));
  const entries = book.find('long')?.entries ?? [];
  expect(sizeOf(entries)).toBeLessThan(2 ** 20);
  expect(entries[0]).toMatchObject({ direction: 'event', text: 'what was before is not kept' });
  expect(entries.at(-1)?.bytes[0]).toBe(4999 % 251);
});

test('all jobs are listed, the oldest first', () => {
  const book = createTraceBook(virtualClock(1000));
  for (const name of ['a', 'b', 'a']) {
    const job = book.record();
    job.add(entry(Uint8Array.of(1)));
    job.keepAs(name);
  }
  expect(book.all().map(({ name, entries }) => [name, entries.length])).toEqual([
    ['b', 1],
    ['a', 1],
  ]);
});
