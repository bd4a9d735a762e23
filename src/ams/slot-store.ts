import type { Database, LogTransaction } from '../log/database.ts';
import type { SlotClaim, SlotOutcome, SlotStore } from './scheduler.ts';

/**
 * The claims of the schedule in the database, shared by every window. A row a claimed slot, so that each is read once
 * whatever the clock does; and a row a meter with its last slot and the claims whose outcome is still owed.
 */
interface MeterRow {
  readonly meterId: string;
  readonly slot: typeof METER_ROW;
  readonly lastSlot: number;
  readonly open: readonly SlotClaim[];
}

/** No slot is before 1970; the meter's own row stands ahead of its claims. */
const METER_ROW = -1;
/** Claims this much older than the newest are forgotten: twice what counts as a correction of the clock. */
const KEPT_MS = 48 * 3_600_000;

export function openSlotStore(database: Database): SlotStore {
  return {
    async claim(meterId, slot, missed) {
      const db = await database.connection();
      const tx = db.transaction('claims', 'readwrite', { durability: 'strict' });
      const taken = await tx.store.getKey([meterId, slot]);
      if (taken === undefined) {
        const row = asMeterRow(await tx.store.get([meterId, METER_ROW]));
        const claim: SlotClaim = missed ? { meterId, slot, missed } : { meterId, slot };
        await Promise.all([
          tx.store.put({ meterId, slot }),
          tx.store.put({ meterId, slot: METER_ROW, lastSlot: slot, open: [...(row?.open ?? []), claim] }),
          tx.store.delete(IDBKeyRange.bound([meterId, 0], [meterId, slot - KEPT_MS], false, true)),
        ]);
      }
      await tx.done;
      return taken === undefined;
    },
    async lastSlot(meterId) {
      const db = await database.connection();
      return asMeterRow(await db.get('claims', [meterId, METER_ROW]))?.lastSlot;
    },
    async unsettled() {
      const db = await database.connection();
      const rows: SlotClaim[] = [];
      // From meter row to meter row: the claims between them are jumped over.
      let cursor = await db.transaction('claims').store.openCursor();
      while (cursor) {
        const row = asMeterRow(cursor.value);
        if (row) rows.push(...row.open);
        cursor = await cursor.continue([`${cursor.value.meterId}\0`, METER_ROW]);
      }
      return rows;
    },
  };
}

/** Settles an outcome within the transaction that stores its record. */
export async function settleClaim(tx: LogTransaction<'readwrite'>, outcome: SlotOutcome): Promise<void> {
  const store = tx.objectStore('claims');
  const row = asMeterRow(await store.get([outcome.meterId, METER_ROW]));
  if (row) await store.put({ ...row, open: stillOpen(row.open, outcome) });
}

/** Claims that are still owed after `outcome`. */
export function stillOpen(open: readonly SlotClaim[], { slot, missed }: SlotOutcome): readonly SlotClaim[] {
  return open.flatMap((claim) => {
    if (claim.slot !== slot) return [claim];
    return missed && missed.last !== slot ? [{ meterId: claim.meterId, slot }] : [];
  });
}

function asMeterRow(row: unknown): MeterRow | undefined {
  return typeof row === 'object' && row !== null && 'lastSlot' in row ? (row as MeterRow) : undefined;
}
