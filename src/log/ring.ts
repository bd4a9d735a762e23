import { inLogTransaction } from './database.ts';
import type { Database, LogTransaction } from './database.ts';
import { displacedBy, WouldPushOut } from './displaced.ts';
import type { LogState } from './log-state.ts';
import { baseOf, highestMeterOf } from './packed-index.ts';
import { readState } from './read-state.ts';
import type { LogOptions, RecordDraft, RecordLog } from './record-log.ts';
import type { LogRecord } from './record.ts';
import { checked, deleteRecords, readTail, stampOf, trimFor, writeRecords } from './ring-changes.ts';
import { createRingWriter, type RingWriter } from './ring-writer.ts';
import { trimOldest } from './trim.ts';

export type { LogOptions, RecordDraft, RecordLog, Turn } from './record-log.ts';

/** Opens the log. Where the storage cannot be opened the log is there all the same: every use tries again. */
export async function openLog(options: LogOptions): Promise<RecordLog> {
  const log = createLog(options);
  await log.opened;
  return log;
}

export function createLog(options: LogOptions): RecordLog {
  const { clock, capacityBytes } = options;
  const writer = createRingWriter(options);
  const { database, health, journal } = writer;

  async function open(): Promise<void> {
    try {
      await database.use(() => Promise.resolve()); // the state is read before
      if (capacityBytes !== undefined && capacityBytes !== writer.state.capacityBytes)
        await log.setCapacity(capacityBytes);
    } catch (error) {
      health.failed(error);
    }
  }

  const log: RecordLog = {
    database,
    opened: open(),
    async probe() {
      if (health.now.notRecording === undefined) return;
      // What it costs to say "no change" is the least that can be written.
      await writer.change((_tx, before) => Promise.resolve({ state: before, result: undefined })).catch(() => {});
    },
    ...appending(writer, clock),
    ...deleting(writer),
    ...reading(database),
    beginWith: writer.beginWith,
    subscribe: writer.subscribe,
    close: writer.close,
    journal,
    get health() {
      return health.now;
    },
    get generation() {
      return writer.state.generation;
    },
    get count() {
      return writer.state.count;
    },
    get usedBytes() {
      return writer.state.usedBytes;
    },
    get freeBytes() {
      return writer.state.capacityBytes - writer.state.usedBytes;
    },
    get capacityBytes() {
      return writer.state.capacityBytes;
    },
    get newestSeq() {
      return writer.state.nextSeq - 1;
    },
  };

  return log;
}

type Appending = Pick<RecordLog, 'append' | 'appendMany' | 'importMany' | 'displacedBy'>;

function appending({ database, change }: RingWriter, clock: LogOptions['clock']): Appending {
  function numbered(drafts: readonly RecordDraft[], nextSeq: number): readonly LogRecord[] {
    const stamp = stampOf(clock.now());
    return drafts.map((draft, i) => checked({ ...stamp, ...draft, seq: nextSeq + i }));
  }

  function appendAll(
    drafts: readonly RecordDraft[],
    alongside?: (tx: LogTransaction<'readwrite'>, records: readonly LogRecord[], room: LogState) => Promise<void>,
  ): Promise<readonly LogRecord[]> {
    if (drafts.length === 0) return Promise.resolve([]);
    return change(async (tx, before, tail, { pressed }) => {
      const records = numbered(drafts, before.nextSeq);
      // A store without room: what there is, is all that fits.
      await alongside?.(tx, records, pressed ? { ...before, capacityBytes: before.usedBytes } : before);
      // A store without room is a ring that is full: what comes in takes the place of as much that goes.
      const room = pressed ? await trimFor(tx, before, records) : before;
      const next = await writeRecords(tx, room, tail, records);
      return { state: next, result: records, added: records.filter(({ seq }) => seq >= next.firstSeq) };
    });
  }

  return {
    async append(draft, alongside) {
      const [record] = await appendAll([draft], alongside);
      return record as LogRecord;
    },
    appendMany: (drafts) => appendAll(drafts),
    importMany: (drafts, mayPushOut) =>
      appendAll(drafts, async (tx, records, room) => {
        const displaced = await displacedBy(tx, room, records);
        if (displaced.own > 0 && !mayPushOut) throw new WouldPushOut(displaced);
      }),
    displacedBy: (drafts) =>
      database.use((db) =>
        inLogTransaction(db, 'readonly', async (tx) => {
          const now = await readState(tx);
          return displacedBy(tx, now, numbered(drafts, now.nextSeq));
        }),
      ),
  };
}

function deleting({ change }: RingWriter): Pick<RecordLog, 'deleteOldest' | 'deleteAll' | 'delete' | 'setCapacity'> {
  return {
    deleteOldest: (count) =>
      change(async (tx, before) => {
        const after = await trimOldest(tx, before, { records: count });
        return { state: after, result: before.count - after.count };
      }, true),
    deleteAll: () =>
      change(async (tx, before) => {
        await Promise.all([tx.objectStore('records').clear(), tx.objectStore('blocks').clear()]);
        return { state: { ...before, firstSeq: before.nextSeq, count: 0, usedBytes: 0 }, result: undefined };
      }, true),
    delete: (seqs) => change((tx, before, tail, { roomless }) => deleteRecords(tx, before, tail, seqs, roomless), true),
    setCapacity(bytes) {
      if (!Number.isSafeInteger(bytes) || bytes <= 0) {
        return Promise.reject(new RangeError(`the capacity of the log cannot be ${bytes} bytes`));
      }
      return change(async (tx, before) => ({
        state: await trimOldest(tx, { ...before, capacityBytes: bytes }, { bytes: before.usedBytes - bytes }),
        result: undefined,
      }));
    },
  };
}

function reading(database: Database): Pick<RecordLog, 'oldest' | 'get' | 'highestMeter' | 'page'> {
  return {
    async oldest(count, after = -1) {
      // IndexedDB takes a count of 0 for "all".
      if (count <= 0) return [];
      return await database.use((db) => db.getAll('records', IDBKeyRange.lowerBound(after, true), count));
    },
    get: (seq) => database.use((db) => db.get('records', seq)),
    async highestMeter() {
      const ofShortLog = await database.use((db) =>
        inLogTransaction(db, 'readonly', async (tx) => {
          const now = await readState(tx);
          const isShort = baseOf(now.firstSeq) === baseOf(now.nextSeq);
          return isShort ? highestMeterOf((await readTail(tx, now)).block) : undefined;
        }),
      );
      if (ofShortLog !== undefined) return ofShortLog;
      // The whole index is no part of the first load.
      const { highestMeter } = await import('./highest-meter.ts');
      return await database.use((db) => inLogTransaction(db, 'readonly', highestMeter));
    },
    page: ({ before = Infinity, limit }) =>
      database.use(async (db) => {
        const records: LogRecord[] = [];
        let cursor = await db.transaction('records').store.openCursor(IDBKeyRange.upperBound(before, true), 'prev');
        for (; cursor && records.length < limit; cursor = await cursor.continue()) records.push(cursor.value);
        return records;
      }),
  };
}
