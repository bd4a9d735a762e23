import { expect, test } from 'vitest';
import { createInputQueue } from '../../../src/at/input-queue.ts';

/** Takes words, each up to its blank, when it is let; what was taken and refused. */
function wordTaker() {
  const log: string[] = [];
  let release: (failure?: Error) => void = () => undefined;
  const queue = createInputQueue({
    async take() {
      let word = '';
      for (let next = queue.next(); next !== undefined && next !== ' '; next = queue.next()) word += next;
      log.push(word.length > 20 ? String(word.length) : word);
      await new Promise<void>((resolve, reject) => (release = (failure) => (failure ? reject(failure) : resolve())));
    },
    refuse(last) {
      log.push(`refused …${last}`);
      return Promise.resolve();
    },
  });
  const letGoOn = async (failure?: Error) => {
    release(failure);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { queue, log, letGoOn };
}

test('one word after the other, in order, however it was cut; what waits can be seen', async () => {
  const { queue, log, letGoOn } = wordTaker();
  const all = queue.input('a bc');
  void queue.input(' d');
  expect(log).toEqual(['a']);
  expect(queue.waiting).toBe('bc d');
  await letGoOn();
  expect(log).toEqual(['a', 'bc']);
  await letGoOn();
  await letGoOn();
  await all;
  expect(log).toEqual(['a', 'bc', 'd']);
  expect(queue.next()).toBeUndefined();
});

test('what does not fit is refused once, after what fits, with all that came behind it', async () => {
  const { queue, log, letGoOn } = wordTaker();
  const all = queue.input('a ');
  void queue.input('x'.repeat(1 << 20));
  void queue.input('yz');
  void queue.input('.');
  await letGoOn();
  await letGoOn();
  await all;
  expect(log).toEqual(['a', String(1 << 20), 'refused ….']);
  void queue.input('b');
  expect(log.at(-1)).toBe('b');
  await letGoOn();
});

test('a failure rejects whoever waits; the next input goes on', async () => {
  const { queue, log, letGoOn } = wordTaker();
  const first = queue.input('a b');
  const failed = expect(first).rejects.toThrow('lost');
  await letGoOn(new Error('lost'));
  await failed;
  void queue.input(' c');
  expect(log).toEqual(['a', 'b']);
  await letGoOn();
  expect(log).toEqual(['a', 'b', 'c']);
  await letGoOn();
});
