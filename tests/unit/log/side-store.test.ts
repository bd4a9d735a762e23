import 'fake-indexeddb/auto';
import { afterEach, expect, test, vi } from 'vitest';
import { openSideStore } from '../../../src/log/side-store.ts';

afterEach(() => vi.restoreAllMocks());

let names = 0;
const newStore = (mostBytes = 100) => openSideStore<string>(`side-${names++}`, mostBytes);

test('what was put is there by its name, the last word of it last', async () => {
  const store = newStore();
  await store.put('a', 'first', 10);
  await store.put('b', 'other', 10);
  await store.put('a', 'second', 10);
  expect(await store.get('a')).toBe('second');
  expect(await store.get('c')).toBeUndefined();
  expect(await store.all()).toEqual(['other', 'second']);
  await store.delete(['b', 'c']);
  expect(await store.names()).toEqual(['a']);
});

test('the oldest go for what comes, and nothing for what is larger than all the room', async () => {
  const store = newStore(100);
  for (const name of ['a', 'b', 'c', 'd']) await store.put(name, name, 30);
  expect(await store.all()).toEqual(['b', 'c', 'd']);
  // The same name does not count twice.
  await store.put('c', 'C', 40);
  expect(await store.all()).toEqual(['b', 'd', 'C']);
  await store.put('e', 'e', 101);
  expect(await store.all()).toEqual(['b', 'd', 'C']);
});

test('a full disk takes what was there before, not what comes', async () => {
  const store = newStore();
  await store.put('a', 'a', 10);
  await store.put('b', 'b', 10);
  const put = IDBObjectStore.prototype.put;
  let refusals = 1;
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...row) {
    if (refusals-- > 0) throw new DOMException('full', 'QuotaExceededError');
    return put.apply(this, row);
  });
  await store.put('c', 'c', 10);
  expect(await store.all()).toEqual(['c']);
});

test('another fault leaves what is there, and is said', async () => {
  const store = newStore();
  await store.put('a', 'a', 10);
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw new DOMException('broken', 'UnknownError');
  });
  await expect(store.put('b', 'b', 10)).rejects.toThrow('broken');
  expect(await store.all()).toEqual(['a']);
});
