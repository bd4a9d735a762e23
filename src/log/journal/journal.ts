import { SETTINGS_REVISION_KEY, inLogTransaction } from '../database.ts';
import type { OpenHhuDatabase } from '../database.ts';
import type { LogState } from '../log-state.ts';
import { readState } from '../read-state.ts';
import type { LogRecord } from '../record.ts';
import type { JournalFiles } from './files.ts';
import type { JournalState } from './frames.ts';
import { readEnd } from './image.ts';
import { RebuildFailed, putBack } from './put-back.ts';
import type { Restored } from './put-back.ts';
import { compare, journalState } from './rebuild.ts';
import type { SettleRestored } from './rebuild.ts';
import { listSegments } from './segments.ts';
import { changesOf, countSettings, readSettings, settingsRevisionOf } from './settings.ts';
import { createWriter } from './writer.ts';

/** How the second copy stands. */
export interface CopyState {
  /** 'none': not being written, `why` says it; 'copying': what the log held is still being copied; 'written': all is in it. */
  readonly state: 'none' | 'copying' | 'written';
  readonly why?: string;
  /** How many copies were set aside, because they are of another log or cannot be read; absent: none. */
  readonly kept?: number;
}

/** A change of the log that is on disk. */
export interface LogChange {
  readonly before: LogState;
  readonly after: LogState;
  readonly added: readonly LogRecord[];
  readonly removed: readonly number[];
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

const ROWS_AT_ONCE = 500;
const MIB = 1024 * 1024;
/** A copy is begun only where so much is left beside it: it must not be what fills the disk. */
const SPARE_BYTES = 16 * MIB;

export function createJournal({ openFiles, turn, settleRestored, onRestored, onChange }: JournalOptions): Journal {
  const writer = createWriter(openFiles);
  let state: CopyState = { state: 'none', why: 'It is being opened.' };
  /** What the copy is true for, with the revision -1 while records are still being copied; undefined without a copy. */
  let known: JournalState | undefined;
  let settings: ReadonlyMap<string, unknown> = new Map();
  let settingsRevision = 0;
  /** A series is being written that is not whole yet. */
  let isAnew = false;
  /** A copy that lacks the oldest records is written anew once a session, if there is room; */
  let mayComplete = true;
  /** one that has grown too large whenever that has succeeded. */
  let mayShrink = true;
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
    known = undefined;
    tell({ state: 'none', why: reasonOf(error) });
  }

  function setKnown(next: JournalState): void {
    known = next;
    writer.headWith({ log: next, settings: rowsOf(settings), settingsRevision }, next.nextSeq);
  }

  async function prepare(db: OpenHhuDatabase, mayRebuild: boolean): Promise<LogState | undefined> {
    let owed: LogState | undefined;
    writer.close();
    known = undefined;
    isAnew = false;
    mayComplete = mayShrink = true;
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
        ({ settings, settingsRevision } = end);
        setKnown(log);
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
          isDone = state.state === 'none' || (await copySome(db));
        });
      }
    };
    run()
      .catch(giveUp)
      .finally(() => {
        isCopying = false;
      });
  }

  /** One step towards a copy that is true for the log as it is; true when it is. */
  async function copySome(db: OpenHhuDatabase): Promise<boolean> {
    const { now, rows } = await inLogTransaction(db, 'readonly', async (tx) => {
      const stored = await readState(tx);
      const from = Math.max(known?.nextSeq ?? 0, stored.firstSeq);
      return { now: stored, rows: await tx.objectStore('records').getAll(IDBKeyRange.lowerBound(from), ROWS_AT_ONCE) };
    });
    if (now.generation === '') {
      tell({ state: 'written' }); // there is nothing yet
      return true;
    }
    const goal = journalState(now);
    if (!known || !canFollow(known, now) || (wantsRewrite(now) && (await hasRoom(now)))) {
      await begin(db, goal, now);
      return false;
    }
    if (known.holes !== goal.holes) {
      await writer.write({ removed: now.holes.removed });
      setKnown({ ...known, holes: goal.holes });
    }
    if (rows.length > 0) {
      await writer.write({ records: rows });
      setKnown({ ...goal, revision: -1, nextSeq: (rows.at(-1)?.seq ?? 0) + 1 });
    }
    if (rows.length === ROWS_AT_ONCE) return false;
    await noteSettings(db);
    await writer.write({ log: goal });
    setKnown(goal);
    if (isAnew) {
      await writer.finish();
      isAnew = false;
      mayShrink = true;
    }
    await writer.dropBefore(now.firstSeq);
    tell({ state: 'written' });
    return true;
  }

  function wantsRewrite({ firstSeq, usedBytes }: LogState): boolean {
    if (isAnew) return false;
    const isShort = mayComplete && writer.fromSeq > firstSeq;
    const isLarge = mayShrink && writer.isBloated(usedBytes);
    if (isShort) mayComplete = false;
    if (isLarge) mayShrink = false;
    return isShort || isLarge;
  }

  async function hasRoom({ usedBytes }: LogState): Promise<boolean> {
    const room = await (await writer.files()).room();
    return room === undefined || room >= 2 * usedBytes + SPARE_BYTES;
  }

  async function begin(db: OpenHhuDatabase, goal: JournalState, now: LogState): Promise<void> {
    if (!(await hasRoom(now))) throw new DOMException('There is no room for a copy.', 'QuotaExceededError');
    tell({ state: 'copying' });
    isAnew = true;
    settings = await readSettings(db);
    settingsRevision = settingsRevisionOf(await db.get('settings', SETTINGS_REVISION_KEY));
    setKnown({ ...goal, revision: -1, nextSeq: goal.firstSeq });
    await writer.begin(goal.firstSeq, segmentBytes(goal.capacityBytes));
  }

  async function noteSettings(db: OpenHhuDatabase): Promise<void> {
    const now = await readSettings(db);
    const changes = changesOf(settings, now);
    if (changes.length > 0) {
      settingsRevision = await countSettings(db, settingsRevision);
      await writer.write({ settings: changes, settingsRevision });
    }
    settings = now;
  }

  /** While all records are being copied, those that come in are copied when their turn comes. */
  async function followWhileCopying({ after, removed }: LogChange): Promise<void> {
    if (!known || removed.length === 0 || !isSameLife(known, journalState(after))) return;
    await writer.write({ removed });
    setKnown({ ...known, holes: after.holes.revision });
  }

  async function followChange(db: OpenHhuDatabase, { before, after, added, removed }: LogChange): Promise<void> {
    const isNext = known?.revision === before.revision && isSameLife(known, journalState(before));
    if (!isNext || (mayShrink && writer.isBloated(after.usedBytes))) {
      if (!(await copySome(db))) copyInTurns();
      return;
    }
    const log = journalState(after);
    await writer.write({
      log,
      ...(added.length > 0 ? { records: added } : {}),
      ...(removed.length > 0 ? { removed } : {}),
    });
    setKnown(log);
    await writer.dropBefore(after.firstSeq);
  }

  return {
    get state() {
      return state;
    },
    prepare: (db) => prepare(db, true),
    async follow(db, change) {
      try {
        if (isCopying && isAnew) await followWhileCopying(change);
        else if (state.state !== 'none') await followChange(db, change);
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

const isSameLife = (a: JournalState, b: JournalState) => a.generation === b.generation && a.rebuilt === b.rebuilt;

/** Does the copy know, or can it be told, all that was taken out of the middle? */
function canFollow(known: JournalState, now: LogState): boolean {
  const { holes } = now;
  const isTold = known.holes === holes.revision || (known.holes === holes.follows && holes.removed.length > 0);
  return isTold && isSameLife(known, journalState(now));
}

/** So many files that the oldest part can go piece by piece, and not so many that opening them all takes long. */
const segmentBytes = (capacityBytes: number) => Math.max(MIB, capacityBytes / 32);

const rowsOf = (settings: ReadonlyMap<string, unknown>) => [...settings].map(([key, value]) => ({ key, value }));

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
