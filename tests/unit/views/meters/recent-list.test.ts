import { expect, test } from 'vitest';
import type { RecentReadings, RecentRequest } from '../../../../src/archive/api.ts';
import type { MeterState } from '../../../../src/engine/ams-api.ts';
import { EMPTY_LOG } from '../../../../src/log/log-state.ts';
import type { LogState } from '../../../../src/log/log-state.ts';
import { RecentList } from '../../../../src/views/meters/recent-list.svelte.ts';

/** Meter 1 shows the records 10 and 11, meter 2 the records 20 and 21, and so on. */
const answer = (meter: number): RecentReadings => ({ meter, seqs: [10 * meter, 10 * meter + 1] });

function setUp() {
  const asked: (readonly number[])[] = [];
  const call = (_method: string, input: unknown) => {
    const { meters } = input as RecentRequest;
    asked.push(meters);
    return Promise.resolve(meters.map(answer));
  };
  const list = new RecentList({ call });
  const meters = [1, 2, 3].map((number): MeterState => ({
    meter: {
      id: String(number),
      port: 1,
      protocol: 'MBUS',
      address: '1',
      interval: '1H',
      enabled: true,
      since: 0,
    },
    index: number,
    state: 'waiting',
    last: { seq: 10 * number + 1, time: 0, errorCode: 0 },
  }));
  return { asked, list, meters };
}

const log = (change: Partial<LogState>): LogState => ({
  ...EMPTY_LOG,
  firstSeq: 1,
  nextSeq: 40,
  count: 39,
  revision: 1,
  ...change,
});

test('a full log that lets its oldest go for every reading asks for nothing that still shows what is there', async () => {
  const { asked, list, meters } = setUp();
  await list.follow(meters);
  await list.dropGone(log({}), meters);
  expect(asked).toEqual([[1, 2, 3]]);
  // A large record pushed out several small ones: fewer than before.
  await list.dropGone(log({ firstSeq: 10, nextSeq: 41, count: 31, revision: 2 }), meters);
  expect(asked).toEqual([[1, 2, 3]]);
  await list.dropGone(log({ firstSeq: 11, nextSeq: 42, count: 31, revision: 3 }), meters);
  expect(asked.slice(1)).toEqual([[1]]);
});

test('a record deleted from the middle asks for its meter alone', async () => {
  const { asked, list, meters } = setUp();
  await list.follow(meters);
  await list.dropGone(log({}), meters);
  await list.dropGone(log({ revision: 2, holes: { revision: 2, follows: 0, removed: [5, 21] } }), meters);
  expect(asked.slice(1)).toEqual([[2]]);
});

test('deletions that are not named, and a log that begins anew, ask for all', async () => {
  const { asked, list, meters } = setUp();
  await list.follow(meters);
  await list.dropGone(log({}), meters);
  await list.dropGone(log({ revision: 2, holes: { revision: 2, follows: -1, removed: [] } }), meters);
  expect(asked.slice(1)).toEqual([[1, 2, 3]]);
  await list.dropGone(log({ revision: 3, firstSeq: 1, nextSeq: 2, holes: EMPTY_LOG.holes }), meters);
  expect(asked.slice(2)).toEqual([[1, 2, 3]]);
  await list.dropGone(log({ revision: 4, generation: 'another' }), meters);
  expect(asked.slice(3)).toEqual([[1, 2, 3]]);
});
