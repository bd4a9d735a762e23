import { expect, test } from 'vitest';
import { evenWithoutRoom } from '../../../src/log/one-change.ts';

const full = new DOMException('', 'QuotaExceededError');

/** What each try was told, where the first ones fail with these. */
async function tried(failures: readonly Error[]) {
  const log: boolean[] = [];
  const left = [...failures];
  const end = await evenWithoutRoom((roomless) => {
    log.push(roomless);
    const failure = left.shift();
    return failure ? Promise.reject(failure) : Promise.resolve('done');
  }).catch((error: unknown) => error);
  return [log, end];
}

test('what a full store refuses is tried again, and then without writing', async () => {
  expect(await tried([])).toEqual([[false], 'done']);
  expect(await tried([full])).toEqual([[false, false], 'done']);
  expect(await tried([full, full])).toEqual([[false, false, true], 'done']);
  expect(await tried([full, full, full])).toEqual([[false, false, true], full]);
});

test('another failure is no reason to write nothing', async () => {
  const lost = new Error('lost');
  expect(await tried([lost])).toEqual([[false], lost]);
  expect(await tried([full, lost])).toEqual([[false, false], lost]);
});
