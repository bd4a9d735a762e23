import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { Secret } from '../common/secret.ts';
import type { KeyEntry, NewKey, Refusal } from './key.ts';
import { lockFile, openFile } from './key-file.ts';
import { isOwner, ownersFor } from './owner.ts';
import type { Unlocked } from './unlocked.ts';
import {
  deviceProtection,
  KeysLocked,
  open,
  passphraseProtection,
  seal,
  unlockProtection,
  type Protection,
  type Sealed,
} from './vault.ts';

export interface KeysState {
  readonly protection: Protection['kind'];
  /** By a passphrase that nobody has given since the last window was closed. */
  readonly locked: boolean;
  readonly entries: readonly KeyEntry[];
}

/**
 * Passwords and keys of meters, encrypted at rest, in a database of their own: neither the log, its second copy nor any
 * export has them. Nothing of it is kept open, so that no connection can die unnoticed.
 */
export interface KeyStore {
  state(): Promise<KeysState>;
  /** Puts keys in the place of those of the same meter and name, all or none. Rejects with KeysLocked. */
  put(keys: readonly NewKey[]): Promise<void>;
  remove(of: string, name: string): Promise<void>;
  /** The narrowest one for a meter with these numbers. Rejects with KeysLocked where there is one that is locked, or KeyDamaged. */
  find(numbers: readonly string[], name: string): Promise<FoundKey | undefined>;
  /** What a meter made of a key: kept until the key is another one, or the meter takes it. */
  note(key: KeyEntry, number: string, refusal: Refusal | undefined): Promise<void>;
  /** From now on by this passphrase; without one, by the device alone. All is encrypted anew, at once. Rejects with KeysLocked. */
  protect(passphrase?: string): Promise<void>;
  /** Rejects with WrongPassphrase. */
  unlock(passphrase: string): Promise<void>;
  lock(): void;
  /** All of them in a file that this passphrase opens on any device. Rejects with KeysLocked. */
  exportAll(passphrase: string): Promise<string>;
  /** What such a file holds; to be put in by `put`. Rejects with WrongPassphrase or KeyFileFault. */
  openFile(text: string, passphrase: string): Promise<readonly NewKey[]>;
}

export interface FoundKey {
  readonly entry: KeyEntry;
  readonly secret: Secret;
  readonly refusal?: Refusal;
}

type StoredKey = KeyEntry & Sealed & { readonly refusals?: readonly Refusal[] };

/** The oldest are forgotten. */
const MOST_REFUSALS = 500;

interface KeysSchema extends DBSchema {
  protection: { key: 'now'; value: Protection };
  keys: { key: [string, string]; value: StoredKey };
}

const DATABASE_NAME = 'openhhu-keys';

export interface KeyStoreParts {
  readonly now: () => number;
  /** The key of a passphrase while it is known, in every window and worker. */
  readonly unlocked: Unlocked;
  readonly databaseName?: string;
}

export function openKeyStore({ now, unlocked, databaseName = DATABASE_NAME }: KeyStoreParts): KeyStore {
  async function use<Result>(work: (db: IDBPDatabase<KeysSchema>) => Promise<Result>): Promise<Result> {
    const db = await openDB<KeysSchema>(databaseName, 1, {
      upgrade(fresh) {
        fresh.createObjectStore('protection');
        fresh.createObjectStore('keys', { keyPath: ['of', 'name'] });
      },
      // A window that deletes the site's data must not wait for this one.
      blocking: (_current, _wanted, event) => (event.target as IDBDatabase).close(),
    });
    try {
      return await work(db);
    } finally {
      db.close();
    }
  }

  const readAll = () =>
    use(async (db) => {
      const tx = db.transaction(['protection', 'keys']);
      const [protection, stored] = await Promise.all([
        tx.objectStore('protection').get('now'),
        tx.objectStore('keys').getAll(),
        tx.done,
      ]);
      return { protection, stored };
    });

  async function keyFor(protection: Protection): Promise<CryptoKey> {
    const key = protection.kind === 'device' ? protection.key : await unlocked.get(protection.id);
    if (!key) throw new KeysLocked();
    return key;
  }

  /** Writes what `make` makes of all that is there; anew, where somebody else changed the protection meanwhile. */
  async function change(
    make: (before: Protection | undefined, stored: readonly StoredKey[]) => Promise<Changed>,
  ): Promise<void> {
    for (;;) {
      const { protection: before, stored } = await readAll();
      const { protection, keys, replacesAll = false } = await make(before, stored);
      const isWritten = await use(async (db) => {
        const tx = db.transaction(['protection', 'keys'], 'readwrite', { durability: 'strict' });
        const store = tx.objectStore('keys');
        const current = await tx.objectStore('protection').get('now');
        const isSame = current?.id === before?.id;
        // What is encrypted anew must be all there is, as it is.
        const isWhole = !replacesAll || revisionOf(await store.getAll()) === revisionOf(stored);
        if (isSame && isWhole) {
          await Promise.all([
            tx.objectStore('protection').put(protection, 'now'),
            ...keys.map((key) => store.put(key)),
          ]);
        }
        await tx.done;
        return isSame && isWhole;
      });
      if (isWritten) return;
    }
  }

  async function put(keys: readonly NewKey[]): Promise<void> {
    if (!keys.every(({ of }) => isOwner(of))) throw new RangeError('Of no meter and no group.');
    await change(async (before) => {
      const protection = before ?? (await deviceProtection());
      const key = await keyFor(protection);
      return { protection, keys: await Promise.all(keys.map((one) => sealed(key, one, now()))) };
    });
  }

  async function openAll(): Promise<readonly (NewKey & KeyEntry)[]> {
    const { protection, stored } = await readAll();
    if (!protection) return [];
    const key = await keyFor(protection);
    return await Promise.all(stored.map((one) => opened(key, one)));
  }

  return {
    async state() {
      const { protection, stored } = await readAll();
      return {
        protection: protection?.kind ?? 'device',
        locked: protection?.kind === 'passphrase' && !(await unlocked.get(protection.id)),
        entries: stored.map(({ of, name, setAt }) => ({ of, name, setAt })),
      };
    },
    put,
    remove: (of, name) => use((db) => db.delete('keys', [of, name])),
    async find(numbers, name) {
      const { protection, stored } = await readAll();
      const [narrowest] = ownersFor(
        stored.filter((one) => one.name === name),
        numbers,
      );
      if (!protection || !narrowest) return undefined;
      const { of, setAt, refusals = [] } = narrowest;
      const refusal = refusals.find(({ number }) => number === (numbers[0] ?? ''));
      const secret = new Secret((await opened(await keyFor(protection), narrowest)).bytes);
      return { entry: { of, name, setAt }, secret, ...(refusal ? { refusal } : {}) };
    },
    note: ({ of, name, setAt }, number, refusal) =>
      use(async (db) => {
        const tx = db.transaction('keys', 'readwrite', { durability: 'strict' });
        const stored = await tx.store.get([of, name]);
        // Another one since then has not been tried.
        if (stored?.setAt === setAt) {
          const others = (stored.refusals ?? []).filter((one) => one.number !== number);
          await tx.store.put({ ...stored, refusals: [...others, ...(refusal ? [refusal] : [])].slice(-MOST_REFUSALS) });
        }
        await tx.done;
      }),
    async protect(passphrase) {
      let fresh: { readonly id: string; readonly key: CryptoKey } | undefined;
      await change(async (before, stored) => {
        const old = before && (await keyFor(before));
        const { protection, key } = await newProtection(passphrase);
        const plain = old ? await Promise.all(stored.map((one) => opened(old, one))) : [];
        fresh = { id: protection.id, key };
        const keys = await Promise.all(
          plain.map(async (one, i) => ({ ...stored[i], ...(await sealed(key, one, one.setAt)) })),
        );
        return { protection, keys, replacesAll: true };
      });
      if (fresh && passphrase !== undefined) unlocked.set(fresh.id, fresh.key);
    },
    async unlock(passphrase) {
      const { protection } = await readAll();
      if (protection?.kind === 'passphrase') {
        unlocked.set(protection.id, await unlockProtection(protection, passphrase));
      }
    },
    lock: () => unlocked.forget(),
    exportAll: async (passphrase) => await lockFile(await openAll(), passphrase),
    openFile,
  };
}

/** Differs when any key was added, removed or replaced: none is encrypted twice with one iv. */
const revisionOf = (keys: readonly StoredKey[]) => JSON.stringify(keys.map(({ of, name, iv }) => [of, name, ...iv]));

interface Changed {
  readonly protection: Protection;
  readonly keys: readonly StoredKey[];
  /** They are all there is, encrypted anew. */
  readonly replacesAll?: boolean;
}

async function newProtection(
  passphrase: string | undefined,
): Promise<{ readonly protection: Protection; readonly key: CryptoKey }> {
  if (passphrase !== undefined) return await passphraseProtection(passphrase);
  const protection = await deviceProtection();
  return { protection, key: protection.key };
}

/** Bound to meter and name: put under another, it does not open. */
const aboutKey = ({ of, name }: Pick<KeyEntry, 'of' | 'name'>) => `${name} of ${of}`;

async function sealed(key: CryptoKey, { of, name, bytes }: NewKey, setAt: number): Promise<StoredKey> {
  return { of, name, setAt, ...(await seal(key, new Uint8Array(bytes), aboutKey({ of, name }))) };
}

async function opened(key: CryptoKey, { of, name, setAt, ...locked }: StoredKey): Promise<NewKey & KeyEntry> {
  return { of, name, setAt, bytes: await open(key, locked, aboutKey({ of, name })) };
}
