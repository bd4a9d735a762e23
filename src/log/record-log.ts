import type { Clock } from '../common/clock.ts';
import type { Database, DatabaseNotice, LogTransaction, OpenHhuDatabase } from './database.ts';
import type { Displaced } from './displaced.ts';
import type { Journal } from './journal/journal.ts';
import type { LogState } from './log-state.ts';
import type { LogRecord, NewRecord } from './record.ts';
import type { StorageHealth } from './storage-health.ts';

/** A record to be written. `time` is for imports; otherwise the log's clock gives it. */
export type RecordDraft = NewRecord & { readonly time?: number; readonly importedSeq?: number };

/** Rows of the store `settings`. */
export type SettingRows = readonly { readonly key: string; readonly value: unknown }[];

/**
 * The circular record log: full means that the oldest records go. Every promise of a change resolves after the change
 * is on disk. Several contexts may have the log open; the counters live in the transactions, not in this object.
 */
export interface RecordLog {
  /** The database of the log, for what else is kept in it. */
  readonly database: Database;
  /** Resolves once the log was opened for the first time; what it holds is not known before. Never rejects. */
  readonly opened: Promise<void>;
  /** How writing goes. */
  readonly health: StorageHealth;
  /** The second copy, where this context has it. */
  readonly journal: Journal | undefined;
  readonly generation: string;
  /** Looks whether the storage takes anything, where the last write failed. Never rejects. */
  probe(): Promise<void>;
  /** `alongside` may change the claims in the transaction that stores the record; it awaits nothing but requests of it. */
  append(draft: RecordDraft, alongside?: (tx: LogTransaction<'readwrite'>) => Promise<void>): Promise<LogRecord>;
  /** All or none. Where a batch is larger than the capacity its own oldest go at once, as if appended one by one. */
  appendMany(drafts: readonly RecordDraft[]): Promise<readonly LogRecord[]>;
  /** The same for records from elsewhere. Without `mayPushOut` rejects with {@link WouldPushOut} rather than let own ones go. */
  importMany(drafts: readonly RecordDraft[], mayPushOut: boolean): Promise<readonly LogRecord[]>;
  /** What appending these would let go. */
  displacedBy(drafts: readonly RecordDraft[]): Promise<Displaced>;
  /**
   * What every log is to hold besides records: where another one begins under a program that runs on, since everything
   * was lost, these settings are stored with its first change.
   */
  beginWith(settings: () => SettingRows): void;
  /** Resolves with how many went. */
  deleteOldest(count: number): Promise<number>;
  deleteAll(): Promise<void>;
  /** Resolves with how many went; sequence numbers that are not there are passed over. */
  delete(seqs: readonly number[]): Promise<number>;
  /** Bytes; trims at once where less is wanted than is used. Kept in the database. */
  setCapacity(bytes: number): Promise<void>;
  /** `MESS_CNT`. */
  readonly count: number;
  readonly usedBytes: number;
  /** `GET_SPACE`. */
  readonly freeBytes: number;
  readonly capacityBytes: number;
  /** The sequence number given last; 0 before the first record. */
  readonly newestSeq: number;
  /** Ascending, from the first whose sequence number is greater than `after`. */
  oldest(count: number, after?: number): Promise<readonly LogRecord[]>;
  get(seq: number): Promise<LogRecord | undefined>;
  /** The highest number of a meter that a record carries; 0 without. */
  highestMeter(): Promise<number>;
  /** Newest first, below `before`. */
  page(request: { readonly before?: number; readonly limit: number }): Promise<readonly LogRecord[]>;
  /** Called after every change, also of other contexts; returns the way to stop. */
  subscribe(listener: (state: LogState) => void): () => void;
  close(): void;
}

export interface LogOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** Left out: what the database has, at first 16 MiB. */
  readonly capacityBytes?: number;
  /** Name of the database. */
  readonly name?: string;
  readonly onNotice?: (notice: DatabaseNotice) => void;
  /** The health of the storage has changed. */
  readonly onHealth?: () => void;
  /**
   * Makes the second copy; for the one context that has it. `turn` runs work between two changes.
   */
  readonly createJournal?: (turn: Turn) => Journal;
}

export type Turn = (work: (db: OpenHhuDatabase) => Promise<void>) => Promise<void>;
