import type { Clock } from '../common/clock.ts';
import type { MeterLabel } from '../log/export/meter-labels.ts';
import type { SettingsStore } from '../log/settings.ts';
import type { CallContext, Handlers } from '../rpc/rpc.ts';
import type { FolderState, ForwardApi } from './api.ts';
import type { ReadPage } from './cursor.ts';
import { isFolderProgress, type FolderFormat, type FolderProgress } from './day-files.ts';
import { writeNewRecords } from './folder-writer.ts';

export interface ForwardParts {
  readonly settings: SettingsStore;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly locks: Pick<LockManager, 'request'>;
  readonly page: ReadPage;
  /** The records that match a filter text as a file of a format. */
  piece(filter: string, format: FolderFormat, meters: readonly MeterLabel[], signal: AbortSignal): Promise<Blob>;
  /** Calls back after every change of the log; returns the way to stop. */
  onRecords(listener: () => void): () => void;
  /** Calls back after settings were changed by whatever window; returns the way to stop. */
  onSettings(listener: () => void): () => void;
}

/** What is kept over a restart. */
interface StoredFolder {
  /** Another one with each choice; absent in what was stored before there was one. */
  readonly id?: string;
  readonly folder: FileSystemDirectoryHandle & FolderAccess;
  readonly format: FolderFormat;
  readonly progress: FolderProgress;
}

/** What of the File System Access API TypeScript's library does not have (WICG, Chromium only). */
interface FolderAccess {
  queryPermission?(options: { mode: 'readwrite' }): Promise<PermissionState>;
}

const KEY = 'folder export';
/** Records that come close together go into the file together. */
const GATHER_MS = 2000;
/** A file may be locked (a spreadsheet has it open), a stick pulled: tried again after so long, then each time the last. */
const RETRY_MS = [10_000, 60_000, 600_000] as const;
/** So many failures in a row do not pass by themselves. */
const STUCK = 2;

/** New records into a folder of this device, as they come. */
export function folderForwarder(parts: ForwardParts): Handlers<ForwardApi> {
  return {
    followFolder: async ({ meters }, context) => {
      await new FolderFollower(parts, meters, context).run();
      return undefined;
    },
    async setFolder(choice) {
      await parts.settings.change(KEY, () => {
        if (!choice) return undefined;
        const { folder, format, after } = choice;
        return { id: crypto.randomUUID(), folder, format, progress: { lastSeq: after } } satisfies StoredFolder;
      });
      return undefined;
    },
  };
}

/** Somebody chose another folder, or none, while this one was written. */
class Replaced extends Error {}

/** One window's part in it: shows how things stand, and writes when its turn comes. */
class FolderFollower {
  readonly #parts: ForwardParts;
  readonly #meters: readonly MeterLabel[];
  readonly #context: CallContext<FolderState | undefined>;
  /** Rung when there may be something new to show, and when there may be something to write. */
  readonly #news = bell();
  readonly #work = bell();
  #fault: string | undefined;
  /** Failures in a row, and the wait that each of them begins anew. */
  #failures = 0;
  #retry = new AbortController();

  constructor(parts: ForwardParts, meters: readonly MeterLabel[], context: CallContext<FolderState | undefined>) {
    this.#parts = parts;
    this.#meters = meters;
    this.#context = context;
  }

  /** Until the call is aborted; rejects when the settings cannot be read. */
  async run(): Promise<void> {
    const end = new AbortController();
    const signal = AbortSignal.any([this.#context.signal, end.signal]);
    const stops = [this.#parts.onSettings(() => this.#news.ring()), this.#parts.onRecords(() => this.#work.ring())];
    signal.addEventListener('abort', () => {
      this.#news.ring();
      this.#work.ring();
    });
    try {
      await Promise.all([this.#show(signal), this.#takeTurn(signal)]);
    } finally {
      end.abort();
      for (const stop of stops) stop();
    }
  }

  async #show(signal: AbortSignal): Promise<void> {
    let known: string | undefined;
    for (; !signal.aborted; await this.#news.rung()) {
      const stored = await this.#stored();
      // Progress is news too, and no work.
      if (stored?.id !== known) this.#work.ring();
      known = stored?.id;
      this.#context.emit(stored && (await this.#stateOf(stored)));
    }
  }

  async #stateOf(stored: StoredFolder): Promise<FolderState> {
    const { folder, format, progress } = stored;
    const isStuck = this.#failures >= STUCK;
    const fault = this.#fault === undefined ? {} : { fault: this.#fault, ...(isStuck ? { isStuck } : {}) };
    return { folder, format, permission: await permissionOf(stored), lastSeq: progress.lastSeq, ...fault };
  }

  /** One window writes; the others wait for it to go, and then go on from what is stored. */
  async #takeTurn(signal: AbortSignal): Promise<void> {
    await this.#parts.locks
      .request('openhhu-folder-export', { signal }, () => this.#writeAsTheyCome(signal))
      .catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
  }

  /** A failure is told, and tried again with the next change, or after a while. */
  async #writeAsTheyCome(signal: AbortSignal): Promise<void> {
    for (; !signal.aborted; await this.#work.rung()) {
      const stored = await this.#stored();
      if (!stored || (await permissionOf(stored)) !== 'granted') continue;
      try {
        await this.#write(stored, signal);
        this.#fault = undefined;
        this.#failures = 0;
      } catch (error) {
        if (signal.aborted || error instanceof Replaced) continue;
        this.#fault = error instanceof Error ? error.message : String(error);
        this.#ringAfter(RETRY_MS[this.#failures++] ?? RETRY_MS[2], signal);
      }
      this.#news.ring();
      await this.#parts.clock.sleep(GATHER_MS, signal).catch(() => undefined); // aborted: the loop ends
    }
  }

  /** One wait at a time, however many records come meanwhile. */
  #ringAfter(ms: number, signal: AbortSignal): void {
    this.#retry.abort();
    this.#retry = new AbortController();
    this.#parts.clock.sleep(ms, AbortSignal.any([signal, this.#retry.signal])).then(
      () => this.#work.ring(),
      () => undefined, // aborted: another wait has begun, or nothing is written any more
    );
  }

  async #write({ id, folder, format, progress }: StoredFolder, signal: AbortSignal): Promise<void> {
    const { settings, page, piece } = this.#parts;
    const save = async (now: FolderProgress) => {
      const kept = await settings.change(KEY, (present) =>
        isStored(present) && present.id === id ? { ...present, progress: now } : present,
      );
      if (!isStored(kept) || kept.id !== id) throw new Replaced();
    };
    const pieceOf = (filter: string) => piece(filter, format, this.#meters, signal);
    await writeNewRecords({ folder, format, page, piece: pieceOf, save }, progress, signal);
  }

  async #stored(): Promise<StoredFolder | undefined> {
    const stored = await this.#parts.settings.get(KEY);
    return isStored(stored) ? stored : undefined;
  }
}

/** The browser wants to be asked again after a restart, by the page. */
async function permissionOf({ folder }: StoredFolder): Promise<PermissionState> {
  return (await folder.queryPermission?.({ mode: 'readwrite' })) ?? 'granted';
}

function isStored(value: unknown): value is StoredFolder {
  if (typeof value !== 'object' || value === null) return false;
  const { folder, format, progress } = value as Partial<StoredFolder>;
  const known = format === 'csv' || format === 'jsonl';
  return folder?.kind === 'directory' && known && isFolderProgress(progress);
}

/** Wakes one who waits; rung while nobody does, it wakes the next at once. */
function bell() {
  let wake: (() => void) | undefined;
  let isRung = false;
  return {
    ring() {
      isRung = true;
      wake?.();
    },
    async rung(): Promise<void> {
      if (!isRung) await new Promise<void>((resolve) => (wake = resolve));
      isRung = false;
    },
  };
}
