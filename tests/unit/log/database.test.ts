import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import { connectDatabase, NewerDatabase, type UpgradeStep, type OpenHhuDatabase } from '../../../src/log/database.ts';
import { faultOf } from '../../../src/log/storage-health.ts';

let names = 0;
const newName = () => `database-${names++}`;

/** What an earlier version made of an empty database. */
function make(name: string, version: number, build: (db: IDBDatabase) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, version);
    request.onupgradeneeded = () => build(request.result);
    request.onsuccess = () => {
      request.result.close();
      resolve();
    };
    request.onerror = () => reject(request.error ?? new Error('not made'));
  });
}

/** Version 1 as it was first published, with a record, a setting and a claim. */
function asFirstPublished(db: IDBDatabase): void {
  db.createObjectStore('records', { keyPath: 'seq' }).put({ seq: 1, time: 1, type: 'SYSTART' });
  db.createObjectStore('blocks', { keyPath: 'base' });
  db.createObjectStore('meta');
  db.createObjectStore('meters', { keyPath: 'id' });
  db.createObjectStore('settings', { keyPath: 'key' }).put({ key: 'reminder', value: true });
  db.createObjectStore('claims', { keyPath: ['meterId', 'slot'] }).put({ meterId: '1', slot: 60_000 });
  db.createObjectStore('ballast');
}

const nextStep: UpgradeStep = (db) => void db.createObjectStore('extra' as 'meta');

test('the next version works on every database there is: none, today’s, the first', async () => {
  const older = newName();
  await make(older, 1, asFirstPublished);
  const today = newName();
  const before = connectDatabase(today);
  await before.use((db) => db.put('settings', { key: 'reminder', value: true }));
  before.close();

  for (const name of [newName(), today, older]) {
    const database = connectDatabase(name, { furtherSteps: [nextStep] });
    const db = await database.use((db) => Promise.resolve(db));
    expect(db.version).toBe(2);
    expect([...db.objectStoreNames]).toEqual(
      expect.arrayContaining(['blocks', 'claims', 'extra', 'meta', 'records', 'settings']),
    );
    const kept = await db.get('settings', 'reminder');
    expect(kept?.value).toBe(name === older || name === today ? true : undefined);
    if (name === older) expect(await db.count('records')).toBe(1);
    database.close();
  }
});

test('an older build says in words that the storage is a newer one’s, every time, and leaves it as it is', async () => {
  const name = newName();
  const newer = connectDatabase(name, { furtherSteps: [nextStep] });
  await newer.use((db) => db.put('settings', { key: 'reminder', value: true }));
  newer.close();

  const notices: string[] = [];
  const older = connectDatabase(name, { onNotice: (notice) => notices.push(notice) });
  for (let i = 0; i < 2; i++) {
    const error: unknown = await older.use((db) => db.get('settings', 'reminder')).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(NewerDatabase);
    expect((error as Error).message).toMatch(/newer OpenHHU.*Reload/);
    expect(faultOf(error)).toBe('newer');
  }
  expect(notices).toEqual(['newer']);
  const again = connectDatabase(name, { furtherSteps: [nextStep] });
  expect(await again.use((db) => db.get('settings', 'reminder'))).toMatchObject({ value: true });
  again.close();
});

test('after an error that leaves open what was done nothing is repeated, and the next use has a new connection', async () => {
  const database = connectDatabase(newName());
  const used: OpenHhuDatabase[] = [];
  const lost = database.use((db) => {
    used.push(db);
    return Promise.reject(new DOMException('Connection to Indexed Database server lost.', 'UnknownError'));
  });
  await expect(lost).rejects.toMatchObject({ name: 'UnknownError' });
  expect(used).toHaveLength(1);
  expect(await database.use((db) => Promise.resolve(db))).not.toBe(used[0]);
  // The one that was dropped stands in nobody's way.
  expect(() => used[0]?.transaction('settings')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
  database.close();
});
