import 'fake-indexeddb/auto';
import { expect, test, vi } from 'vitest';
import { createLastingTraces } from '../../../src/engine/lasting-traces.ts';
import { traceOfRecord, traceOfSearch } from '../../../src/engine/trace-names.ts';
import { createTraceBook } from '../../../src/engine/traces.ts';
import type { TraceEntry } from '../../../src/line/trace.ts';
import { openLog } from '../../../src/log/ring.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';

const clock = virtualClock(1_800_000_000_000);
const noFault = (error: unknown) => expect.fail(String(error));
const sent = (...bytes: number[]): TraceEntry => ({
  time: 0,
  direction: 'sent',
  baudRate: 300,
  bytes: Uint8Array.from(bytes),
  text: '',
});

test('the traces of a window that has ended are found by the next one, until their records go', async () => {
  const log = await openLog({ clock, name: 'lasting' });
  const first = createLastingTraces(clock, log, noFault);
  const nameOf = (seq: number) => traceOfRecord(log.generation, seq);
  for (let n = 1; n <= 3; n++) {
    const job = first.record();
    job.add(sent(n));
    const { seq } = await log.append({ type: 'SYSTART' });
    job.keepAs(nameOf(seq));
  }
  first.record().keepAs(traceOfSearch('port'));
  await first.all();

  const next = createLastingTraces(clock, log, noFault);
  expect((await next.find(nameOf(2)))?.entries.map(({ bytes }) => [...bytes])).toEqual([[2]]);
  const names = async (traces = next) => (await traces.all()).map(({ name }) => name);
  expect(await names()).toEqual([nameOf(1), nameOf(2), nameOf(3), traceOfSearch('port')]);

  await log.delete([2]);
  expect(await names()).toEqual([nameOf(1), nameOf(3), traceOfSearch('port')]);
  expect(await first.find(nameOf(2))).toBeUndefined();
  await log.deleteOldest(1);
  expect(await names()).toEqual([nameOf(3), traceOfSearch('port')]);
  await log.deleteAll();
  expect(await names()).toEqual([traceOfSearch('port')]);

  // What goes while nobody looks is missed by the next who does.
  const { seq } = await log.append({ type: 'SYSTART' });
  next.record().keepAs(nameOf(seq));
  expect(await names()).toEqual([nameOf(seq), traceOfSearch('port')].toReversed());
  log.close();
  const later = await openLog({ clock, name: 'lasting' });
  await later.delete([seq]);
  expect(await names(createLastingTraces(clock, later, noFault))).toEqual([traceOfSearch('port')]);
  later.close();
});

test('a search that goes on is handed on as it is, and again with what came since', async () => {
  const told: (readonly [string, number])[] = [];
  const time = virtualClock();
  const book = createTraceBook(time, ({ name, entries }) => told.push([name, entries.length]));
  const job = book.record();
  job.add(sent(1));
  job.keepAs('search');
  job.add(sent(2));
  job.add(sent(3));
  expect(told).toEqual([['search', 1]]);
  await time.run(time.sleep(60_000));
  expect(told).toEqual([
    ['search', 1],
    ['search', 3],
  ]);
  job.add(sent(4));
  book.forget(() => true);
  await time.run(time.sleep(60_000));
  expect(told).toHaveLength(2);
});

test('where the storage does not answer those of this window are had all the same', async () => {
  const faults: unknown[] = [];
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const mute = {
    opened: new Promise<void>(() => undefined),
    generation: '',
    get: () => Promise.resolve(undefined),
    subscribe: () => () => undefined,
  };
  const traces = createLastingTraces(clock, mute, (error) => faults.push(error));
  traces.record().keepAs('read');
  const all = traces.all();
  await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0));
  await vi.advanceTimersByTimeAsync(3000);
  expect((await all).map(({ name }) => name)).toEqual(['read']);
  expect(String(faults[0])).toContain('does not answer');
  vi.useRealTimers();
});
