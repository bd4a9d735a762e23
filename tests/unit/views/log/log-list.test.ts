import { expect, test } from 'vitest';
import type { ArchiveClient } from '../../../../src/archive/client.ts';
import { EMPTY_LOG } from '../../../../src/log/log-state.ts';
import type { LogRecord } from '../../../../src/log/record.ts';
import { LogList } from '../../../../src/views/log/log-list.svelte.ts';

/** An archive of `count` records that knows only `page`, as far as the list asks for it. */
function archiveOf(log: { count: number; generation?: string }): ArchiveClient {
  return {
    call(method, input) {
      if (method !== 'page') return Promise.reject(new Error(`not asked for: ${method}`));
      const { before = Infinity, limit } = input as { before?: number; limit: number };
      const records: LogRecord[] = [];
      for (let seq = Math.min(log.count, before - 1); seq > 0 && records.length < limit; seq--) {
        records.push({ type: 'SYSTART', time: seq, seq });
      }
      const { generation = 'a', count } = log;
      return Promise.resolve({ records, total: count, state: { ...EMPTY_LOG, generation } } as never);
    },
  };
}

test('pages follow each other without a gap', async () => {
  const list = new LogList(archiveOf({ count: 250 }));
  await list.show('');
  await list.more();
  await list.more();
  expect(list.records.map(({ seq }) => seq)).toEqual(Array.from({ length: 250 }, (_, i) => 250 - i));
  expect(list.total).toBe(250);
});

test('new records come in above what was scrolled to', async () => {
  const log = { count: 250 };
  const list = new LogList(archiveOf(log));
  await list.show('');
  await list.more();
  list.scrollTop = 640;
  log.count = 252;
  await list.show('');
  expect(list.records[0]?.seq).toBe(252);
  expect(list.records.length).toBe(202);
});

test('records that went away take the list back to its beginning', async () => {
  const log = { count: 250 };
  const list = new LogList(archiveOf(log));
  await list.show('');
  await list.more();
  list.scrollTop = 640;
  log.count = 240;
  await list.show('');
  expect(list.records.length).toBe(100);
  expect(list.total).toBe(240);
});

test('records of a log that is gone never stand among those of the one after it', async () => {
  const log = { count: 250, generation: 'a' };
  const list = new LogList(archiveOf(log));
  await list.show('');
  await list.more();
  list.scrollTop = 640;
  log.generation = 'b';
  log.count = 300;
  await list.more();
  expect(list.records.map(({ seq }) => seq)).toEqual(Array.from({ length: 50 }, (_, i) => 50 - i));
  log.generation = 'c';
  log.count = 300;
  await list.show('');
  expect(list.records.map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, i) => 300 - i));
});

test('an archive that fails is a problem in words', async () => {
  const broken: ArchiveClient = { call: () => Promise.reject(new Error('no database')) };
  const list = new LogList(broken);
  await list.show('');
  expect(list.problem?.seen).toBe('no database');
});

test('what is listed is known by the filter it was found with, not by the one just typed', async () => {
  const answers: (() => void)[] = [];
  const slow: ArchiveClient = {
    call: (_method, input) =>
      new Promise((resolve) => {
        const { filter } = input as { filter: string };
        answers.push(() => resolve({ records: [], total: filter === '' ? 9 : 1, state: EMPTY_LOG } as never));
      }),
  };
  const list = new LogList(slow);
  const first = list.show('');
  answers.shift()?.();
  await first;
  expect([list.shownFilter, list.total]).toEqual(['', 9]);
  const second = list.show('PORT==1');
  expect([list.shownFilter, list.total]).toEqual(['', 9]);
  answers.shift()?.();
  await second;
  expect([list.shownFilter, list.total]).toEqual(['PORT==1', 1]);
});
