import { mount, untrack } from 'svelte';
import type { ArchiveClient } from '../../archive/client.ts';
import type { FolderState } from '../../forward/api.ts';
import type { FolderFormat } from '../../forward/day-files.ts';
import type { EngineWatch } from '../shell/engine-watch.svelte.ts';
import { expectFolder } from './folder-hint.ts';
import FolderNotice from './FolderNotice.svelte';
import { meterLabels } from './table-form.svelte.ts';
import { problemOfError } from '../read/problem.ts';
import type { Problem } from '../read/problem.ts';

/** What of the File System Access API TypeScript's library does not have (WICG, Chromium only). */
interface FolderAccess {
  requestPermission?(options: { mode: 'readwrite' }): Promise<PermissionState>;
}
interface FolderPicker {
  showDirectoryPicker?(options: { id: string; mode: 'readwrite' }): Promise<FileSystemDirectoryHandle>;
}

const WRITE = { mode: 'readwrite' } as const;
const HEADLINE = 'The folder was not written.';

/** How long is waited before a worker that ended is asked again, ms: it may have ended for want of memory. */
const AGAIN_MS = 5000;

/** New records into a folder of this device, as they come, for as long as a window is open: what of it is shown. */
export class FolderExport {
  readonly #archive: ArchiveClient;
  readonly #watch: EngineWatch;
  #following: AbortController | undefined;
  /** Undefined while nothing is exported by itself. */
  state: FolderState | undefined = $state.raw();
  #failed: Problem | undefined = $state.raw();

  constructor(archive: ArchiveClient, watch: EngineWatch) {
    this.#archive = archive;
    this.#watch = watch;
    // Lives as long as the page. The engine makes the database that the archive looks into.
    $effect.root(() => {
      const labels = $derived(watch.state && JSON.stringify(meterLabels(watch.state.ams)));
      $effect(() => {
        if (labels !== undefined) untrack(() => this.#begin());
      });
    });
  }

  /** Whether this browser lets a page write into a folder. */
  get supported(): boolean {
    return picker().showDirectoryPicker !== undefined;
  }

  get problem(): Problem | undefined {
    const fault = this.state?.fault;
    return this.#failed ?? (fault === undefined ? undefined : { ...problemOfError(fault, HEADLINE), remedies: [] });
  }

  /** Lets a person pick a folder; needs a gesture. `after`: the sequence number to begin behind. */
  async choose(format: FolderFormat, after: number): Promise<void> {
    await this.#try(async () => {
      const folder = await picker().showDirectoryPicker?.({ id: 'openhhu-records', ...WRITE });
      if (folder) await this.#archive.call('setFolder', { folder, format, after });
    });
  }

  /** Asks for the permission again; needs a gesture. */
  async allow(): Promise<void> {
    await this.#try(async () => {
      await (this.state?.folder as FolderAccess | undefined)?.requestPermission?.(WRITE);
      this.#begin();
    });
  }

  async stop(): Promise<void> {
    await this.#try(() => this.#archive.call('setFolder', undefined));
  }

  /** Anew: with the names of the meters as they are now, and a permission that was given meanwhile is seen. */
  #begin(): void {
    if (!this.supported) return;
    this.#following?.abort();
    this.#following = new AbortController();
    void this.#follow(this.#following.signal);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const onEvent = (state: FolderState | undefined) => {
      this.state = state;
      this.#failed = undefined;
      expectFolder(state !== undefined);
    };
    const meters = meterLabels(this.#watch.state?.ams);
    await this.#try(() => this.#archive.call('followFolder', { meters }, { signal, onEvent }));
    // The worker has ended, or the settings could not be read: both may pass.
    if (!signal.aborted) setTimeout(() => !signal.aborted && this.#begin(), AGAIN_MS);
  }

  async #try(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
      this.#failed = undefined;
    } catch (error) {
      const problem = problemOfError(error, HEADLINE);
      // Closing the picker is a choice and no failure.
      if (!problem.cancelled) this.#failed = { ...problem, remedies: [] };
    }
  }
}

/** Begins to export, and says at the head of the page, whatever place is looked at, when that does not go on. */
export function showFolderExport(archive: ArchiveClient, watch: EngineWatch): FolderExport {
  const folder = new FolderExport(archive, watch);
  const target = document.querySelector('header');
  if (target) mount(FolderNotice, { target, props: { folder } });
  return folder;
}

function picker(): FolderPicker {
  return globalThis as FolderPicker;
}
