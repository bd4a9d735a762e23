import type { MeterId, Milliseconds } from '../common/kinds.ts';
import { openDB } from 'idb';
import type { DBSchema, IDBPDatabase, IDBPTransaction } from 'idb';
import type { LogState } from './log-state.ts';
import type { EncodedBlock } from './packed-index.ts';
import type { LogRecord } from './record.ts';

export const DATABASE_NAME = 'openhhu';

export interface OpenHhuSchema extends DBSchema {
  /** Records as received, keyed by sequence number. */
  records: { key: number; value: LogRecord };
  /** Sealed blocks of the packed index, keyed by the sequence number of their first entry. */
  blocks: { key: number; value: EncodedBlock };
  /** The state of the log under the key "log"; always written in the transaction that makes it true. */
  meta: { key: 'log'; value: LogState };
  /** Settings of any room. */
  settings: { key: string; value: { readonly key: string; readonly value: unknown } };
  /** Due slots that somebody has taken, so that each is read once (room `ams`). Slot: Unix seconds. */
  claims: {
    key: [string, number];
    value: { readonly meterId: MeterId; readonly slot: Milliseconds; readonly [member: string]: unknown };
  };
}

export type OpenHhuDatabase = IDBPDatabase<OpenHhuSchema>;
/**
 * The claims are part of it, so that a slot is settled in the transaction that stores its record; the settings, so that
 * all is put back together or nothing.
 */
export type LogStore = 'records' | 'blocks' | 'meta' | 'claims' | 'settings';
export type LogTransaction<Mode extends IDBTransactionMode> = IDBPTransaction<OpenHhuSchema, LogStore[], Mode>;

/**
 * 'waiting': another window still holds an older version open, opening goes on when it lets go.
 * 'superseded': a newer version of OpenHHU wants to upgrade the database; this one has let go and can only be reloaded.
 * 'newer': a newer version of OpenHHU has upgraded the database some time; this one cannot use it, and leaves it alone.
 * 'lost': the browser closed the connection (site data cleared, disk failure); the next use opens it again.
 * 'emptied': the browser found the database damaged and began an empty one (told by Chromium only).
 */
export type DatabaseNotice = 'waiting' | 'superseded' | 'newer' | 'lost' | 'emptied';

export interface Database {
  /**
   * Runs `work` on the open connection, which is opened at first use and again after a loss. Where the browser has
   * closed the connection without a word, or the store is full, `work` is run a second time (`pressed` says that it was
   * full): it must do all it does in transactions. There is no other way to the connection, so that none that has died
   * is kept. Rejects once superseded or closed.
   */
  use<Result>(work: (db: OpenHhuDatabase, pressed: boolean) => Promise<Result>): Promise<Result>;
  /** Whoever changes settings says so, for the second copy. */
  noteSettings(): void;
  close(): void;
}

/** This connection may not be opened again: another version has taken over, or it was closed for good. */
export class DatabaseEnded extends Error {
  override readonly name = 'DatabaseEnded';
}

/** A newer OpenHHU has the database, now or since an earlier time; only a newer version of this window can use it. */
export class NewerDatabase extends DatabaseEnded {}

/** Makes of a database of the version before the next one. */
export type UpgradeStep = (db: OpenHhuDatabase) => void;

/**
 * Version n of the database is what the first n steps make of an empty one. A change of the stores is a new step at the
 * end; no step is changed, since every version there ever was is on some device. The first one, as it was at the
 * beginning, also made the stores `ballast` and `meters`, which are empty and may be there.
 */
const STEPS: readonly UpgradeStep[] = [createStores];

export interface DatabaseOptions {
  readonly onNotice?: (notice: DatabaseNotice) => void;
  /** Awaited for every new connection before anybody else works on it. */
  readonly prepare?: (db: OpenHhuDatabase) => Promise<void>;
  /** Settings were changed; see `noteSettings`. */
  readonly onSettings?: () => void;
  /** Gives up what can be spared, when the store is full. Never rejects. */
  readonly makeRoom?: () => Promise<void>;
  /** For tests: what versions to come add. */
  readonly furtherSteps?: readonly UpgradeStep[];
}

/** A connection to the one database of OpenHHU. Every context (worker, service worker) has its own. */
export function connectDatabase(name = DATABASE_NAME, options: DatabaseOptions = {}): Database {
  const { onNotice = () => {}, prepare, makeRoom, onSettings, furtherSteps = [] } = options;
  const steps = [...STEPS, ...furtherSteps];
  let opening: Promise<OpenHhuDatabase> | undefined;
  /** Counts the attempts, so that a late word from an earlier connection never ends the present one. */
  let attempts = 0;
  let ended: DatabaseEnded | undefined;

  const forget = (attempt: number) => {
    if (attempt === attempts) opening = undefined;
  };

  async function open(attempt: number): Promise<OpenHhuDatabase> {
    const db = await openDB<OpenHhuSchema>(name, steps.length, {
      upgrade(db, from, _to, tx, event) {
        for (const step of steps.slice(from)) step(db);
        // Not in the standard, hence not in the types.
        if (!('dataLoss' in event) || event.dataLoss !== 'total') return;
        onNotice('emptied');
        // Whoever opens the database next tells it too: this context may have nobody to tell (the service worker).
        void tx.objectStore('settings').put({ key: EMPTIED_KEY, value: true });
      },
      blocked: () => onNotice('waiting'),
      blocking: (_current, wanted, event) => {
        (event.target as IDBDatabase).close();
        forget(attempt);
        // A null version is a deletion of the whole database: nothing newer has come, the next use starts afresh.
        if (wanted === null) return onNotice('lost');
        ended = new NewerDatabase('A newer version of OpenHHU is open in another window. Reload this window to go on.');
        onNotice('superseded');
      },
      terminated: () => {
        forget(attempt);
        onNotice('lost');
      },
    }).catch((error: unknown) => {
      if (!(error instanceof DOMException && error.name === 'VersionError')) throw error;
      ended = new NewerDatabase(
        'The storage of this device was last used by a newer OpenHHU than this one. Reload to get that; nothing is lost.',
      );
      onNotice('newer');
      throw ended;
    });
    try {
      await prepare?.(db);
    } catch (error) {
      db.close();
      throw error;
    }
    return db;
  }

  async function connection(): Promise<OpenHhuDatabase> {
    if (ended !== undefined) throw ended;
    opening ??= open(++attempts);
    const attempt = attempts;
    try {
      return await opening;
    } catch (error) {
      // A failed attempt (private mode, disk full) must not be handed out for ever.
      forget(attempt);
      throw error;
    }
  }

  return {
    noteSettings: () => onSettings?.(),
    async use(work) {
      let attempt = 0;
      let db: OpenHhuDatabase | undefined;
      try {
        db = await connection();
        attempt = attempts;
        return await work(db, false);
      } catch (error) {
        const pressed = isFull(error);
        if (pressed) await makeRoom?.();
        // After hibernation Chromium and Safari close connections and send no event.
        else if (isClosed(error)) forget(attempt);
        else {
          // What became of the work is not known, so only the caller may repeat it; on a new connection then.
          if (isBroken(error)) {
            forget(attempt);
            db?.close(); // others' transactions on it come to their end
          }
          throw error;
        }
        return await work(await connection(), pressed);
      }
    },
    close() {
      ended ??= new DatabaseEnded('The database connection was closed.');
      void opening?.then(
        (db) => db.close(),
        () => {}, // an attempt that failed was reported to the caller of connection() and holds nothing open
      );
    },
  };
}

/** Key of the setting that says: the browser found the database damaged and began an empty one. */
export const EMPTIED_KEY = 'emptied';

/** Key of the setting that counts the changes of settings which the second copy was told of. */
export const SETTINGS_REVISION_KEY = 'settings-revision';

function isClosed(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'InvalidStateError';
}

/** The connection may be of no more use: Safari says so when it has lost the process that keeps the database. */
function isBroken(error: unknown): boolean {
  return error instanceof DOMException && (error.name === 'UnknownError' || error.name === 'AbortError');
}

/** The store takes no more. In newer browsers the error has a class of its own, with the same name. */
export function isFull(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'QuotaExceededError';
}

function createStores(db: OpenHhuDatabase): void {
  db.createObjectStore('records', { keyPath: 'seq' });
  db.createObjectStore('blocks', { keyPath: 'base' });
  db.createObjectStore('meta');
  db.createObjectStore('settings', { keyPath: 'key' });
  db.createObjectStore('claims', { keyPath: ['meterId', 'slot'] });
}

/**
 * Runs `body` in one transaction over the stores of the log and resolves after it is complete; with mode `readwrite`
 * that is when the data is on disk (Chromium ≥ 121 defaults to relaxed durability, so strict is asked for).
 * When `body` throws, nothing of it stays. `body` must await nothing but requests of the transaction.
 */
export async function inLogTransaction<Mode extends 'readonly' | 'readwrite', Result>(
  db: OpenHhuDatabase,
  mode: Mode,
  body: (tx: LogTransaction<Mode>) => Promise<Result>,
): Promise<Result> {
  const stores: LogStore[] = ['records', 'blocks', 'meta', 'claims', 'settings'];
  const tx = db.transaction<LogStore[], Mode>(stores, mode, { durability: 'strict' });
  // Awaited below; without this an abort in the middle of `body` would also count as an unhandled rejection.
  tx.done.catch(() => {});
  try {
    const result = await body(tx);
    await tx.done;
    return result;
  } catch (error) {
    // What a request inside sees is often just "aborted"; the transaction knows the cause (quota, constraint).
    const cause = tx.error ?? error;
    if (tx.error === null) abort(tx);
    throw cause;
  }
}

function abort(tx: { abort(): void }): void {
  try {
    tx.abort();
  } catch (error) {
    // Already finished or aborted: there is nothing left to undo.
    if (!(error instanceof DOMException && error.name === 'InvalidStateError')) throw error;
  }
}
