import { inLogTransaction } from '../database.ts';
import type { OpenHhuDatabase } from '../database.ts';
import type { LogState } from '../log-state.ts';
import type { LogRecord } from '../record.ts';
import { readState } from '../read-state.ts';
import type { JournalState } from './frames.ts';
import { journalState } from './comparison.ts';
import { createRewriteRule } from './rewrite-rule.ts';
import { createSettingsCopy, type SettingsEnd } from './settings-copy.ts';
import type { JournalWriter } from './writer.ts';

/** A change of the log that is on disk. */
export interface LogChange {
  readonly before: LogState;
  readonly after: LogState;
  readonly added: readonly LogRecord[];
  readonly removed: readonly number[];
}

const ROWS_AT_ONCE = 500;
const MIB = 1024 * 1024;
/** A copy is begun only where so much is left beside it: it must not be what fills the disk. */
const SPARE_BYTES = 16 * MIB;

/** Makes the copy true for the log, in steps, and keeps it so. */
export interface Copier {
  /** A series is being written that is not whole yet. */
  readonly isAnew: boolean;
  /** What there was of a copy is none any more. */
  forget(): void;
  /** A session begins: what may be tried once in it may be tried. */
  begin(): void;
  /** There is a copy, true for `log`, with the settings at its end; it is to be gone on with. */
  resume(end: SettingsEnd, log: JournalState): void;
  /** One step towards a copy that is true for the log as it is; true when it is. */
  step(db: OpenHhuDatabase): Promise<boolean>;
  /** While all records are being copied, those that come in are copied when their turn comes. */
  followWhileCopying(change: LogChange): Promise<void>;
  /** True where the copy is true for the log then; else more steps are needed. */
  follow(db: OpenHhuDatabase, change: LogChange): Promise<boolean>;
}

export function createCopier(writer: JournalWriter, tell: (state: 'copying' | 'written') => void): Copier {
  /** What the copy is true for, with the revision -1 while records are still being copied; undefined without a copy. */
  let known: JournalState | undefined;
  let isAnew = false;
  const settings = createSettingsCopy();
  const rewrite = createRewriteRule(writer);

  function setKnown(next: JournalState): void {
    known = next;
    writer.headWith({ log: next, ...settings.entry }, next.nextSeq);
  }

  /** One step towards a copy that is true for the log as it is; true when it is. */
  async function step(db: OpenHhuDatabase): Promise<boolean> {
    const { now, rows } = await inLogTransaction(db, 'readonly', async (tx) => {
      const stored = await readState(tx);
      const from = Math.max(known?.nextSeq ?? 0, stored.firstSeq);
      return { now: stored, rows: await tx.objectStore('records').getAll(IDBKeyRange.lowerBound(from), ROWS_AT_ONCE) };
    });
    if (now.generation === '') {
      tell('written'); // there is nothing yet
      return true;
    }
    const goal = journalState(now);
    if (!known || !canFollow(known, now) || (!isAnew && rewrite.wants(now) && (await hasRoom(now)))) {
      await beginAnew(db, goal, now);
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
    await settings.follow(db, writer.write);
    await writer.write({ log: goal });
    setKnown(goal);
    if (isAnew) {
      await writer.finish();
      isAnew = false;
      rewrite.succeeded();
    }
    await writer.dropBefore(now.firstSeq);
    tell('written');
    return true;
  }

  async function hasRoom({ usedBytes }: LogState): Promise<boolean> {
    const room = await (await writer.files()).room();
    return room === undefined || room >= 2 * usedBytes + SPARE_BYTES;
  }

  async function beginAnew(db: OpenHhuDatabase, goal: JournalState, now: LogState): Promise<void> {
    if (!(await hasRoom(now))) throw new DOMException('There is no room for a copy.', 'QuotaExceededError');
    tell('copying');
    isAnew = true;
    await settings.begin(db);
    setKnown({ ...goal, revision: -1, nextSeq: goal.firstSeq });
    await writer.begin(goal.firstSeq, segmentBytes(goal.capacityBytes));
  }

  return {
    get isAnew() {
      return isAnew;
    },
    forget() {
      known = undefined;
    },
    begin() {
      known = undefined;
      isAnew = false;
      rewrite.renew();
    },
    resume(end, log) {
      settings.resume(end);
      setKnown(log);
    },
    step,
    async followWhileCopying({ after, removed }) {
      if (!known || removed.length === 0 || !isSameLife(known, journalState(after))) return;
      await writer.write({ removed });
      setKnown({ ...known, holes: after.holes.revision });
    },
    async follow(db, { before, after, added, removed }) {
      const isNext = known?.revision === before.revision && isSameLife(known, journalState(before));
      if (!isNext || rewrite.isTooLarge(after.usedBytes)) return await step(db);
      const log = journalState(after);
      await writer.write({
        log,
        ...(added.length > 0 ? { records: added } : {}),
        ...(removed.length > 0 ? { removed } : {}),
      });
      setKnown(log);
      await writer.dropBefore(after.firstSeq);
      return true;
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
export const segmentBytes = (capacityBytes: number) => Math.max(MIB, capacityBytes / 32);
