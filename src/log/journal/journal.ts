import type { OpenHhuDatabase } from '../database.ts';
import type { LogState } from '../log-state.ts';
import { createCopier, segmentBytes, type LogChange } from './copier.ts';
import { createCopyTeller, type CopyState } from './copy-state.ts';
import type { JournalFiles } from './files.ts';
import { findCopy } from './find-copy.ts';
import type { PuttingBack, Restored } from './put-back.ts';
import { RebuildFailed } from './rebuild-failed.ts';
import type { SettleRestored } from './rebuild.ts';
import { listSegments } from './segments.ts';
import { createWriter } from './writer.ts';

export type { CopyState } from './copy-state.ts';

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
  const copy = createCopyTeller(onChange);
  const copier = createCopier(writer, (state) => copy.tell({ state }));
  const copying = inTurns(turn, async (db) => !isBeingWritten() || (await copier.step(db)), giveUp);
  /** Files that a store which was too full for rebuilding may have the room of. */
  let spare: string[] = [];

  const isBeingWritten = () => copy.current.state !== 'none';

  /** The copy ends here; what it has stays, and goes on when it is opened the next time. */
  function giveUp(error: unknown): void {
    writer.close();
    copier.forget();
    copy.tell({ state: 'none', why: reasonOf(error) });
  }

  async function prepare(db: OpenHhuDatabase, mayRebuild: boolean): Promise<LogState | undefined> {
    let owed: LogState | undefined;
    writer.close();
    copier.begin();
    try {
      const files = await writer.files();
      const { whole, keptSeries } = await listSegments(files);
      copy.kept = keptSeries.length;
      const found = whole && (await findCopy(db, files, whole));
      if (whole && found) {
        const { end, comparison: why } = found;
        let { log } = end;
        if (why !== 'sound') {
          if (!mayRebuild) throw new Error('It has more than the log, which it puts back at the next start.');
          const task = { db, files, series: whole, end: log, why, settleRestored, onRestored };
          ({ log, owed } = await putBack(task));
        }
        copier.resume(end, log);
        await writer.resume(whole, end.end, segmentBytes(log.capacityBytes));
      } else if (whole) {
        await writer.setAside(whole);
        copy.kept++;
      }
    } catch (error) {
      giveUp(error);
      if (error instanceof RebuildFailed) {
        spare = [...error.spare];
        throw error.reason;
      }
      return owed;
    }
    copy.tell({ state: 'copying' });
    copying.start();
    return owed;
  }

  return {
    get state() {
      return copy.current;
    },
    prepare: (db) => prepare(db, true),
    async follow(db, change) {
      try {
        if (copying.isRunning && copier.isAnew) await copier.followWhileCopying(change);
        else if (isBeingWritten() && !(await copier.follow(db, change))) copying.start();
      } catch (error) {
        giveUp(error);
      }
    },
    catchUp() {
      if (isBeingWritten()) copying.start();
    },
    tryAgain() {
      if (isBeingWritten()) return;
      // Without leave to rebuild nothing is owed.
      turn(async (db) => {
        await prepare(db, false);
      }).catch(giveUp);
    },
    async forgetUntold() {
      if (isBeingWritten()) return;
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
      if (isBeingWritten()) giveUp(new DOMException('There is no room for it.', 'QuotaExceededError'));
    },
    async forgetKept(series) {
      const { removeKept } = await import('./kept.ts');
      const files = await writer.files();
      await removeKept(files, series);
      copy.kept = (await listSegments(files)).keptSeries.length;
      copy.tell();
    },
    close() {
      copying.end();
      writer.close();
    },
  };
}

/** Steps, each between two changes of the log, until one says that it was the last; several starts make one run. */
function inTurns(
  turn: JournalOptions['turn'],
  step: (db: OpenHhuDatabase) => Promise<boolean>,
  onError: (error: unknown) => void,
) {
  let isRunning = false;
  let isEnded = false;

  async function run(): Promise<void> {
    for (let isDone = false; !isDone && !isEnded;) {
      await turn(async (db) => {
        isDone = await step(db);
      });
    }
  }

  return {
    get isRunning() {
      return isRunning;
    },
    start() {
      if (isRunning || isEnded) return;
      isRunning = true;
      run()
        .catch(onError)
        .finally(() => {
          isRunning = false;
        });
    },
    /** After the step that is under way, for good. */
    end() {
      isEnded = true;
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
