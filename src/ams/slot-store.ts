import type { Database, LogTransaction } from '../log/database.ts';
import type { SlotSpan } from '../log/record.ts';
import { oneSlot } from './due.ts';

/** Slots of a meter that still have no outcome, or that a record answers for. */
export interface SlotOutcome {
  readonly meterId: string;
  readonly slots: SlotSpan;
}

/** Claims, shared by every window of the browser. */
export interface SlotStore {
  /**
   * Takes a slot for the caller; atomic. True for exactly one caller per meter and slot, until the clock is set back.
   * Remembers the slot as the meter's last and, until their outcomes are appended, that it and `missed` are owed.
   */
  claim(meterId: string, slot: number, missed?: SlotSpan): Promise<boolean>;
  /** The slot claimed last. */
  lastSlot(meterId: string): Promise<number | undefined>;
  /** Slots that were claimed and have no outcome yet, one row for each thing that is owed. */
  owed(): Promise<readonly SlotOutcome[]>;
  /** Is an outcome for these slots still to come? Also where nothing is known of the meter: then its claims went with a database that is gone. */
  isOwed(outcome: SlotOutcome): Promise<boolean>;
  /** The clock was set back to `now`: slots after it may be claimed again, and `lastSlot` counts as the one claimed last. */
  rewind(meterId: string, now: number, lastSlot: number): Promise<void>;
}

/** Somebody else has recorded an outcome for these slots; nothing was written. */
export class AlreadySettled extends Error {
  override readonly name = 'AlreadySettled';
  constructor() {
    super('An outcome for these slots is recorded already.');
  }
}

/**
 * The claims of the schedule in the database. A row a claimed slot, so that each is read once whatever the clock does;
 * and a row a meter with its last slot and what is owed.
 */
interface MeterRow {
  readonly meterId: string;
  readonly slot: typeof METER_ROW;
  readonly lastSlot: number;
  readonly open: readonly SlotSpan[];
}

/** No slot is before 1970; the meter's own row stands ahead of its claims. */
const METER_ROW = -1;
/** Claims this much older than the newest are forgotten; longer than a clock is set back by mistake. */
const KEPT_MS = 48 * 3_600_000;

export function openSlotStore(database: Database): SlotStore {
  async function begin(meterId: string) {
    const db = await database.connection();
    const { store, done } = db.transaction('claims', 'readwrite', { durability: 'strict' });
    done.catch(() => undefined); // awaited by the caller; a failure before that would also count as unhandled
    return { store, done, row: asMeterRow(await store.get([meterId, METER_ROW])) };
  }

  return {
    async claim(meterId, slot, missed) {
      const { store, done, row } = await begin(meterId);
      const won = (await store.getKey([meterId, slot])) === undefined;
      const owed = won ? [...(missed ? [missed] : []), oneSlot(slot)] : [];
      await Promise.all([
        store.put({ meterId, slot }),
        // Also of a slot that was taken: after a rewind it is the one to go on from.
        store.put({ meterId, slot: METER_ROW, lastSlot: slot, open: [...(row?.open ?? []), ...owed] }),
        store.delete(IDBKeyRange.bound([meterId, 0], [meterId, slot - KEPT_MS], false, true)),
        done,
      ]);
      return won;
    },
    async lastSlot(meterId) {
      const db = await database.connection();
      return asMeterRow(await db.get('claims', [meterId, METER_ROW]))?.lastSlot;
    },
    async owed() {
      const db = await database.connection();
      const owed: SlotOutcome[] = [];
      // From meter row to meter row: the claims between them are jumped over.
      let cursor = await db.transaction('claims').store.openCursor();
      while (cursor) {
        const { meterId } = cursor.value;
        for (const slots of asMeterRow(cursor.value)?.open ?? []) owed.push({ meterId, slots });
        cursor = await cursor.continue([`${meterId}\0`, METER_ROW]);
      }
      return owed;
    },
    async isOwed({ meterId, slots }) {
      const db = await database.connection();
      const open = asMeterRow(await db.get('claims', [meterId, METER_ROW]))?.open;
      return !open || stillOpen(open, slots).length < open.length;
    },
    async rewind(meterId, now, lastSlot) {
      const { store, done, row } = await begin(meterId);
      if (row) {
        await Promise.all([
          store.delete(IDBKeyRange.bound([meterId, now], [meterId, Infinity], true)),
          store.put({ ...row, lastSlot }),
        ]);
      }
      await done;
    },
  };
}

/**
 * The claims of a schedule whose own are lost: up to the last record of each meter its slots have their outcomes.
 * Meters by number, times in Unix seconds.
 */
export function claimsAfter(lastTimes: ReadonlyMap<number, number>): readonly MeterRow[] {
  return [...lastTimes].map(([meter, time]) => ({
    meterId: meter.toString(),
    slot: METER_ROW,
    lastSlot: time * 1000,
    open: [],
  }));
}

/** Settles an outcome within the transaction that stores its record. */
export async function settleOutcome(tx: LogTransaction<'readwrite'>, { meterId, slots }: SlotOutcome): Promise<void> {
  const store = tx.objectStore('claims');
  const row = asMeterRow(await store.get([meterId, METER_ROW]));
  if (row) await store.put({ ...row, open: stillOpen(row.open, slots) });
}

/** What is still owed after a record that answers for `settled`. */
export function stillOpen(open: readonly SlotSpan[], settled: SlotSpan): readonly SlotSpan[] {
  return open.filter(({ first, last }) => first < settled.first || last > settled.last);
}

/** Rows of the first version of the database held claims with their missed slots instead of what is owed. */
type StoredOwed = SlotSpan | { readonly slot: number; readonly missed?: SlotSpan };

function asMeterRow(row: unknown): MeterRow | undefined {
  if (typeof row !== 'object' || row === null || !('lastSlot' in row)) return undefined;
  const stored = row as Omit<MeterRow, 'open'> & { readonly open: readonly StoredOwed[] };
  const open = stored.open.flatMap((owed) =>
    'slot' in owed ? [...(owed.missed ? [owed.missed] : []), oneSlot(owed.slot)] : owed,
  );
  return { ...stored, open };
}
