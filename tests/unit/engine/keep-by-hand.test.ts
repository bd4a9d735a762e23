import { beforeEach, expect, test } from 'vitest';
import { keepByHand, lateReadings, waitingReadings, watchWaiting } from '../../../src/engine/keep-by-hand.ts';
import type { LogRecord, NewRecord } from '../../../src/log/record.ts';
import { virtualClock, type VirtualClock } from '../../../src/simulator/virtual-clock.ts';

const START = Date.UTC(2026, 10, 20);
const DRAFT = {
  type: 'AMS',
  protocol: 'MBUS',
  index: 0,
  errorCode: 0,
  identification: '',
  data: '68',
  address: '5',
  port: 'Head',
} as const;

let clock: VirtualClock;
let kept: NewRecord[];
let told: number;
/** What the log does with each record it is given; after the last one it takes them. */
let answers: (() => Promise<unknown>)[];

beforeEach(() => {
  clock = virtualClock(START, 0);
  kept = [];
  told = 0;
  answers = [];
  watchWaiting(() => told++);
});

const log = {
  async append(draft: NewRecord): Promise<LogRecord> {
    await answers.shift()?.();
    kept.push(draft);
    return { ...draft, seq: kept.length } as LogRecord;
  },
};
const fails = (name: string) => () => Promise.reject(new DOMException('', name));
const keep = () => clock.run(keepByHand(log, clock, DRAFT));
const pass = (ms: number) => clock.run(clock.sleep(ms));

test('what the log takes at once is kept, and nothing waits', async () => {
  expect(await keep()).toMatchObject({ kept: true, record: { seq: 1, data: '68' } });
  expect([waitingReadings(), told]).toEqual([[], 0]);
});

test('what the storage does not take is handed over and tried again, under its own time, until it is kept', async () => {
  answers = [fails('InvalidStateError'), fails('QuotaExceededError')];
  const result = await keep();
  expect(result).toMatchObject({ kept: false, unkept: { fault: 'closed', record: { data: '68' } } });
  const id = result.kept ? '' : result.unkept.waiting;
  expect(waitingReadings()).toEqual([id]);
  await pass(10_000);
  expect(kept).toEqual([]);
  await pass(60_001);
  expect(kept).toEqual([{ ...DRAFT, time: START / 1000 }]);
  expect([waitingReadings(), told]).toEqual([[], 2]);
  await pass(600_000);
  expect(kept).toHaveLength(1);
});

test('a storage that does not answer keeps no figures from whoever read; its answer is no second record', async () => {
  let answer: () => void = () => undefined;
  answers = [() => new Promise<void>((resolve) => (answer = resolve))];
  expect(await keep()).toMatchObject({ kept: false, unkept: { fault: 'slow', record: { data: '68', seq: 0 } } });
  expect(clock.monotonic()).toBe(3000);
  await pass(600_000);
  expect(waitingReadings()).toHaveLength(1);
  answer();
  await pass(1);
  expect([kept.length, waitingReadings()]).toEqual([1, []]);
});

test('what the log can never take is said, and not tried again', async () => {
  answers = [() => Promise.reject(new RangeError('too large'))];
  const result = await keep();
  expect(result).toMatchObject({ kept: false, unkept: { fault: 'refused', message: 'too large' } });
  expect(result.kept ? '' : result.unkept.waiting).toBeUndefined();
  await pass(600_000);
  expect([kept, waitingReadings()]).toEqual([[], []]);
});

test('what was kept at last is told as that, and what never can be as nothing', async () => {
  answers = [fails('InvalidStateError')];
  const noted: LogRecord[] = [];
  const first = await clock.run(keepByHand(log, clock, DRAFT, (record) => noted.push(record)));
  await pass(10_001);
  const id = first.kept ? '' : first.unkept.waiting;
  expect([lateReadings().at(-1), noted.map(({ seq }) => seq)]).toEqual([id, [1]]);

  let refuse: (error: Error) => void = () => undefined;
  answers = [() => new Promise((_, reject) => (refuse = reject))];
  const late = await keep();
  const other = late.kept ? '' : (late.unkept.waiting ?? '');
  expect(waitingReadings()).toEqual([other]);
  refuse(new RangeError('no record'));
  await pass(1);
  expect([waitingReadings(), lateReadings().includes(other)]).toEqual([[], false]);
});
