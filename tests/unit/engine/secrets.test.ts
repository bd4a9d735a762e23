import { expect, test } from 'vitest';
import type { KeptCounter } from '../../../src/common/kept-counter.ts';
import { Secret } from '../../../src/common/secret.ts';
import type { Refusal } from '../../../src/keys/key.ts';
import { secretsOf } from '../../../src/engine/secrets.ts';

const HOUR = 3_600_000;
let keys = 0;

/** A store with one key for meter 7, whose disk may be full. */
function world(isFull = false) {
  const entry = { of: '7', name: 'password', setAt: keys++ };
  let refusal: Refusal | undefined;
  let now = 1_700_000_000_000;
  const store = {
    find: () => Promise.resolve({ entry, secret: new Secret(Uint8Array.of(1)), ...(refusal ? { refusal } : {}) }),
    note: (_key: unknown, _number: string, next: Refusal | undefined) => {
      if (isFull) return Promise.reject(new Error('full'));
      refusal = next;
      return Promise.resolve();
    },
  };
  const read = async (byItself: boolean, how?: 'taken' | 'refused') => {
    const { secret, secretSaid } = secretsOf({ numbers: ['7'], byItself, store, now: () => now });
    const given = await secret('password').then(
      () => 'sent',
      (error: unknown) => (error as Error).message,
    );
    if (given === 'sent' && how) await secretSaid('password', how);
    return given;
  };
  return { read, pass: (ms: number) => (now += ms) };
}

test.each([false, true])(
  'what a meter refused the schedule does not send again for a while (full disk: %s)',
  async (isFull) => {
    const { read, pass } = world(isFull);
    expect(await read(true, 'refused')).toBe('sent');
    expect(await read(true)).toMatch(/^The meter refused this password \(2023-11-14 22:13 UTC\)/);
    pass(HOUR + 1);
    expect(await read(true, 'refused')).toBe('sent');
    pass(HOUR + 1);
    expect(await read(true)).toContain('refused');
    pass(24 * HOUR);
    expect(await read(true)).toBe('sent');
  },
);

test('a person may send it, and what the meter takes then the schedule sends too', async () => {
  const { read } = world();
  await read(true, 'refused');
  expect(await read(false, 'taken')).toBe('sent');
  expect(await read(true)).toBe('sent');
});

test('a clock that was set back far keeps no meter from being read', async () => {
  const { read, pass } = world();
  await read(true, 'refused');
  pass(-30 * 24 * HOUR);
  expect(await read(true)).toBe('sent');
});

test('a store that fails is told as what it is', async () => {
  const store = { find: () => Promise.reject(new Error('locked')), note: () => Promise.resolve() };
  const { secret } = secretsOf({ numbers: [], byItself: false, store });
  await expect(secret('password')).rejects.toMatchObject({
    code: 1,
    message: expect.stringContaining('locked') as string,
  });
});

test('a number that is not on disk is none: nothing may be sent under the key', async () => {
  let isFull = false;
  const kept = (last: number): KeptCounter => ({
    title: Uint8Array.of(1),
    last,
    next: (after) => (isFull ? Promise.reject(new Error('full')) : Promise.resolve(after + 1)),
    renew: (behind) => Promise.resolve(kept(behind)),
  });
  const owners: unknown[] = [];
  const counters = {
    open: (owner: unknown) => {
      owners.push(owner);
      return Promise.resolve(kept(7));
    },
  };
  const store = { find: () => Promise.resolve(undefined), note: () => Promise.resolve() };
  const { counter } = secretsOf({ numbers: ['7', '1/17'], byItself: false, store, counters });
  const found = await counter(new Secret(Uint8Array.of(2)), '32 direct');
  expect(owners).toEqual([{ meter: '7', key: Uint8Array.of(2), use: '32 direct' }]);
  expect([found.last, await found.next(7), (await found.renew(3)).last]).toEqual([7, 8, 3]);
  isFull = true;
  for (const next of [found.next(8), (await found.renew(3)).next(3)])
    await expect(next).rejects.toMatchObject({ code: 1, hint: expect.stringContaining('Nothing was sent') as string });
});
