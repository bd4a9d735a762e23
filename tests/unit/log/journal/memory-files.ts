import type { JournalFile, JournalFiles } from '../../../../src/log/journal/files.ts';

/** A directory in memory; `limit` bytes fit. Locks are held until close or `unlock`, which stands for a dead worker. */
export interface MemoryFiles extends JournalFiles {
  readonly contents: Map<string, Uint8Array>;
  limit: number;
  unlock(): void;
}

export function memoryFiles(): MemoryFiles {
  const contents = new Map<string, Uint8Array>();
  let locked = new Set<string>();
  const used = () => [...contents.values()].reduce((sum, { length }) => sum + length, 0);
  const bytesOf = (name: string) => {
    const bytes = contents.get(name);
    if (!bytes) throw new DOMException(name, 'NotFoundError');
    return bytes;
  };
  const files: MemoryFiles = {
    contents,
    limit: Infinity,
    unlock: () => void (locked = new Set()),
    names: () => Promise.resolve([...contents.keys()]),
    async open(name) {
      await Promise.resolve();
      if (locked.has(name)) throw new DOMException(name, 'NoModificationAllowedError');
      const held = locked.add(name);
      if (!contents.has(name)) contents.set(name, new Uint8Array());
      const write = (bytes: Uint8Array) => contents.set(name, bytes);
      const file: JournalFile = {
        get size() {
          return bytesOf(name).length;
        },
        truncate: (size) => void write(bytesOf(name).slice(0, size)),
        append(bytes) {
          if (used() + bytes.length > files.limit) throw new DOMException('', 'QuotaExceededError');
          const before = bytesOf(name);
          const after = new Uint8Array(before.length + bytes.length);
          after.set(before);
          after.set(bytes, before.length);
          write(after);
        },
        read: () => bytesOf(name),
        close: () => void held.delete(name),
      };
      return file;
    },
    read: (name) => Promise.resolve(bytesOf(name)),
    size: (name) => Promise.resolve(bytesOf(name).length),
    async remove(name) {
      await Promise.resolve();
      if (locked.has(name)) throw new DOMException(name, 'NoModificationAllowedError');
      contents.delete(name);
    },
    room: () => Promise.resolve(files.limit === Infinity ? undefined : files.limit - used()),
  };
  return files;
}
