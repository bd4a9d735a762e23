import { openDB } from 'idb';
import type { DBSchema, IDBPDatabase, IDBPTransaction } from 'idb';
import type { LogState } from './log-state.ts';
import type { EncodedBlock } from './packed-index.ts';
import type { LogRecord } from './record.ts';

export const DATABASE_NAME = 'openhhu';
const VERSION = 1;

export interface OpenHhuSchema extends DBSchema {
  /** Records as received, keyed by sequence number. */
  records: { key: number; value: LogRecord };
  /** Sealed blocks of the packed index, keyed by the sequence number of their first entry. */
  blocks: { key: number; value: EncodedBlock };
  /** The state of the log under the key "log"; always written in the transaction that makes it true. */
  meta: { key: 'log'; value: LogState };
  /** The meter list (room `ams`). */
  meters: { key: string; value: { readonly id: string; readonly [member: string]: unknown } };
  /** Settings of any room. */
  settings: { key: string; value: { readonly key: string; readonly value: unknown } };
  /** Due slots that somebody has taken, so that each is read once (room `ams`). Slot: Unix seconds. */
  claims: {
    key: [string, number];
    value: { readonly meterId: string; readonly slot: number; readonly [member: string]: unknown };
  };
  /** Empty, but for moments at a start: see `startFreshJournal`. */
  ballast: { key: number; value: Uint8Array };
}

export type OpenHhuDatabase = IDBPDatabase<OpenHhuSchema>;
/** The claims are part of it, so that a slot is settled in the transaction that stores its record. */
export type LogStore = 'records' | 'blocks' | 'meta' | 'claims';
export type LogTransaction<Mode extends IDBTransactionMode> = IDBPTransaction<OpenHhuSchema, LogStore[], Mode>;

/**
 * 'waiting': another window still holds an older version open, opening goes on when it lets go.
 * 'superseded': a newer version of OpenHHU wants to upgrade the database; this one has let go and can only be reloaded.
 * 'lost': the browser closed the connection (site data cleared, disk failure); the next use opens it again.
 * 'emptied': the browser found the database damaged and began an empty one (told by Chromium only).
 */
export type DatabaseNotice = 'waiting' | 'superseded' | 'lost' | 'emptied';

export interface Database {
  /** The open connection, opened at first use and again after a loss. Rejects once superseded or closed. */
  connection(): Promise<OpenHhuDatabase>;
  close(): void;
}

/** A connection to the one database of OpenHHU. Every context (worker, service worker) has its own. */
export function connectDatabase(name = DATABASE_NAME, onNotice: (notice: DatabaseNotice) => void = () => {}): Database {
  let opening: Promise<OpenHhuDatabase> | undefined;
  let ended: string | undefined;

  function open(): Promise<OpenHhuDatabase> {
    const attempt = openDB<OpenHhuSchema>(name, VERSION, {
      upgrade(db, _from, _to, _tx, event) {
        createStores(db);
        // Not in the standard, hence not in the types.
        if ('dataLoss' in event && event.dataLoss === 'total') onNotice('emptied');
      },
      blocked: () => onNotice('waiting'),
      blocking: (_current, wanted, event) => {
        (event.target as IDBDatabase).close();
        if (opening === attempt) opening = undefined;
        // A null version is a deletion of the whole database: nothing newer has come, the next use starts afresh.
        if (wanted === null) return onNotice('lost');
        ended = 'A newer version of OpenHHU is open in another window. Reload this window to go on.';
        onNotice('superseded');
      },
      terminated: () => {
        if (opening === attempt) opening = undefined;
        onNotice('lost');
      },
    });
    return attempt;
  }

  return {
    async connection() {
      if (ended !== undefined) throw new Error(ended);
      opening ??= open();
      const attempt = opening;
      try {
        return await attempt;
      } catch (error) {
        // A failed attempt (private mode, disk full) must not be handed out for ever.
        if (opening === attempt) opening = undefined;
        throw error;
      }
    },
    close() {
      ended ??= 'The database connection was closed.';
      void opening?.then(
        (db) => db.close(),
        () => {}, // an attempt that failed was reported to the caller of connection() and holds nothing open
      );
    },
  };
}

function createStores(db: OpenHhuDatabase): void {
  db.createObjectStore('records', { keyPath: 'seq' });
  db.createObjectStore('blocks', { keyPath: 'base' });
  db.createObjectStore('meta');
  db.createObjectStore('meters', { keyPath: 'id' });
  db.createObjectStore('settings', { keyPath: 'key' });
  db.createObjectStore('claims', { keyPath: ['meterId', 'slot'] });
  db.createObjectStore('ballast');
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
  const tx = db.transaction<LogStore[], Mode>(['records', 'blocks', 'meta', 'claims'], mode, { durability: 'strict' });
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
