import { SETTINGS_REVISION_KEY, inLogTransaction } from '../database.ts';
import type { LogTransaction, OpenHhuDatabase } from '../database.ts';
import type { LogState } from '../log-state.ts';
import { meterRecord } from '../meter-record.ts';
import { BLOCK_ENTRIES, baseOf, createBlock, encodeBlock, enterRecord } from '../packed-index.ts';
import type { IndexBlock } from '../packed-index.ts';
import { readState } from '../read-state.ts';
import { sizeOfRecord } from '../record-size.ts';
import type { LogRecord, SlotSpan } from '../record.ts';
import type { JournalState } from './frames.ts';
import type { JournalImage, JournalSum } from './image.ts';
import { settingsRevisionOf } from './settings.ts';

/**
 * Brings the claims of the schedule (room `ams`) up to records that were put back: the slots these answer for, by number
 * of the meter.
 */
export type SettleRestored = (
  tx: LogTransaction<'readwrite'>,
  answered: ReadonlyMap<number, readonly SlotSpan[]>,
) => Promise<void>;

export type RebuildImage = JournalImage & { readonly log: JournalState };

export interface Rebuilding {
  readonly state: LogState;
  /** Records that were put back. */
  readonly restored: number;
  /** Records that were in the log and are in neither. */
  readonly lost: number;
}

/**
 * Puts back what the copy has and the database lacks, in one transaction: all of it or nothing. What both have stays as
 * the database has it.
 * @param copyWins the settings of the copy are newer than those of the database, unless it counts more changes of them
 */
export function rebuild(
  db: OpenHhuDatabase,
  image: RebuildImage,
  settleRestored: SettleRestored,
  copyWins: boolean,
): Promise<Rebuilding> {
  return inLogTransaction(db, 'readwrite', (tx) => putBack(tx, image, settleRestored, copyWins));
}

async function putBack(
  tx: LogTransaction<'readwrite'>,
  image: RebuildImage,
  settleRestored: SettleRestored,
  copyWins: boolean,
): Promise<Rebuilding> {
  const { log } = image;
  const records = tx.objectStore('records');
  const before = await readState(tx);
  const firstSeq = Math.max(log.firstSeq, before.count > 0 ? before.firstSeq : 0);
  const nextSeq = Math.max(log.nextSeq, (image.newest?.seq ?? 0) + 1, before.nextSeq);
  const blocks = new Map<number, IndexBlock>();
  const answered = new Map<number, SlotSpan[]>();
  let count = 0;
  let usedBytes = 0;

  const enter = (record: LogRecord) => {
    const base = baseOf(record.seq);
    let block = blocks.get(base);
    if (!block) blocks.set(base, (block = createBlock(base)));
    if (record.seq < firstSeq || block.type[record.seq - base]) return false;
    const bytes = sizeOfRecord(record);
    enterRecord(block, record, bytes);
    count++;
    usedBytes += bytes;
    return true;
  };

  await deleteGone(tx, image, firstSeq);
  for (let from = firstSeq; ;) {
    const rows = await records.getAll(IDBKeyRange.lowerBound(from), 1000);
    for (const row of rows) enter(row);
    const last = rows.at(-1);
    if (!last) break;
    from = last.seq + 1;
  }
  const held = count;
  for (const batch of image.records()) {
    const restored = batch.filter(enter);
    noteAnswered(answered, restored);
    await Promise.all(restored.map((record) => records.put(record)));
  }
  const revision = Math.max(before.revision, log.revision) + 1;
  const state: LogState = {
    generation: log.generation,
    rebuilt: { times: Math.max(log.rebuilt, before.rebuilt?.times ?? 0) + 1, nextSeq },
    firstSeq: count === 0 ? nextSeq : firstSeq,
    nextSeq,
    count,
    usedBytes,
    capacityBytes: log.capacityBytes,
    revision,
    holes: { revision, follows: -1, removed: [] },
  };
  const sealed = [...blocks.values()].filter(({ base }) => base + BLOCK_ENTRIES <= nextSeq);
  await Promise.all(sealed.map((block) => tx.objectStore('blocks').put(encodeBlock(block))));
  await putSettings(tx, image, copyWins);
  await settleRestored(tx, answered);
  await tx.objectStore('meta').put(state, 'log');
  // The newer of both knows how many there were.
  const expected = before.revision > log.revision ? before.count : (log.count ?? 0);
  return { state, restored: count - held, lost: Math.max(0, expected - count) };
}

/** What is in the database and was deleted since, as the copy knows. */
async function deleteGone(tx: LogTransaction<'readwrite'>, { removed }: JournalSum, firstSeq: number): Promise<void> {
  const records = tx.objectStore('records');
  await Promise.all([
    records.delete(IDBKeyRange.upperBound(firstSeq, true)),
    ...[...removed].map((seq) => records.delete(seq)),
    tx.objectStore('blocks').clear(),
  ]);
}

async function putSettings(tx: LogTransaction<'readwrite'>, image: JournalSum, copyWins: boolean): Promise<void> {
  const settings = tx.objectStore('settings');
  const known = new Set(await settings.getAllKeys());
  const counted = settingsRevisionOf(await settings.get(SETTINGS_REVISION_KEY));
  const isCopyNewer = counted < image.settingsRevision || (copyWins && counted === image.settingsRevision);
  await Promise.all([
    ...[...image.settings]
      .filter(([key]) => isCopyNewer || !known.has(key))
      .map(([key, value]) => settings.put({ key, value })),
    settings.put({ key: SETTINGS_REVISION_KEY, value: Math.max(counted, image.settingsRevision) }),
  ]);
}

function noteAnswered(answered: Map<number, SlotSpan[]>, records: readonly LogRecord[]): void {
  for (const record of records) {
    const { meter, slots } = meterRecord(record) ?? {};
    if (meter === undefined || !slots) continue;
    const spans = answered.get(meter);
    if (spans) spans.push(slots);
    else answered.set(meter, [slots]);
  }
}

/**
 * The part of rebuilding an older database that needs hardly any room: settings, claims, and that what was deleted stays
 * so. Its state goes, as one that is true no more: afterwards its rows are as in a log whose state had no room.
 */
export function rebuildSmall(db: OpenHhuDatabase, image: RebuildImage, settleRestored: SettleRestored): Promise<void> {
  return inLogTransaction(db, 'readwrite', async (tx) => {
    const held = new Set(await tx.objectStore('records').getAllKeys());
    const answered = new Map<number, SlotSpan[]>();
    for (const batch of image.records()) {
      noteAnswered(
        answered,
        batch.filter(({ seq }) => !held.has(seq)),
      );
    }
    await deleteGone(tx, image, image.log.firstSeq);
    await putSettings(tx, image, true);
    await settleRestored(tx, answered);
    await tx.objectStore('meta').delete('log');
  });
}

/**
 * How the log stands where the store had no room for its state, and has none now: as the copy knows it, with the rows
 * that are there. Rows that are missing are counted, so that they are put back at a start that finds room.
 */
export function standIn(db: OpenHhuDatabase, { log, ...image }: RebuildImage): Promise<LogState> {
  return inLogTransaction(db, 'readonly', async (tx) => {
    const rows = await readState(tx);
    const missing = new Set([...image.records()].flat().map(({ seq }) => seq));
    for (const seq of await tx.objectStore('records').getAllKeys()) missing.delete(seq);
    const nextSeq = Math.max(log.nextSeq, rows.nextSeq);
    return {
      ...rows,
      generation: log.generation,
      ...(log.rebuilt > 0 ? { rebuilt: { times: log.rebuilt, nextSeq } } : {}),
      nextSeq,
      count: rows.count + missing.size,
      capacityBytes: log.capacityBytes,
      revision: log.revision,
      holes: { revision: log.holes, follows: -1, removed: [] },
    };
  });
}
