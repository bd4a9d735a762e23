import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ownProfiles } from '../../../src/engine/own-profiles.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('profiles come from the settings, by protocol; what is no list of them is none', async () => {
  const entry = { name: 'Cellar meter', digest: '00' };
  const kept = new Map<string, unknown>([
    ['profiles MODBUS', [entry, null, { name: 1, digest: '' }]],
    ['profile MODBUS 00', '{}'],
    ['profiles OTHER', 'rubbish'],
  ]);
  const settings = { get: (key: string) => Promise.resolve(kept.get(key)) };
  expect(await ownProfiles(settings, 'MODBUS').list()).toEqual([entry]);
  expect(await ownProfiles(settings, 'MODBUS').text('00')).toBe('{}');
  expect(await ownProfiles(settings, 'MODBUS').text('01')).toBeUndefined();
  expect(await ownProfiles(settings, 'OTHER').list()).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test('nobody waits for a storage that does not answer', async () => {
  const { list } = ownProfiles({ get: () => new Promise(() => undefined) }, 'MODBUS');
  const listing = expect(list()).rejects.toThrow('the storage of the browser does not answer');
  await vi.advanceTimersByTimeAsync(3000);
  await listing;
});
