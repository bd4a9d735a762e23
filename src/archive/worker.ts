/** The archive worker: whatever grows with the log, so that neither the engine nor the interface waits for it. */
import { DATABASE_NAME } from '../log/database.ts';
import { JOURNAL_FOLDER, openJournalFiles } from '../log/journal/files.ts';
import { openReader } from '../log/reader.ts';
import { systemClock } from '../common/clock.ts';
import { announceLife } from '../rpc/renewed-client.ts';
import { serve } from '../rpc/rpc.ts';
import type { ArchiveApi } from './api.ts';
import type { ForwardApi } from '../forward/api.ts';
import { forwardHandlers } from './forwarders.ts';
import { archiveHandlers } from './handlers.ts';
import { keyHandlers, type KeysApi } from './keys.ts';

const reader = openReader();
announceLife(self);
serve<ArchiveApi & ForwardApi & KeysApi>(self, {
  ...archiveHandlers({
    reader,
    clock: systemClock,
    name: DATABASE_NAME,
    openFiles: () => openJournalFiles(JOURNAL_FOLDER),
  }),
  ...forwardHandlers(reader, systemClock),
  ...keyHandlers,
});
