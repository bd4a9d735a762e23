/** The log with its second copy, in a worker as the engine has it: only there are files written without waiting. */
import { openJournalFiles } from '../../../src/log/journal/files.ts';
import { createJournal } from '../../../src/log/journal/journal.ts';
import type { CopyState } from '../../../src/log/journal/journal.ts';
import type { Restored } from '../../../src/log/journal/put-back.ts';
import type { RecordDraft, RecordLog } from '../../../src/log/ring.ts';
import { openLog } from '../../../src/log/ring.ts';
import type { StorageHealth } from '../../../src/log/storage-health.ts';
import { systemClock } from '../../../src/common/clock.ts';
import { serve } from '../../../src/rpc/rpc.ts';
import type { Method } from '../../../src/rpc/rpc.ts';

export interface LogWorkerApi {
  /** Opens the log where that has not happened, and waits until its copy is whole or given up. */
  open: Method<undefined, { readonly restored?: Restored; readonly copy: CopyState; readonly health: StorageHealth }>;
  append: Method<{ readonly drafts: readonly RecordDraft[] }, readonly number[]>;
  /** One record or a batch at a time, without end; emits what was confirmed. */
  writeForEver: Method<{ readonly drafts: readonly (readonly RecordDraft[])[] }, undefined, [number, string][]>;
  deleteOldest: Method<{ readonly count: number }, number>;
  deleteAll: Method<undefined, undefined>;
  setCapacity: Method<{ readonly bytes: number }, undefined>;
  putSetting: Method<{ readonly key: string; readonly value: unknown }, undefined>;
}

let opening: Promise<RecordLog> | undefined;
let restored: Restored | undefined;

const open = () =>
  (opening ??= openLog({
    clock: systemClock,
    createJournal: (turn) =>
      createJournal({
        openFiles: () => openJournalFiles('openhhu-journal'),
        turn,
        settleRestored: () => Promise.resolve(),
        onRestored: (what) => (restored = what),
        onChange: () => undefined,
      }),
  }));

serve<LogWorkerApi>(self, {
  async open() {
    const { journal, health } = await open();
    while (journal?.state.state === 'copying') await new Promise((resolve) => setTimeout(resolve, 5));
    return { ...(restored ? { restored } : {}), copy: journal?.state ?? { state: 'none' }, health };
  },
  append: async ({ drafts }) => {
    const log = await open();
    const seqs: number[] = [];
    for (const draft of drafts) seqs.push((await log.append(draft)).seq);
    return seqs;
  },
  async writeForEver({ drafts }, { emit, signal }) {
    const log = await open();
    for (const batch of drafts) {
      signal.throwIfAborted();
      const records = await log.appendMany(batch);
      emit(records.map((record) => [record.seq, 'data' in record ? record.data : '']));
    }
    return undefined;
  },
  deleteOldest: async ({ count }) => (await open()).deleteOldest(count),
  async deleteAll() {
    await (await open()).deleteAll();
    return undefined;
  },
  async setCapacity({ bytes }) {
    await (await open()).setCapacity(bytes);
    return undefined;
  },
  async putSetting({ key, value }) {
    const log = await open();
    await log.database.use((db) => db.put('settings', { key, value }));
    log.database.noteSettings();
    await log.delete([]); // has its turn when the copy has had its own
    return undefined;
  },
});
