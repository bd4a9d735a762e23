import { expect, test } from 'vitest';
import { Secret } from '../../../src/common/secret.ts';
import { storedKeys } from '../../../src/archive/stored-keys.ts';

test('a key is looked up once for records in a row, and anew a moment later', async () => {
  let [now, asked] = [0, 0];
  const kept: { key?: Secret } = {};
  const find = () => {
    asked++;
    return Promise.resolve(kept.key && { entry: { of: '7', name: 'key', setAt: 0 }, secret: kept.key });
  };
  const keys = storedKeys(
    () => ({ find }),
    () => now,
  );
  for (let record = 0; record < 10; record++) expect(await keys(['7'], 'key')).toBeUndefined();
  expect(asked).toBe(1);
  kept.key = new Secret(Uint8Array.of(1));
  now = 2000;
  expect((await keys(['7'], 'key'))?.bytes).toEqual(Uint8Array.of(1));
  expect(await keys(['8'], 'key')).toBeDefined();
  expect(asked).toBe(3);
});

test('that they are locked is said, and asked again', async () => {
  let isLocked = true;
  let now = 0;
  const find = () => (isLocked ? Promise.reject(new Error('locked')) : Promise.resolve(undefined));
  const keys = storedKeys(
    () => ({ find }),
    () => now,
  );
  await expect(keys(['7'], 'key')).rejects.toThrow('locked');
  isLocked = false;
  now = 2000;
  expect(await keys(['7'], 'key')).toBeUndefined();
});
