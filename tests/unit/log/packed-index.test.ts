import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileFilter } from '../../../src/log/filter/compile.ts';
import { evaluateFilter } from '../../../src/log/filter/evaluate.ts';
import {
  BLOCK_ENTRIES,
  baseOf,
  createBlock,
  decodeBlock,
  encodeBlock,
  enterRecord,
  markMatches,
  removeEntry,
  sumBlock,
} from '../../../src/log/packed-index.ts';
import type { IndexBlock } from '../../../src/log/packed-index.ts';
import { sizeOfRecord } from '../../../src/log/record-size.ts';
import type { LogRecord } from '../../../src/log/record.ts';
import { anyFilter } from './filter/filters.ts';
import { anyRecord } from './records.ts';

const BASE = 2 * BLOCK_ENTRIES;

function blockOf(records: Iterable<LogRecord>): IndexBlock {
  const block = createBlock(BASE);
  for (const record of records) enterRecord(block, record, sizeOfRecord(record));
  return block;
}

function matches(block: IndexBlock, firstSeq: number, narrow?: Parameters<typeof markMatches>[2]): number[] {
  const marks = new Uint8Array(BLOCK_ENTRIES).fill(7);
  const count = markMatches(block, firstSeq, narrow, marks);
  const seqs = [...marks.keys()].filter((i) => marks[i] === 1).map((i) => BASE + i);
  expect(seqs.length).toBe(count);
  return seqs;
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

test('a compiled filter marks exactly what the naive evaluation accepts, also after encoding and decoding', () => {
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

test('a stored block of another size is not read', () => {
  expect(decodeBlock({ base: 0, columns: new ArrayBuffer(10), sources: [] })).toBeUndefined();
});
