import { expect, test } from 'vitest';
import type { RecordDecoder } from '../../../src/archive/decoded-records.ts';
import { createRecentKeeper } from '../../../src/archive/recent.ts';
import type { LogReader } from '../../../src/log/reader.ts';
import type { AmsRecord } from '../../../src/log/record.ts';

const record = (seq: number, data: string): AmsRecord => ({
  type: 'AMS',
  protocol: 'IEC62056-21',
  index: 1,
  meter: 1,
  time: 1_800_000_000,
  seq,
  errorCode: 4,
  identification: '',
  data,
});

test('what is kept of a meter holds for its newest records and for this log, and for nothing else', async () => {
  let life = 'a log 0';
  let last = 5;
  const asked: (readonly number[])[] = [];
  const reader: Pick<LogReader, 'newest' | 'rows'> = {
    newest: ({ meters }) =>
      Promise.resolve({
        life,
        newest: meters.map((meter) => ({
          meter,
          last: { seq: last, time: 0, bytes: 10, errorCode: 4 },
          good: [],
        })),
      }),
    rows(seqs) {
      asked.push(seqs);
      return Promise.resolve(seqs.map((seq) => record(seq, life)));
    },
  };
  const keeper = createRecentKeeper(reader as LogReader, {} as RecordDecoder);
  const read = async () => {
    const [one] = await keeper.read({ meters: [1], points: 10 }, { signal: new AbortController().signal });
    return [one?.last?.seq, one?.last?.data, one?.seqs];
  };
  expect(await read()).toEqual([5, 'a log 0', [5]]);
  expect(await read()).toEqual([5, 'a log 0', [5]]);
  expect(asked).toEqual([[5]]);
  last = 6;
  expect(await read()).toEqual([6, 'a log 0', [6]]);
  // Put together anew from its second copy: numbers may stand for other records.
  life = 'a log 1';
  expect(await read()).toEqual([6, 'a log 1', [6]]);
  expect(asked).toEqual([[5], [6], [6]]);
});
