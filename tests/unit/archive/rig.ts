import type { ArchiveApi } from '../../../src/archive/api.ts';
import { connectArchive, type ArchiveClient } from '../../../src/archive/client.ts';
import { archiveHandlers } from '../../../src/archive/handlers.ts';
import { openReader, type LogReader } from '../../../src/log/reader.ts';
import { openLog, type RecordLog } from '../../../src/log/ring.ts';
import { serve } from '../../../src/rpc/rpc.ts';
import { memoryFiles } from '../log/journal/memory-files.ts';

export const clock = { now: () => Date.UTC(2026, 10, 20, 10) };
let names = 0;

/** A log of its own, and an archive over it as a page reaches it. */
export interface ArchiveRig {
  readonly log: RecordLog;
  readonly reader: LogReader;
  readonly archive: ArchiveClient;
  close(): void;
}

export async function openArchive(): Promise<ArchiveRig> {
  const name = `archive-${names++}`;
  const log = await openLog({ clock, name });
  const reader = openReader({ name });
  const { port1, port2 } = new MessageChannel();
  serve<ArchiveApi>(port1, archiveHandlers({ reader, clock, name, openFiles: () => Promise.resolve(memoryFiles()) }));
  const archive = connectArchive(port2);
  port1.start();
  port2.start();
  return {
    log,
    reader,
    archive,
    close() {
      port1.close();
      reader.close();
      log.close();
    },
  };
}
