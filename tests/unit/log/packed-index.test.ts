import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileFilter } from '../../../src/log/filter/compile.ts';
import { evaluateFilter } from './filter/evaluate.ts';
import {
  BLOCK_ENTRIES,
  baseOf,
  createBlock,
  createRows,
  decodeBlock,
  encodeBlock,
  enterRecord,
  listMatches,
  removeEntry,
  sumBlock,
} from '../../../src/log/packed-index.ts';
import type { IndexBlock, Narrow } from '../../../src/log/packed-index.ts';
import { sizeOfRecord } from '../../../src/log/record-size.ts';
import type { Filter } from '../../../src/log/filter/filter.ts';
import type { LogRecord } from '../../../src/log/record.ts';
import { anyFilter } from './filter/filters.ts';
import { anyRecord } from './records.ts';

const BASE = 2 * BLOCK_ENTRIES;

function blockOf(records: Iterable<LogRecord>): IndexBlock {
  const block = createBlock(BASE);
  for (const record of records) enterRecord(block, record, sizeOfRecord(record));
  return block;
}

function matches(block: IndexBlock, firstSeq: number, narrow?: Narrow): number[] {
  const rows = createRows();
  return Array.from(rows.subarray(0, listMatches(block, firstSeq, narrow, rows)), (row) => BASE + row);
}

const anyBlockRecords = fc
  .array(anyRecord(BLOCK_ENTRIES - 1), { maxLength: 60 })
  .map((records) => new Map(records.map((record) => [record.seq + BASE, { ...record, seq: record.seq + BASE }])));

test('base and sums', () => {
  expect([baseOf(0), baseOf(4095), baseOf(4096), baseOf(1_000_000)]).toEqual([0, 0, 4096, 999_424]);
  const block = createBlock(0);
  enterRecord(block, { type: 'SYSTART', seq: 3, time: 9 }, 10);
  enterRecord(block, { type: 'SYSTART', seq: 5, time: 9 }, 20);
  expect(sumBlock(block, 0)).toEqual({ count: 2, bytes: 30 });
  expect(sumBlock(block, 4)).toEqual({ count: 1, bytes: 20 });
  expect([removeEntry(block, 5), removeEntry(block, 5)]).toEqual([true, false]);
  expect(sumBlock(block, 0)).toEqual({ count: 1, bytes: 10 });
});

test('a compiled filter lists exactly what the naive evaluation accepts, also after encoding and decoding', () => {
  fc.assert(
    fc.property(anyBlockRecords, anyFilter, fc.nat(BLOCK_ENTRIES + 10), (records, filter, trimmed) => {
      const expected = [...records.values()]
        .filter((record) => record.seq >= BASE + trimmed && evaluateFilter(filter, record))
        .map(({ seq }) => seq)
        .sort((a, b) => a - b);
      const block = blockOf(records.values());
      const narrow = compileFilter(filter);
      expect(matches(block, BASE + trimmed, narrow)).toEqual(expected);
      const stored = structuredClone(encodeBlock(block));
      const decoded = decodeBlock(stored);
      expect(decoded && matches(decoded, BASE + trimmed, narrow)).toEqual(expected);
      expect(decoded && sumBlock(decoded, BASE + trimmed)).toEqual(sumBlock(block, BASE + trimmed));
    }),
    { numRuns: 300 },
  );
});

test('entries that come or go after the first question are seen', () => {
  fc.assert(
    fc.property(anyBlockRecords, anyBlockRecords, anyFilter, fc.nat(3), (first, second, filter, every) => {
      const block = blockOf(first.values());
      const narrow = compileFilter(filter);
      matches(block, BASE, narrow);
      const removed = [...first.keys()].filter((_, i) => i % 4 <= every);
      for (const seq of removed) removeEntry(block, seq);
      const there = new Map([...first].filter(([seq]) => !removed.includes(seq)));
      expect(matches(block, BASE, narrow)).toEqual(accepted(there, filter));
      for (const [seq, record] of second) {
        enterRecord(block, record, sizeOfRecord(record));
        there.set(seq, record);
      }
      expect(matches(block, BASE, narrow)).toEqual(accepted(there, filter));
    }),
    { numRuns: 300 },
  );
});

function accepted(records: ReadonlyMap<number, LogRecord>, filter: Filter): number[] {
  return [...records.values()]
    .filter((record) => evaluateFilter(filter, record))
    .map(({ seq }) => seq)
    .sort((a, b) => a - b);
}

test('a stored block of another size is not read', () => {
  expect(decodeBlock({ base: 0, columns: new ArrayBuffer(10), sources: [] })).toBeUndefined();
});
