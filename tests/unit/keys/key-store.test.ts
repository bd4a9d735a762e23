import 'fake-indexeddb/auto';
import { inspect } from 'node:util';
import { openDB } from 'idb';
import { afterEach, expect, test } from 'vitest';
import { fromLatin1, toLatin1 } from '../../../src/common/bytes.ts';
import { Secret } from '../../../src/common/secret.ts';
import { openKeyStore, type FoundKey } from '../../../src/keys/key-store.ts';
import { createUnlocked, type Unlocked } from '../../../src/keys/unlocked.ts';
import { KeyDamaged, KeysLocked, WrongPassphrase } from '../../../src/keys/vault.ts';

let names = 0;
const channels: Unlocked[] = [];
afterEach(() => {
  for (const channel of channels.splice(0)) channel.close();
});

function start(databaseName = `keys-${names++}`) {
  // A channel of its own for each database: tests of one file share a page.
  const window = () => {
    const unlocked = createUnlocked(new BroadcastChannel(databaseName));
    channels.push(unlocked);
    return openKeyStore({ now: () => 1_700_000_000_000, unlocked, databaseName });
  };
  return { store: window(), window, databaseName };
}

const password = (of: string, text = 'geheim') => ({ of, name: 'password', bytes: fromLatin1(text) });
const text = (found: FoundKey | undefined) => found && toLatin1(found.secret.bytes);

test('a key is found for its meter, the own one before those of groups, and nothing stored shows it', async () => {
  const { store, databaseName } = start();
  await store.put([password('*', 'all'), password('5012*', 'group'), password('50120001', 'own')]);
  expect(text(await store.find(['50120001'], 'password'))).toBe('own');
  expect(text(await store.find(['50120002'], 'password'))).toBe('group');
  expect(text(await store.find(['7', '0050120002'], 'password'))).toBe('all');
  expect(await store.find(['50120001'], 'encryption key')).toBeUndefined();
  expect(await store.state()).toMatchObject({ protection: 'device', locked: false, entries: [{ of: '*' }, {}, {}] });

  const db = await openDB(databaseName);
  const rows = inspect(await db.getAll('keys'), { depth: 9, maxArrayLength: null });
  const device = (await db.get('protection', 'now')) as { readonly key: CryptoKey };
  db.close();
  const bytesOf = (word: string) => [...fromLatin1(word)].join(', ');
  for (const word of ['group', 'own']) expect(rows).not.toContain(bytesOf(word));
  expect(device.key.extractable).toBe(false);
  await store.remove('50120001', 'password');
  expect(text(await store.find(['50120001'], 'password'))).toBe('group');
});

test('a secret is dots wherever it is printed, and nothing once it is cloned', () => {
  const secret = new Secret(fromLatin1('geheim'));
  expect([String(secret), JSON.stringify({ secret }), inspect(secret)].join(' ')).not.toMatch(/geheim|103/);
  expect(structuredClone(secret)).toEqual({});
});

test('behind a passphrase keys open in every window while one is open, and in none before', async () => {
  const { store, window } = start();
  await store.put([password('1')]);
  await store.protect('two words');
  const other = window();
  expect(text(await other.find(['1'], 'password'))).toBe('geheim');
  other.lock();
  await expect.poll(async () => (await store.state()).locked).toBe(true);
  await expect(store.find(['1'], 'password')).rejects.toThrow(KeysLocked);
  await expect(store.put([password('2')])).rejects.toThrow(KeysLocked);
  await expect(store.protect()).rejects.toThrow(KeysLocked);
  // A meter without a key is read as ever.
  expect(await store.find(['2'], 'password')).toBeUndefined();
  await expect(store.unlock('two Words')).rejects.toThrow(WrongPassphrase);
  await store.unlock('two words');
  expect(text(await store.find(['1'], 'password'))).toBe('geheim');
  await store.protect();
  const later = window();
  expect(await later.state()).toMatchObject({ protection: 'device', locked: false });
  expect(text(await later.find(['1'], 'password'))).toBe('geheim');
});

test('what is put in while another window changes the protection is neither lost nor locked out', async () => {
  const { store, window } = start();
  await store.put([password('0')]);
  const other = window();
  await Promise.all([store.protect('passphrase'), ...['1', '2', '3'].map((of) => other.put([password(of)]))]);
  await store.unlock('passphrase');
  for (const of of ['0', '1', '2', '3']) expect(text(await store.find([of], 'password'))).toBe('geheim');
});

test('a damaged key is told, and one put under another meter does not open', async () => {
  const { store, databaseName } = start();
  await store.put([password('1'), password('2', 'other')]);
  const db = await openDB(databaseName);
  const [first, second] = (await db.getAll('keys')) as { of: string; bytes: Uint8Array }[];
  await db.put('keys', { ...first, bytes: first?.bytes.map((byte, i) => (i === 3 ? byte ^ 1 : byte)) });
  await db.put('keys', { ...second, of: '3' });
  db.close();
  await expect(store.find(['1'], 'password')).rejects.toThrow(KeyDamaged);
  await expect(store.find(['3'], 'password')).rejects.toThrow(KeyDamaged);
  expect(text(await store.find(['2'], 'password'))).toBe('other');
});

test('a file with keys opens on another device with its passphrase only, and shows nothing without', async () => {
  const { store } = start();
  await store.put([
    password('50120001'),
    { of: '9*', name: 'key', bytes: Uint8Array.from({ length: 16 }, (_, i) => i) },
  ]);
  const file = await store.exportAll('for the office');
  expect(file).not.toMatch(/50120001|geheim|676568|000102/);
  const { store: other } = start();
  await expect(other.openFile(file, 'for the Office')).rejects.toThrow(WrongPassphrase);
  expect((await other.state()).entries).toEqual([]);
  await other.put(await other.openFile(file, 'for the office'));
  expect(text(await other.find(['50120001'], 'password'))).toBe('geheim');
  expect([...((await other.find(['91'], 'key'))?.secret.bytes ?? [])]).toHaveLength(16);
});

test.each([
  ['', /no file with keys/],
  ['{"format":"openhhu-keys","version":2}', /newer/],
  ['{"format":"openhhu-keys","version":1,"salt":"00","iterations":1,"iv":"00","keys":"00"}', /damaged/],
])('a file that is none is told: %s', async (content, words) => {
  const { store } = start();
  await expect(store.openFile(content, 'x')).rejects.toThrow(words);
});

test('a file that asks for endless work is refused', async () => {
  const { store } = start();
  const file = JSON.stringify({
    format: 'openhhu-keys',
    version: 1,
    salt: '00',
    iterations: 1e12,
    iv: '00'.repeat(12),
    keys: '00',
  });
  await expect(store.openFile(file, 'x')).rejects.toThrow(WrongPassphrase);
});

test('what a meter refused stays with the key for that meter, until it takes it or the key is another one', async () => {
  const { store } = start();
  await store.put([password('*')]);
  const refusal = { number: '7', at: 1, times: 1 };
  const key = await store.find(['7'], 'password');
  if (!key) throw new Error('There is one.');
  await store.note(key.entry, '7', refusal);
  await store.protect('passphrase');
  expect((await store.find(['7'], 'password'))?.refusal).toEqual(refusal);
  expect((await store.find(['8'], 'password'))?.refusal).toBeUndefined();
  await store.note(key.entry, '7', undefined);
  expect((await store.find(['7'], 'password'))?.refusal).toBeUndefined();
  await store.note(key.entry, '7', refusal);
  await store.note({ ...key.entry, setAt: 5 }, '7', { ...refusal, times: 9 });
  expect((await store.find(['7'], 'password'))?.refusal).toEqual(refusal);
  await store.put([password('*', 'better')]);
  expect((await store.find(['7'], 'password'))?.refusal).toBeUndefined();
});

test('what replaces a key while the protection changes is the one that stays', async () => {
  const { store, window } = start();
  await store.put([password('0', 'old')]);
  const changing = store.protect('passphrase');
  await window().put([password('0', 'new')]);
  await changing;
  expect(text(await store.find(['0'], 'password'))).toBe('new');
});
