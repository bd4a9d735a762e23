import { SETTINGS_REVISION_KEY } from '../database.ts';
import type { OpenHhuDatabase } from '../database.ts';
import type { JournalEntry } from './frames.ts';
import { changesOf, countSettings, readSettings, settingsRevisionOf } from './settings.ts';

export interface SettingsEnd {
  readonly settings: ReadonlyMap<string, unknown>;
  readonly settingsRevision: number;
}

/** The settings as the copy has them. */
export interface SettingsCopy {
  /** All of them, as they stand at the head of a segment. */
  readonly entry: Required<Pick<JournalEntry, 'settings' | 'settingsRevision'>>;
  /** The copy ends with these. */
  resume(end: SettingsEnd): void;
  /** A copy begins with what the database has. */
  begin(db: OpenHhuDatabase): Promise<void>;
  /** Brings what has changed since into the copy, if anything. */
  follow(db: OpenHhuDatabase, write: (entry: JournalEntry) => Promise<void>): Promise<void>;
}

export function createSettingsCopy(): SettingsCopy {
  let settings: ReadonlyMap<string, unknown> = new Map();
  let settingsRevision = 0;
  return {
    get entry() {
      return { settings: [...settings].map(([key, value]) => ({ key, value })), settingsRevision };
    },
    resume(end) {
      ({ settings, settingsRevision } = end);
    },
    async begin(db) {
      settings = await readSettings(db);
      settingsRevision = settingsRevisionOf(await db.get('settings', SETTINGS_REVISION_KEY));
    },
    async follow(db, write) {
      const now = await readSettings(db);
      const changes = changesOf(settings, now);
      if (changes.length > 0) {
        settingsRevision = await countSettings(db, settingsRevision);
        await write({ settings: changes, settingsRevision });
      }
      settings = now;
    },
  };
}
