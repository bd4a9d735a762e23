import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import { createLastingTraces } from '../../../src/engine/lasting-traces.ts';
import { openTraceShelf } from '../../../src/engine/trace-shelf.ts';
import { createTraceBook, traceOfRecord, traceOfSearch, type NamedTrace } from '../../../src/engine/traces.ts';
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

  // The first change tells where things stand.
  await log.append({ type: 'SYSTART' });
  await log.delete([2]);
  expect(await names()).toEqual([nameOf(1), nameOf(3), traceOfSearch('port')]);
  expect(await first.find(nameOf(2))).toBeUndefined();
  await log.deleteOldest(1);
  expect(await names()).toEqual([nameOf(3), traceOfSearch('port')]);
  await log.deleteAll();
  expect(await names()).toEqual([traceOfSearch('port')]);
  log.close();
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

test('of two words the last stays, and what was hidden is so on the disk too', async () => {
  const shelf = openTraceShelf(noFault, 'shelf');
  const trace: NamedTrace = {
    name: 'read',
    startedAt: 1,
    entries: [{ ...sent(0x50, 0, 0), hidden: [1, 2] }],
  };
  shelf.keep({ ...trace, entries: [] }, 10);
  shelf.keep(trace, 10);
  expect(await shelf.find('read')).toEqual(trace);
});
