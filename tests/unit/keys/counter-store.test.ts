import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { expect, test } from 'vitest';
import { inspect } from 'node:util';
import { openCounterStore } from '../../../src/keys/counter-store.ts';

let names = 0;
const key = Uint8Array.from({ length: 16 }, (_, at) => 0xd0 + at);
const owner = { meter: '7', key, use: '1 direct' };

test('a number is given out once, in whichever window, and after whatever end', async () => {
  const name = `counters-${names++}`;
  const [one, other] = await Promise.all([openCounterStore(name).open(owner), openCounterStore(name).open(owner)]);
  expect(one.last).toBeUndefined();
  expect(one.title).toEqual(other.title);
  expect(String.fromCharCode(...one.title.subarray(0, 3))).toBe('OHU');
  const given = await Promise.all(
    Array.from({ length: 20 }, (_, at) => (at % 2 ? one : other).next(at === 7 ? 100 : 0)),
  );
  expect(new Set(given).size).toBe(20);
  const again = await openCounterStore(name).open(owner);
  expect(again).toMatchObject({ title: one.title, last: Math.max(...given) });
  expect(await again.next(500)).toBe(501);
});

test('each key, meter and way has its own, under a title of its own', async () => {
  const store = openCounterStore(`counters-${names++}`);
  const counter = await store.open(owner);
  await counter.next(41);
  for (const other of [
    { ...owner, meter: '8' },
    { ...owner, use: '1 mode E' },
    { ...owner, key: key.with(0, 0) },
  ]) {
    const own = await store.open(other);
    expect(own.last).toBeUndefined();
    expect(own.title).not.toEqual(counter.title);
  }
});

test('begins anew under another title only', async () => {
  const store = openCounterStore(`counters-${names++}`);
  const before = await store.open(owner);
  await before.next(900);
  const after = await before.renew(5);
  expect(after.title).not.toEqual(before.title);
  expect(await after.next(5)).toBe(6);
  expect(await store.open(owner)).toMatchObject({ title: after.title, last: 6 });
  // Whoever still counts under the old title does not go back.
  expect(await before.next(901)).toBe(902);
});

test('two that still count under an old title have no number in common', async () => {
  const store = openCounterStore(`counters-${names++}`);
  const owner = { meter: '12345678', key, use: '32 direct' };
  const [one, other, third] = [await store.open(owner), await store.open(owner), await store.open(owner)];
  const had = await other.next(900);
  const renewed = await third.renew(5);
  const numbers = [had, await one.next(900), await other.next(had), await one.next(902)];
  expect(new Set(numbers).size).toBe(numbers.length);
  // Nor do they carry along whoever began anew.
  expect(await renewed.next(5)).toBe(6);
});

test('under a title that they know us by, no number is given out twice, for whichever meter or way', async () => {
  const store = openCounterStore(`counters-${names++}`);
  // Numbers of before, when they were counted with those of titles by chance.
  await (await store.open(owner)).next(1000);
  const ownTitle = Uint8Array.from({ length: 8 }, (_, at) => 0x41 + at);
  const [one, way, meter] = [
    await store.open({ ...owner, ownTitle }),
    await store.open({ ...owner, use: '1 mode E', ownTitle }),
    await store.open({ ...owner, meter: '8', ownTitle }),
  ];
  expect([one.title, one.last, way.last, meter.last]).toEqual([ownTitle, 1001, undefined, undefined]);
  const given = [await one.next(1001), await way.next(0), await meter.next(1001), await one.next(1002)];
  expect(given).toEqual([1002, 1, 1003, 1004]);
  // Another key, or title, has all of them.
  expect(await (await store.open({ ...owner, key: key.with(0, 0), ownTitle })).next(1001)).toBe(1002);
  expect(await (await store.open({ ...owner, ownTitle: ownTitle.with(7, 0) })).next(1001)).toBe(1002);
});

test('nor where there are more reads than are told apart', async () => {
  const store = openCounterStore(`counters-${names++}`);
  const ownTitle = new Uint8Array(8).fill(0x41);
  const one = await store.open({ ...owner, ownTitle });
  const given = new Set<number>();
  // The tenth gap is the smallest one.
  for (let n = 1; n <= 210; n++) given.add(await one.next(n * 100 - (n % 10)));
  const other = await store.open({ ...owner, meter: '8', ownTitle });
  for (let n = 1; n <= 210; n++) {
    const number = await other.next(n * 100 - (n % 10));
    expect(given.has(number)).toBe(false);
    given.add(number);
  }
  expect(given.size).toBe(420);
});

test('nothing of it tells the key', async () => {
  const name = `counters-${names++}`;
  await (await openCounterStore(name).open(owner)).next(0);
  const db = await openDB(name);
  const rows = (await db.getAll('counters')) as readonly { readonly mark: string }[];
  const sealing = (await db.get('marks', 'key')) as CryptoKey;
  db.close();
  expect(sealing.extractable).toBe(false);
  expect(inspect(rows).toUpperCase()).not.toContain('D0D1D2');
  // Nobody who guesses it can see that he is right.
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', key));
  expect(rows[0]?.mark.toUpperCase()).not.toContain(Buffer.from(digest).toString('hex').slice(0, 8).toUpperCase());
});
