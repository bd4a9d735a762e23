import type { MeterId, Milliseconds } from '../common/kinds.ts';
import type { Database, LogTransaction } from '../log/database.ts';
import type { SlotSpan } from '../log/record.ts';
import { type Due, oneSlot } from './due.ts';

/** Slots of a meter that still have no outcome, or that a record answers for. */
export interface SlotOutcome {
  readonly meterId: MeterId;
  readonly slots: SlotSpan;
}

/** Claims, shared by every window of the browser. */
export interface SlotStore {
  /**
   * Takes a slot for the caller; atomic. True for exactly one caller per meter and slot, until the clock is set back.
   * Remembers the slot as the meter's last and, until their outcomes are appended, that it and `missed` are owed.
   */
  claim(meterId: MeterId, slot: Milliseconds, missed?: SlotSpan): Promise<boolean>;
  /** The slot claimed last. */
  lastSlot(meterId: MeterId): Promise<number | undefined>;
  /** Slots that were claimed and have no outcome yet, one row for each thing that is owed. */
  owed(): Promise<readonly SlotOutcome[]>;
  /** Is an outcome for these slots still to come? Also where nothing is known of the meter: then its claims went with a database that is gone. */
  isOwed(outcome: SlotOutcome): Promise<boolean>;
  /** The clock was set back to `now`: slots after it may be claimed again, and `lastSlot` counts as the one claimed last. */
  rewind(meterId: MeterId, now: Milliseconds, lastSlot: Milliseconds): Promise<void>;
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
  readonly meterId: MeterId;
  readonly slot: typeof METER_ROW;
  readonly lastSlot: Milliseconds;
  readonly open: readonly SlotSpan[];
  /** Put back: the claims after `lastSlot` were lost, and what they are owed with them. Until the next claim. */
  readonly isRestored?: boolean;
}

/** No slot is before 1970; the meter's own row stands ahead of its claims. */
const METER_ROW = -1;
/** Claims this much older than the newest are forgotten; longer than a clock is set back by mistake. */
const KEPT_MS = 48 * 3_600_000;

export function openSlotStore(database: Database): SlotStore {
  /** In one transaction with the meter's row, which is whole on disk when this resolves. */
  const change = <Result>(
    meterId: MeterId,
    edit: (store: Claims & Lookup, row: MeterRow | undefined) => Promise<Result>,
  ): Promise<Result> =>
    database.use(async (db) => {
      const { store, done } = db.transaction('claims', 'readwrite', { durability: 'strict' });
      done.catch(() => undefined); // awaited below; a failure before that would also count as unhandled
      const result = await edit(store, asMeterRow(await store.get([meterId, METER_ROW])));
      await done;
      return result;
    });
  const rowOf = async (meterId: MeterId) =>
    asMeterRow(await database.use((db) => db.get('claims', [meterId, METER_ROW])));

  return {
    claim: (meterId, slot, missed) =>
      change(meterId, async (store, row) => {
        const won = (await store.getKey([meterId, slot])) === undefined;
        const owed = won ? [...(missed ? [missed] : []), oneSlot(slot)] : [];
        // Also of a slot that was taken: after a rewind it is the one to go on from.
        await Promise.all(putClaim(store, { meterId, slot, open: [...(row?.open ?? []), ...owed] }));
        return won;
      }),
    lastSlot: async (meterId) => (await rowOf(meterId))?.lastSlot,
    owed: () =>
      database.use(async (db) => {
        const owed: SlotOutcome[] = [];
        // From meter row to meter row: the claims between them are jumped over.
        let cursor = await db.transaction('claims').store.openCursor();
        while (cursor) {
          const { meterId } = cursor.value;
          for (const slots of asMeterRow(cursor.value)?.open ?? []) owed.push({ meterId, slots });
          cursor = await cursor.continue([`${meterId}\0`, METER_ROW]);
        }
        return owed;
      }),
    async isOwed({ meterId, slots }) {
      const row = await rowOf(meterId);
      if (!row || (row.isRestored && slots.last > row.lastSlot)) return true;
      return stillOpen(row.open, slots).length < row.open.length;
    },
    rewind: (meterId, now, lastSlot) =>
      change(meterId, async (store, row) => {
        if (!row) return;
        await Promise.all([
          store.delete(IDBKeyRange.bound([meterId, now], [meterId, Infinity], true)),
          store.put({ ...row, lastSlot, isRestored: false }),
        ]);
      }),
  };
}

/**
 * After records were put back into a database that had lost its newest, within that transaction: what they answer for
 * is owed no more, up to the last of their slots none is due, and none of these is read again when the clock is set back.
 * Meters by number. A record without slots, read by hand, says nothing of them.
 */
export async function settleRestored(
  tx: LogTransaction<'readwrite'>,
  answered: ReadonlyMap<number, readonly SlotSpan[]>,
): Promise<void> {
  const store = tx.objectStore('claims');
  const rows = new Map(
    (await store.getAll()).flatMap((each) => asMeterRow(each) ?? []).map((row) => [row.meterId, row]),
  );
  const meterIds = new Set([...rows.keys(), ...[...answered.keys()].map(String)]);
  await Promise.all(
    [...meterIds].flatMap((meterId) => {
      const row = rows.get(meterId);
      const spans = answered.get(Number(meterId)) ?? [];
      const lastSlot = spans.reduce((last, span) => Math.max(last, span.last), row?.lastSlot ?? 0);
      // Slots that were missed have no claim of their own.
      const claimed = spans.filter(({ first, last }) => first === last && last >= lastSlot - KEPT_MS);
      const open = spans.reduce(stillOpen, row?.open ?? []);
      return [
        store.put({ meterId, slot: METER_ROW, lastSlot, open, isRestored: true }),
        ...claimed.map(({ last }) => store.put({ meterId, slot: last })),
      ];
    }),
  );
}

/** Somewhere to put rows: the store of claims, in whatever transaction. */
interface Claims {
  put(value: {
    readonly meterId: MeterId;
    readonly slot: Milliseconds;
    readonly [member: string]: unknown;
  }): Promise<unknown>;
  delete(range: IDBKeyRange): Promise<void>;
}

interface Lookup {
  getKey(key: [MeterId, Milliseconds]): Promise<unknown>;
}

function putClaim(store: Claims, { meterId, slot, open }: Pick<MeterRow, 'meterId' | 'open'> & { slot: Milliseconds }) {
  return [
    store.put({ meterId, slot }),
    store.put({ meterId, slot: METER_ROW, lastSlot: slot, open }),
    store.delete(IDBKeyRange.bound([meterId, 0], [meterId, slot - KEPT_MS], false, true)),
  ];
}

/**
 * Takes a slot within the transaction that stores its record; what was missed before it is owed from then on. Rejects
 * with {@link AlreadySettled} where none is due, or somebody else has it.
 * @param dueAfter what is due after the slot that was claimed last
 */
export async function claimHeard(
  tx: LogTransaction<'readwrite'>,
  meterId: MeterId,
  dueAfter: (lastSlot: Milliseconds | undefined) => Due | undefined,
): Promise<Due> {
  const store = tx.objectStore('claims');
  const row = asMeterRow(await store.get([meterId, METER_ROW]));
  const due = dueAfter(row?.lastSlot);
  if (!due || (await store.getKey([meterId, due.slot])) !== undefined) throw new AlreadySettled();
  const { slot, missed } = due;
  await Promise.all(putClaim(store, { meterId, slot, open: [...(row?.open ?? []), ...(missed ? [missed] : [])] }));
  return due;
}

/** A slot that has its outcome came again, since the clock was set back: the next one follows it. */
export async function goOnFrom(tx: LogTransaction<'readwrite'>, meterId: MeterId, slot: Milliseconds): Promise<void> {
  const store = tx.objectStore('claims');
  const row = asMeterRow(await store.get([meterId, METER_ROW]));
  if (!row || row.lastSlot >= slot || (await store.getKey([meterId, slot])) === undefined) return;
  await store.put({ ...row, lastSlot: slot });
}

/** Settles an outcome within the transaction that stores its record. */
export async function settleOutcome(tx: LogTransaction<'readwrite'>, { meterId, slots }: SlotOutcome): Promise<void> {
  const store = tx.objectStore('claims');
  const row = asMeterRow(await store.get([meterId, METER_ROW]));
  if (!row) return;
  const lastSlot = row.isRestored ? Math.max(row.lastSlot, slots.last) : row.lastSlot;
  await store.put({ ...row, lastSlot, open: stillOpen(row.open, slots) });
}

/** What is still owed after a record that answers for `settled`. */
export function stillOpen(open: readonly SlotSpan[], settled: SlotSpan): readonly SlotSpan[] {
  return open.filter(({ first, last }) => first < settled.first || last > settled.last);
}

/** Rows of the first version of the database held claims with their missed slots instead of what is owed. */
type StoredOwed = SlotSpan | { readonly slot: Milliseconds; readonly missed?: SlotSpan };

function asMeterRow(row: unknown): MeterRow | undefined {
  if (typeof row !== 'object' || row === null || !('lastSlot' in row)) return undefined;
  const stored = row as Omit<MeterRow, 'open'> & { readonly open: readonly StoredOwed[] };
  const open = stored.open.flatMap((owed) =>
    'slot' in owed ? [...(owed.missed ? [owed.missed] : []), oneSlot(owed.slot)] : owed,
  );
  return { ...stored, open };
}
