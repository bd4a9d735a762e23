import { expect, test, vi } from 'vitest';
import { MeterError } from '../../../src/common/meter-error.ts';
import { createTries } from '../../../src/common/tries.ts';
import { readWithRetries } from '../../../src/ams/retries.ts';
import type { Readout } from '../../../src/common/readout.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';

const failed: Readout = { errorCode: 65541, identification: '', data: '' };

/** Reads that always fail; what happened, with its time. */
function world() {
  const clock = virtualClock();
  const told: [number, string][] = [];
  const note = (text: string) => void told.push([clock.monotonic(), text]);
  const read = () => {
    note('read');
    return Promise.resolve(failed);
  };
  return { clock, told, note, read };
}

test('between two tries the meter is left in peace, and then others may have the port', async () => {
  const { clock, told, note, read } = world();
  const rest = () => {
    note('rest');
    return clock.sleep(5000);
  };
  const readout = await clock.run(readWithRetries(read, { tries: createTries(2, []), clock, rest }));
  expect(readout.circumstances?.attempts).toBe(3);
  expect(told).toEqual([
    [0, 'read'],
    [1500, 'rest'],
    [6500, 'read'],
    [8000, 'rest'],
    [13_000, 'read'],
  ]);
});

test.each([
  ['is stopped in the pause', 1000, () => Promise.resolve()],
  ['does not get its port back', 60_000, () => Promise.reject(new Error('The port does not let go.'))],
])('where it %s the last readout stands', async (_why, stopAfter, rest) => {
  const { clock, told, read } = world();
  const stop = new AbortController();
  const reading = readWithRetries(read, { tries: createTries(2, []), clock, rest, signal: stop.signal });
  void clock.sleep(stopAfter).then(() => stop.abort(new Error('stopped')));
  expect(await clock.run(reading)).toMatchObject({ errorCode: 65541, circumstances: { attempts: 1 } });
  expect(told).toHaveLength(1);
});

test('what the dialogue has repeated itself is not repeated by the slot', async () => {
  const { clock, told, note } = world();
  const tries = createTries(2, []);
  const read = () => {
    note('read');
    while (tries.take(65541)) note('again');
    return Promise.resolve({ ...failed, circumstances: { attempts: 3 } });
  };
  expect((await clock.run(readWithRetries(read, { tries, clock }))).circumstances?.attempts).toBe(3);
  expect(told.map(([, what]) => what)).toEqual(['read', 'again', 'again']);
});

test('what can only end the same is not repeated at all', async () => {
  const { clock, told, read } = world();
  const tries = createTries(9, [{ code: failed.errorCode, repeat: 'never' }]);
  await clock.run(readWithRetries(read, { tries, clock }));
  expect(told).toHaveLength(1);
});

test.each([
  [
    new MeterError(65541, 'Nothing came.', { hint: 'Wake it.' }),
    { errorCode: 65541, circumstances: { message: 'Nothing came.', hint: 'Wake it.', attempts: 1 } },
  ],
  [new Error('The port is gone.'), { errorCode: 4, circumstances: { message: 'The port is gone.', attempts: 1 } }],
  ['gone', { errorCode: 4, circumstances: { message: 'gone', attempts: 1 } }],
])('a read that rejects with %s is a failed one', async (reason, expected) => {
  const { clock } = world();
  const reading = readWithRetries(vi.fn().mockRejectedValue(reason), { tries: createTries(0, []), clock });
  expect(await clock.run(reading)).toEqual({ identification: '', data: '', ...expected });
});

test('what works ends it, with all that the dialogue says of itself and the number of attempts', async () => {
  const { clock } = world();
  const whole = { errorCode: 0, identification: 'X', data: 'd', circumstances: { notes: ['late'] } };
  const read = vi.fn().mockResolvedValueOnce(failed).mockResolvedValue(whole);
  const tries = createTries(9, []);
  expect(await clock.run(readWithRetries(read, { tries, clock }))).toEqual({
    ...whole,
    circumstances: { notes: ['late'], attempts: 2 },
  });
  expect([read.mock.calls.length, tries.used, clock.monotonic()]).toEqual([2, 1, 1500]);
});

test('what gets as far each time and fails ends all the same', async () => {
  const { clock, told, note } = world();
  const tries = createTries(2, []);
  const read = () => {
    note('read');
    tries.progress();
    return Promise.resolve(failed);
  };
  await clock.run(readWithRetries(read, { tries, clock }));
  expect(told).toHaveLength(3);
});
