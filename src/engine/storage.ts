import { settleRestored } from '../ams/slot-store.ts';
import { EMPTIED_KEY } from '../log/database.ts';
import type { DatabaseNotice } from '../log/database.ts';
import { JOURNAL_FOLDER, openJournalFiles } from '../log/journal/files.ts';
import { createJournal } from '../log/journal/journal.ts';
import type { CopyState } from '../log/journal/journal.ts';
import type { Restored } from '../log/journal/put-back.ts';
import { stampOf } from '../log/ring-changes.ts';
import { createLog } from '../log/ring.ts';
import type { RecordLog } from '../log/ring.ts';
import { onSettingsChange, openSettings, type SettingsStore } from '../log/settings.ts';
import type { StorageHealth } from '../log/storage-health.ts';
import type { Clock } from '../common/clock.ts';

/** What the engine knows of the browser's storage. */
export interface StorageState extends StorageHealth {
  /** 'opening': what is stored is not known yet, and comes in when it comes. */
  readonly phase: 'opening' | 'ready';
  /** What the browser did to the database, if anything; 'emptied': it found it damaged and began a new one. */
  readonly notice?: DatabaseNotice;
  /** What was put back from the second copy, and why. */
  readonly restored?: Restored;
  /** The second copy. */
  readonly copy: CopyState;
  /** The clock of this device is before 1970 or after 2106, which no time stamp can hold. */
  readonly clockWrong: boolean;
}

export interface Storage {
  readonly log: RecordLog;
  readonly settings: SettingsStore;
  state(): StorageState;
}

/** How often is looked whether a storage that took nothing takes something again. */
const PROBE_MS = 60_000;

/** Opens the storage for the engine, and records the start once it can be. Nothing has to wait for it. */
export function openStorage(clock: Clock, onChange: () => void, report: (error: unknown) => void): Storage {
  const start = stampOf(clock.now());
  let notice: DatabaseNotice | undefined;
  let phase: StorageState['phase'] = 'opening';
  const tell = (news: DatabaseNotice) => {
    notice = news;
    onChange();
  };

  let restored: Restored | undefined;
  const log = createLog({
    clock,
    onNotice: tell,
    onHealth: onChange,
    createJournal: (turn) =>
      createJournal({
        openFiles: () => openJournalFiles(JOURNAL_FOLDER),
        turn,
        settleRestored,
        onRestored(news) {
          restored = news;
          onChange();
        },
        onChange,
      }),
  });
  const { database } = log;
  // What other contexts keep in the database belongs to the second copy too.
  onSettingsChange(() => database.noteSettings());
  const settings = openSettings(database, () => database.noteSettings());

  /** Another context may have opened the database first, and had nobody to tell. */
  async function passOn(): Promise<void> {
    if ((await settings.get(EMPTIED_KEY)) === undefined) return;
    tell('emptied');
    await database.use((db) => db.delete('settings', EMPTIED_KEY));
  }

  let isStartRecorded = false;
  async function recordStart(): Promise<void> {
    await log.append({ type: 'SYSTART', ...start });
    isStartRecorded = true;
  }

  async function open(): Promise<void> {
    await log.opened;
    phase = 'ready';
    onChange();
    await Promise.all([recordStart(), passOn()]);
  }
  open().catch(report);
  setInterval(() => {
    log.journal?.tryAgain();
    if (!log.health.notRecording) return;
    if (isStartRecorded) void log.probe();
    else recordStart().catch(report);
  }, PROBE_MS);

  return {
    log,
    settings,
    state: () => ({
      ...log.health,
      phase,
      // What was emptied and put back as a whole is no loss.
      ...(notice && !(notice === 'emptied' && restored && !restored.lost) ? { notice } : {}),
      ...(restored ? { restored } : {}),
      copy: log.journal?.state ?? { state: 'none' },
      clockWrong: 'clock' in stampOf(clock.now()),
    }),
  };
}
