import type { MeterLabel } from '../log/export/meter-labels.ts';
import type { Method } from '../rpc/rpc.ts';
import type { FolderFormat } from './day-files.ts';

/** What a view can ask of those who carry records elsewhere. */
export interface ForwardApi {
  /**
   * Writes new records into the folder, if one is chosen, as long as the call runs and no other window does. Emits how
   * that stands, at once and after each change. `meters`: what the meters of the list are called.
   */
  followFolder: Method<{ readonly meters: readonly MeterLabel[] }, undefined, FolderState | undefined>;
  /** Another folder, or none; `after`: the sequence number to begin behind. */
  setFolder: Method<FolderChoice | undefined, undefined>;
}

export interface FolderChoice {
  readonly folder: FileSystemDirectoryHandle;
  readonly format: FolderFormat;
  readonly after: number;
}

export interface FolderState {
  /** The browser is asked for its permission with it, which takes a gesture. */
  readonly folder: FileSystemDirectoryHandle;
  readonly format: FolderFormat;
  readonly permission: PermissionState;
  /** Everything up to this record is in the folder. */
  readonly lastSeq: number;
  /** Why nothing could be written the last time, in the browser's words; absent where it could. */
  readonly fault?: string;
  /** It has failed again and again, and is tried again after longer and longer waits. */
  readonly isStuck?: true;
}
