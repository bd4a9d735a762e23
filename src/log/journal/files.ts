/** The files of a journal, as far as it needs them: real ones in the origin private file system, or in memory in tests. */
export interface JournalFiles {
  names(): Promise<readonly string[]>;
  /** Opens a file for this worker alone, new or as it is; rejects where another has it open. */
  open(name: string): Promise<JournalFile>;
  /** Also of a file that another worker has open. */
  read(name: string): Promise<Uint8Array>;
  size(name: string): Promise<number>;
  remove(name: string): Promise<void>;
  /** Bytes that may still be written; undefined where the browser does not tell. */
  room(): Promise<number | undefined>;
}

export interface JournalFile {
  readonly size: number;
  /** Cuts off what is behind. */
  truncate(size: number): void;
  /** On disk when it returns. Throws when not all of it could be written. */
  append(bytes: Uint8Array<ArrayBuffer>): void;
  /** All of it. */
  read(): Uint8Array;
  close(): void;
}

/** Where the second copy of the log is. */
export const JOURNAL_FOLDER = 'openhhu-journal';

/** A directory of the origin private file system; rejects where the browser has none. */
export async function openJournalFiles(name: string): Promise<JournalFiles> {
  // Absent on pages that are not secure, and for workers of older browsers.
  if (!('storage' in navigator) || !('createSyncAccessHandle' in FileSystemFileHandle.prototype)) {
    throw new Error('This browser has no place for it.');
  }
  const root = await navigator.storage.getDirectory();
  const directory = () => root.getDirectoryHandle(name, { create: true });
  await directory();
  const fileOf = async (name: string) => (await (await directory()).getFileHandle(name)).getFile();
  return {
    async names() {
      const names: string[] = [];
      for await (const each of (await directory()).keys()) names.push(each);
      return names;
    },
    async open(file) {
      const handle = await (await directory()).getFileHandle(file, { create: true });
      return journalFile(await handle.createSyncAccessHandle());
    },
    async read(file) {
      return new Uint8Array(await (await fileOf(file)).arrayBuffer());
    },
    size: async (file) => (await fileOf(file)).size,
    async remove(file) {
      await (await directory()).removeEntry(file);
    },
    async room() {
      const { quota, usage } = await navigator.storage.estimate();
      return quota === undefined || usage === undefined ? undefined : quota - usage;
    },
  };
}

function journalFile(handle: FileSystemSyncAccessHandle): JournalFile {
  let size = handle.getSize();
  return {
    get size() {
      return size;
    },
    truncate(to) {
      handle.truncate(to);
      handle.flush();
      size = to;
    },
    append(bytes) {
      const written = handle.write(bytes, { at: size });
      if (written < bytes.length) {
        // What stands behind the last whole entry is never read, and the next is written over it.
        throw new DOMException(`${written} of ${bytes.length} bytes were written.`, 'QuotaExceededError');
      }
      handle.flush();
      size += bytes.length;
    },
    read() {
      const bytes = new Uint8Array(size);
      handle.read(bytes, { at: 0 });
      return bytes;
    },
    close: () => handle.close(),
  };
}
