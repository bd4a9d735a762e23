import type { OpenHhuDatabase } from '../database.ts';
import type { LogState } from '../log-state.ts';
import { compare } from './comparison.ts';
import { createCopier, segmentBytes, type LogChange } from './copier.ts';
import type { JournalFiles } from './files.ts';
import { readEnd } from './image.ts';
import type { PuttingBack, Restored } from './put-back.ts';
import { RebuildFailed } from './rebuild-failed.ts';
import type { SettleRestored } from './rebuild.ts';
import { listSegments } from './segments.ts';
import { createWriter } from './writer.ts';

/** How the second copy stands. */
export interface CopyState {
  /** 'none': not being written, `why` says it; 'copying': what the log held is still being copied; 'written': all is in it. */
  readonly state: 'none' | 'copying' | 'written';
  readonly why?: string;
  /** How many copies were set aside, because they are of another log or cannot be read; absent: none. */
  readonly kept?: number;
}

/**
 * The independent second copy of log and settings: an append-only journal in the origin private file system, which
 * survives when the browser throws the database away, and puts it back. None of it ever rejects or stops the log.
 */
export interface Journal {
  readonly state: CopyState;
  /**
   * For a new connection to the database, before anybody works on it; rejects only when rebuilding failed. Resolves
   * with how the log stands where the store has no room to say it.
   */
  prepare(db: OpenHhuDatabase): Promise<LogState | undefined>;
  /** After each change, before it is confirmed. */
  follow(db: OpenHhuDatabase, change: LogChange): Promise<void>;
  /** Somebody else may have changed log or settings: has a look. */
  catchUp(): void;
  /** Where it is not being written: looks whether it can be now. */
  tryAgain(): void;
  /**
   * After a deletion that a full store could not note down, before it is confirmed: where the copy does not know of it
   * either, the copy goes, for it would bring back what was deleted.
   */
  forgetUntold(): Promise<void>;
  /** Gives up the oldest part of the copy, because the store is full. */
  makeRoom(): Promise<void>;
  /** A copy that was set aside goes for good; rejects where it cannot. */
  forgetKept(series: number): Promise<void>;
  close(): void;
}

export interface JournalOptions {
  readonly openFiles: () => Promise<JournalFiles>;
  /** Runs work between two changes of the log. */
  readonly turn: (work: (db: OpenHhuDatabase) => Promise<void>) => Promise<void>;
  readonly settleRestored: SettleRestored;
  readonly onRestored: (restored: Restored) => void;
  readonly onChange: () => void;
}

export function createJournal({ openFiles, turn, settleRestored, onRestored, onChange }: JournalOptions): Journal {
  const writer = createWriter(openFiles);
  let state: CopyState = { state: 'none', why: 'It is being opened.' };
  const copier = createCopier(writer, (how) => tell({ state: how }));
  let isCopying = false;
  /** Series that were set aside. */
  let kept = 0;
  /** Files that a store which was too full for rebuilding may have the room of. */
  let spare: string[] = [];
  let isClosed = false;

  function tell(next: CopyState): void {
    if (next.state === state.state && next.why === state.why && kept === (state.kept ?? 0)) return;
    const { state: how, why } = next;
    state = { state: how, ...(why === undefined ? {} : { why }), ...(kept > 0 ? { kept } : {}) };
    onChange();
  }

  /** The copy ends here; what it has stays, and goes on when it is opened the next time. */
  function giveUp(error: unknown): void {
    writer.close();
    copier.forget();
    tell({ state: 'none', why: reasonOf(error) });
  }

  async function prepare(db: OpenHhuDatabase, mayRebuild: boolean): Promise<LogState | undefined> {
    let owed: LogState | undefined;
    writer.close();
    copier.begin();
    try {
      const files = await writer.files();
      const listing = await listSegments(files);
      const { whole } = listing;
      kept = listing.keptSeries.length;
      const end = whole && (await readEnd(files, whole));
      const comparison = end?.log ? await compare(db, { ...end, log: end.log }) : 'unreadable';
      if (whole && end?.log && comparison !== 'another log' && comparison !== 'unreadable') {
        if (comparison !== 'sound' && !mayRebuild) {
          giveUp(new Error('It has more than the log, which it puts back at the next start.'));
          return undefined;
        }
        let log = end.log;
        if (comparison !== 'sound') {
          const task = { db, files, series: whole, end: end.log, why: comparison, settleRestored, onRestored };
          ({ log, owed } = await putBack(task));
        }
        copier.resume(end, log);
        await writer.resume(whole, end.end, segmentBytes(log.capacityBytes));
      } else if (whole) {
        // Nothing of it may go: whoever needs it has no other.
        await writer.setAside(whole);
        kept++;
      }
    } catch (error) {
      giveUp(error);
      if (error instanceof RebuildFailed) {
        spare = [...error.spare];
        throw error.reason;
      }
      return owed;
    }
    tell({ state: 'copying' });
    copyInTurns();
    return owed;
  }

  function copyInTurns(): void {
    if (isCopying || isClosed) return;
    isCopying = true;
    const run = async () => {
      for (let isDone = false; !isDone && !isClosed;) {
        await turn(async (db) => {
          isDone = state.state === 'none' || (await copier.step(db));
        });
      }
    };
    run()
      .catch(giveUp)
      .finally(() => {
        isCopying = false;
      });
  }

  return {
    get state() {
      return state;
    },
    prepare: (db) => prepare(db, true),
    async follow(db, change) {
      try {
        if (isCopying && copier.isAnew) await copier.followWhileCopying(change);
        else if (state.state !== 'none' && !(await copier.follow(db, change))) copyInTurns();
      } catch (error) {
        giveUp(error);
      }
    },
    catchUp() {
      if (state.state !== 'none') copyInTurns();
    },
    tryAgain() {
      if (state.state !== 'none') return;
      // Without leave to rebuild nothing is owed.
      turn(async (db) => {
        await prepare(db, false);
      }).catch(giveUp);
    },
    async forgetUntold() {
      if (state.state !== 'none') return;
      await writer.removeAll().catch(giveUp);
    },
    async makeRoom() {
      try {
        const held = spare.shift();
        if (held !== undefined) return await (await writer.files()).remove(held);
        if (await writer.dropOldest()) return;
      } catch (error) {
        return giveUp(error);
      }
      if (state.state !== 'none') giveUp(new DOMException('There is no room for it.', 'QuotaExceededError'));
    },
    async forgetKept(series) {
      const { removeKept } = await import('./kept.ts');
      const files = await writer.files();
      await removeKept(files, series);
      kept = (await listSegments(files)).keptSeries.length;
      tell(state);
    },
    close() {
      isClosed = true;
      writer.close();
    },
  };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof DOMException)) return error instanceof Error ? error.message : String(error);
  switch (error.name) {
    case 'QuotaExceededError':
      return 'There is no room for it on this device.';
    case 'NoModificationAllowedError':
      return 'Another window has it open.';
    case 'SecurityError':
    case 'NotAllowedError':
      return 'The browser lets this site keep no files.';
    default:
      return error.message;
  }
}

/** Loaded by the few who need it. Without it the log must not begin anew beside a copy that could not be put back only now. */
async function putBack(task: PuttingBack) {
  const loaded = await import('./put-back.ts').catch((error: unknown) => {
    throw new RebuildFailed(new DOMException(String(error), 'NetworkError'));
  });
  return await loaded.putBack(task);
}
