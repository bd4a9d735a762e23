import { beforeEach, expect, test } from 'vitest';
import { askForPorts } from '../../../src/engine/port-list.ts';
import { virtualClock, type VirtualClock } from '../../../src/simulator/virtual-clock.ts';

let clock: VirtualClock;
let reported: unknown[];
let told: number;

beforeEach(() => {
  clock = virtualClock(undefined, 0);
  reported = [];
  told = 0;
});

const ask = (first: Promise<void>, refresh = () => Promise.resolve()) =>
  askForPorts(
    first,
    refresh,
    clock,
    (error) => reported.push(error),
    () => told++,
  );
const pass = (ms: number) => clock.run(clock.sleep(ms));

test('a list that takes 25 s is said to be slow until it comes, and is asked for once', async () => {
  const list = ask(clock.sleep(25_000), () => Promise.reject(new Error('asked again')));
  await pass(24_999);
  expect([list.trouble, told]).toEqual(['slow', 0]);
  await pass(2);
  expect([list.trouble, told, reported]).toEqual([undefined, 1, []]);
});

test('one that never comes stays slow', async () => {
  const list = ask(new Promise(() => undefined));
  await pass(3_600_000);
  expect(list.trouble).toBe('slow');
});

test.each([
  ['SecurityError', 'denied'],
  ['NotAllowedError', 'denied'],
  ['NetworkError', 'failed'],
] as const)('a refusal (%s) is said, and asked again until it is none', async (name, trouble) => {
  const refuse = () => Promise.reject(new DOMException('no', name));
  let left = 3;
  const list = ask(refuse(), () => (left-- > 0 ? refuse() : Promise.resolve()));
  await pass(250 + 500 + 1000 + 1999);
  expect(list.trouble).toBe(trouble);
  await pass(2);
  expect([list.trouble, reported.length]).toEqual([undefined, 1]);
});
