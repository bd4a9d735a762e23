import type { ArchiveClient } from '../../archive/client.ts';
import type { MeterLabel } from '../../log/export/meter-labels.ts';
import { problemOfError } from '../read/problem.ts';
import type { Problem } from '../read/problem.ts';
import { isFolderProgress } from './day-files.ts';
import type { FolderFormat, FolderProgress } from './day-files.ts';
import { deleteSetting, getSetting, putSetting } from './settings-store.ts';

/** What of the File System Access API TypeScript's library does not have (WICG, Chromium only). */
interface FolderAccess {
  queryPermission?(options: { mode: 'readwrite' }): Promise<PermissionState>;
  requestPermission?(options: { mode: 'readwrite' }): Promise<PermissionState>;
}
interface FolderPicker {
  showDirectoryPicker?(options: { id: string; mode: 'readwrite' }): Promise<FileSystemDirectoryHandle>;
}

/** What is kept over a restart. */
interface StoredExport {
  readonly folder: FileSystemDirectoryHandle & FolderAccess;
  readonly format: FolderFormat;
  readonly progress: FolderProgress;
}

const KEY = 'folder export';
const WRITE = { mode: 'readwrite' } as const;
/** Records that come close together go into the file together. */
const GATHER_MS = 2000;

/** New records into a folder of this device, as they come, for as long as a window is open. */
export class FolderExport {
  readonly #archive: ArchiveClient;
  readonly #meters: () => readonly MeterLabel[];
  #stored: StoredExport | undefined = $state.raw();
  #permission: PermissionState = $state('prompt');
  #problem: Problem | undefined = $state.raw();
  #writer: AbortController | undefined;

  constructor(archive: ArchiveClient, meters: () => readonly MeterLabel[]) {
    this.#archive = archive;
    this.#meters = meters;
  }

  /** Whether this browser lets a page write into a folder. */
  get supported(): boolean {
    return picker().showDirectoryPicker !== undefined;
  }

  /** Name of the folder; undefined while nothing is exported by itself. */
  get folderName(): string | undefined {
    return this.#stored?.folder.name;
  }

  get format(): FolderFormat | undefined {
    return this.#stored?.format;
  }

  /** Everything up to this record is in the folder. */
  get lastSeq(): number {
    return this.#stored?.progress.lastSeq ?? 0;
  }

  /** The browser wants to be asked again, as after every restart. */
  get needsPermission(): boolean {
    return this.#stored !== undefined && this.#permission !== 'granted';
  }

  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** Goes on where the last visit ended. */
  async resume(): Promise<void> {
    await this.#try(async () => {
      const stored = await getSetting(KEY);
      if (!isStored(stored)) return;
      this.#stored = stored;
      this.#permission = (await stored.folder.queryPermission?.(WRITE)) ?? 'granted';
      this.#write();
    });
  }

  /** Lets a person pick a folder; needs a gesture. `after`: the sequence number to begin behind. */
  async choose(format: FolderFormat, after: number): Promise<void> {
    await this.#try(async () => {
      const folder = await picker().showDirectoryPicker?.({ id: 'openhhu-records', ...WRITE });
      if (folder) await this.begin(folder, format, after);
    });
  }

  async begin(folder: FileSystemDirectoryHandle, format: FolderFormat, after: number): Promise<void> {
    this.#writer?.abort();
    this.#permission = 'granted';
    await this.#keep({ folder, format, progress: { lastSeq: after } });
    this.#write();
  }

  /** Asks for the permission again; needs a gesture. */
  async allow(): Promise<void> {
    await this.#try(async () => {
      this.#permission = (await this.#stored?.folder.requestPermission?.(WRITE)) ?? 'granted';
      this.#write();
    });
  }

  async stop(): Promise<void> {
    this.#writer?.abort();
    await this.#try(async () => {
      await deleteSetting(KEY);
      this.#stored = undefined;
    });
  }

  /** One window writes; the others wait for it to go (Web Locks), and then go on from what is stored. */
  #write(): void {
    if (!this.#stored || this.#permission !== 'granted') return;
    this.#writer?.abort();
    const { signal } = (this.#writer = new AbortController());
    navigator.locks
      .request('openhhu-folder-export', { signal }, async () => {
        const stored = await getSetting(KEY);
        if (isStored(stored)) await this.#follow(stored, signal);
      })
      .catch((error: unknown) => {
        if (!signal.aborted) this.#fail(error);
      });
  }

  /** Writes now and after every change of the log, until aborted. A failure is told and tried again with the next change. */
  async #follow(stored: StoredExport, signal: AbortSignal): Promise<void> {
    let { progress } = stored;
    const save = async (now: FolderProgress) => {
      progress = now;
      await this.#keep({ ...stored, progress });
    };
    let changed = Promise.withResolvers<undefined>();
    const watching = this.#archive.call('watch', undefined, { signal, onEvent: () => changed.resolve(undefined) });
    while (!signal.aborted) {
      await Promise.race([changed.promise, watching]);
      changed = Promise.withResolvers();
      try {
        // Not part of the first load: most devices have no such folder.
        const { writeNewRecords } = await import('./folder-writer.ts');
        const { folder, format } = stored;
        progress = await writeNewRecords(
          { archive: this.#archive, folder, format, meters: this.#meters, save },
          progress,
          signal,
        );
        this.#problem = undefined;
      } catch (error) {
        this.#fail(error);
        this.#permission = (await stored.folder.queryPermission?.(WRITE)) ?? 'granted';
        if (this.#permission !== 'granted') return;
      }
      await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
    }
  }

  async #keep(stored: StoredExport): Promise<void> {
    await putSetting(KEY, stored);
    this.#stored = stored;
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#problem = undefined;
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const problem = problemOfError(error);
    // Closing the picker is a choice and no failure.
    if (!problem.cancelled) this.#problem = { ...problem, headline: 'The folder was not written.', remedies: [] };
  }
}

function picker(): FolderPicker {
  return globalThis as FolderPicker;
}

function isStored(value: unknown): value is StoredExport {
  if (typeof value !== 'object' || value === null) return false;
  const { folder, format, progress } = value as Partial<StoredExport>;
  const known = format === 'csv' || format === 'jsonl';
  return folder instanceof FileSystemDirectoryHandle && known && isFolderProgress(progress);
}
