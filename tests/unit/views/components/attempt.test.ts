import { expect, test } from 'vitest';
import { Attempt } from '../../../../src/views/components/attempt.svelte.ts';

/** An action that ends when it is told to, and heeds no signal. */
function action<T = string>() {
  let settle: { resolve(value: T): void; reject(error: unknown): void } | undefined;
  const promise = new Promise<T>((resolve, reject) => (settle = { resolve, reject }));
  return { promise, resolve: (value: T) => settle?.resolve(value), reject: (error: unknown) => settle?.reject(error) };
}

test('it runs until its result is there', async () => {
  const attempt = new Attempt('It was not done.');
  const work = action();
  const result = attempt.run(() => work.promise);
  expect(attempt.running).toBe(true);
  work.resolve('done');
  expect(await result).toBe('done');
  expect(attempt).toMatchObject({ running: false, problem: undefined, stopped: false });
});

test('a failure is told in words until something is asked for again', async () => {
  const attempt = new Attempt('It was not done.');
  expect(await attempt.run(() => Promise.reject(new Error('The disk is full.')))).toBeUndefined();
  expect(attempt).toMatchObject({
    running: false,
    problem: { headline: 'It was not done.', seen: 'The disk is full.' },
  });
  const again = attempt.run(() => Promise.resolve(1));
  expect(attempt.problem).toBeUndefined();
  expect(await again).toBe(1);
});

test('of two that run side by side neither hides the failure of the other', async () => {
  const attempt = new Attempt('It was not done.');
  const [first, second] = [action(), action()];
  const both = [attempt.run(() => first.promise), attempt.run(() => second.promise)];
  first.reject(new Error('no'));
  await both[0];
  expect(attempt).toMatchObject({ running: true, problem: { seen: 'no' } });
  second.resolve('yes');
  expect(await both[1]).toBe('yes');
  expect(attempt).toMatchObject({ running: false, problem: { seen: 'no' } });
});

test('what is cancelled is at rest at once, though what works on it hangs, and is no failure', async () => {
  const attempt = new Attempt('It was not done.');
  const work = action();
  let signal: AbortSignal | undefined;
  const result = attempt.run((given) => {
    signal = given;
    return work.promise;
  });
  attempt.cancel();
  expect(signal?.aborted).toBe(true);
  expect(attempt).toMatchObject({ running: false, stopped: true, problem: undefined });
  work.reject(new Error('too late'));
  expect(await result).toBeUndefined();
  expect(attempt).toMatchObject({ running: false, stopped: true, problem: undefined });
});

test('only the newest of several questions is heard of', async () => {
  const attempt = new Attempt('It was not done.');
  const [first, second] = [action(), action()];
  const earlier = attempt.instead(() => first.promise);
  const later = attempt.instead(() => second.promise);
  first.resolve('old');
  expect(await earlier).toBeUndefined();
  expect(attempt).toMatchObject({ running: true, stopped: false });
  second.resolve('new');
  expect(await later).toBe('new');
});

test('somebody else’s cancelling is no failure either', async () => {
  const attempt = new Attempt('It was not done.');
  await attempt.run(() => Promise.reject(new DOMException('The user aborted a request.', 'AbortError')));
  expect(attempt).toMatchObject({ stopped: true, problem: undefined });
});
