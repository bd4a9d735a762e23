import type { Milliseconds } from '../common/kinds.ts';
import { DatabaseEnded, NewerDatabase } from './database.ts';
import type { Clock } from '../common/clock.ts';

/**
 * Why the browser's storage did not take something. 'full': no room on the disk or no quota left; 'denied': site data is
 * blocked; 'closed': the browser closed the database; 'newer': a newer OpenHHU has changed it; 'failed': anything else,
 * as a disk that cannot be read.
 */
export type StorageFault = 'full' | 'denied' | 'closed' | 'newer' | 'failed';

export interface StorageTrouble {
  /** Milliseconds since the epoch. */
  readonly since: Milliseconds;
  readonly fault: StorageFault;
  /** What the browser said. */
  readonly message: string;
}

/** How writing to the storage goes; what goes wrong stays visible until a write succeeds. */
export interface StorageHealth {
  /** Set while nothing can be kept. */
  readonly notRecording?: StorageTrouble;
  /** Since when the storage is full and the oldest records go for the newest; milliseconds since the epoch. */
  readonly fullSince?: number;
}

export interface HealthRecord {
  readonly now: StorageHealth;
  /** A write succeeded; `trimmed` where only because older records went before their time. */
  succeeded(trimmed: boolean): void;
  /** A write failed. Errors that are not the storage's (a record that makes no sense) change nothing. */
  failed(error: unknown): void;
}

export function createHealthRecord(clock: Pick<Clock, 'now'>, onChange: () => void): HealthRecord {
  let now: StorageHealth = {};
  return {
    get now() {
      return now;
    },
    succeeded(trimmed) {
      if (now.notRecording === undefined && (now.fullSince !== undefined) === trimmed) return;
      now = trimmed ? { fullSince: now.fullSince ?? clock.now() } : {};
      onChange();
    },
    failed(error) {
      const fault = faultOf(error);
      if (fault === undefined || now.notRecording?.fault === fault) return;
      const since = now.notRecording?.since ?? clock.now();
      now = { ...now, notRecording: { since, fault, message: error instanceof Error ? error.message : String(error) } };
      onChange();
    },
  };
}

/** Undefined for an error that did not come from the browser's storage. */
export function faultOf(error: unknown): StorageFault | undefined {
  if (error instanceof NewerDatabase) return 'newer';
  if (error instanceof DatabaseEnded) return 'closed';
  if (!(error instanceof DOMException)) return undefined;
  switch (error.name) {
    case 'QuotaExceededError':
      return 'full';
    case 'SecurityError':
    case 'NotAllowedError':
      return 'denied';
    case 'InvalidStateError':
    case 'AbortError':
      return 'closed';
    default:
      // Chromium, of blocked site data: “The user denied permission to access the database.”
      return error.message.includes('denied') ? 'denied' : 'failed';
  }
}
