import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectDatabase } from '../../../src/log/database.ts';
import type { Filter } from '../../../src/log/filter/filter.ts';
import { EMPTY_LOG } from '../../../src/log/log-state.ts';
import { BLOCK_ENTRIES, createBlock, encodeBlock, enterRecord } from '../../../src/log/packed-index.ts';
import { openReader } from '../../../src/log/reader.ts';
import type { LogReader } from '../../../src/log/reader.ts';
import { openLog } from '../../../src/log/ring.ts';
import type { RecordDraft, RecordLog } from '../../../src/log/ring.ts';
import { amsRecord } from './records.ts';

const clock = { now: () => Date.UTC(2026, 10, 20, 10) };
let names = 0;
let name: string;
let log: RecordLog;
let reader: LogReader;

/** What was read in each transaction, by kind of row, in the order of the transactions. */
let read: Map<IDBTransaction, { blocks: number; records: number; requests: number }>;
const getAll = IDBObjectStore.prototype.getAll;
let onRead: () => void;

beforeEach(async () => {
  name = `reader-${names++}`;
  log = await openLog({ clock, name, capacityBytes: 2 ** 31 });
  reader = openReader({ name });
  read = new Map();
  onRead = () => undefined;
  IDBObjectStore.prototype.getAll = function (this: IDBObjectStore, ...query: Parameters<typeof getAll>) {
    const request: IDBRequest<unknown[]> = getAll.apply(this, query);
    const sum = read.get(this.transaction) ?? { blocks: 0, records: 0, requests: 0 };
    read.set(this.transaction, sum);
    sum.requests++;
    request.addEventListener('success', () => {
      if (this.name === 'blocks') sum.blocks += request.result.length;
      else sum.records += request.result.length;
      onRead();
    });
    return request;
  };
});

afterEach(() => {
  IDBObjectStore.prototype.getAll = getAll;
  log.close();
  reader.close();
});

const most = (kind: 'blocks' | 'records' | 'requests') => Math.max(...[...read.values()].map((sum) => sum[kind]));
const reading = (data: string, index = 1): RecordDraft => ({
  type: 'AMS',
  protocol: 'MBUS',
  index,
  errorCode: 0,
  identification: '',
  data,
});

/** A log of sealed blocks alone: the rows behind them are never asked for. */
async function sealBlocks(count: number, missing: readonly number[] = []): Promise<void> {
  const database = connectDatabase(name);
  const db = await database.use((db) => Promise.resolve(db));
  for (let base = 0; base < count * BLOCK_ENTRIES; base += BLOCK_ENTRIES) {
    const block = createBlock(base);
    for (let seq = base; seq < base + BLOCK_ENTRIES; seq++) enterRecord(block, amsRecord({ seq }), 100);
    if (!missing.includes(base / BLOCK_ENTRIES)) await db.put('blocks', encodeBlock(block));
  }
  const nextSeq = count * BLOCK_ENTRIES;
  const bytes = { usedBytes: 100 * nextSeq, capacityBytes: 2 ** 31 };
  await db.put('meta', { ...EMPTY_LOG, firstSeq: 0, nextSeq, count: nextSeq, ...bytes, revision: 1000 }, 'log');
  database.close();
}

const all: Filter = { conditions: [{ parameter: 'ERROR_CODE', relation: '==', value: 0 }] };

test('the index is loaded in steps, so that nobody who writes waits for all of it', async () => {
  await sealBlocks(40);
  expect(await reader.count(all)).toBe(40 * BLOCK_ENTRIES);
  expect(most('blocks')).toBeLessThanOrEqual(16);
  read.clear();
  expect(await reader.count(all)).toBe(40 * BLOCK_ENTRIES);
  expect(read.size).toBe(0);
});

test('what is written and deleted between the steps is in the index', async () => {
  await sealBlocks(40, [20, 21]);
  const changes: Promise<unknown>[] = [];
  onRead = () => {
    if (changes.length >= 6) return;
    changes.push(log.appendMany([reading('a'), reading('b')]));
    // The older of the two that were written one step before.
    if (changes.length % 2 === 0) changes.push(log.delete([log.newestSeq - 1]));
  };
  await reader.load();
  onRead = () => undefined;
  await Promise.all(changes);
  const rows = (await log.oldest(1000)).map(({ seq }) => seq);
  const { records } = await reader.page({ filter: all, limit: 1000 });
  expect(records.map(({ seq }) => seq).reverse()).toEqual(rows);
  expect(await reader.count(all)).toBe(38 * BLOCK_ENTRIES + rows.length);
});

async function chunkLengths(filter: Filter): Promise<number[]> {
  const { total, chunks } = await reader.select(filter);
  const lengths: number[] = [];
  const seqs: number[] = [];
  for await (const chunk of chunks) {
    lengths.push(chunk.length);
    for (const { seq } of chunk) seqs.push(seq);
  }
  expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
  expect(seqs.length).toBe(total);
  return lengths;
}

test('a chunk holds a thousand rows, of large records fewer, of scattered ones as many as 250 requests find', async () => {
  await log.appendMany(Array.from({ length: 1500 }, (_, i) => reading('1', i % 3)));
  await reader.load();
  read.clear();
  expect(await chunkLengths(all)).toEqual([1000, 500]);
  const third: Filter = { conditions: [{ parameter: 'TABLE_ID', relation: '==', value: 1 }] };
  expect(await chunkLengths(third)).toEqual([250, 250]);
  expect(most('requests')).toBeLessThanOrEqual(250);
  await log.deleteAll();
  await log.appendMany(Array.from({ length: 12 }, () => reading('x'.repeat(300_000))));
  await log.append(reading('x'.repeat(3_000_000)));
  expect(await chunkLengths(all)).toEqual([3, 3, 3, 3, 1]);
});
