import type { MeterId, Milliseconds } from '../common/kinds.ts';
import type { SlotSpan } from '../log/record.ts';
import { type Absences, UNKEPT } from './absences.ts';
import type { Claims } from './claims.ts';
import { type Due, dueOf, dueSlot, oneSlot } from './due.ts';
import type { Meter } from './meter.ts';
import type { Ear, HeardDraft, HeardRecord, ScheduleHost } from './schedule-host.ts';
import { AlreadySettled, claimHeard, goOnFrom } from './slot-store.ts';
import type { SlotRecords } from './slot-records.ts';

/**
 * The slots of meters that are heard and not asked: the first telegram in one claims it and is its record, one without
 * a telegram was missed.
 */
export interface HeardSlots {
  /** Writes down what was silent, while the port is heard; what is not heard at all is one outage, until it ends. */
  look(meter: Meter, ear: Ear, now: Milliseconds): void;
  /** Is the meter heard, and has its slot of now no telegram yet? */
  isAwaited(meterId: MeterId): boolean;
  /**
   * Appends what an awaited meter said, in the transaction that claims its slot; where that has an outcome already, as
   * what comes besides. Rejects when the store fails: then the next telegram may have the slot.
   */
  append(meterId: MeterId, draft: HeardDraft): Promise<HeardRecord>;
  /** How a meter of the list that is heard stands; undefined for one that is asked. */
  stateOf(meter: Meter): { readonly isAwaited: boolean; readonly isListening: boolean } | undefined;
  /** Why a telegram that may be this meter's is none of it, as a sentence. */
  note(meterId: MeterId, sentence: string): void;
  /** One thing after the other for each meter. */
  inTurn<R>(meterId: MeterId, work: () => Promise<R>): Promise<R>;
  idle(): Promise<void>;
}

export interface HeardParts {
  readonly host: Pick<ScheduleHost, 'clock' | 'meters' | 'enabledSince' | 'earOf' | 'appendHeard'>;
  readonly claims: Claims;
  readonly records: SlotRecords;
  readonly absences: Absences;
}

export function createHeardSlots({ host, claims, records, absences }: HeardParts): HeardSlots {
  const { clock } = host;
  const turns = new Map<string, Promise<unknown>>();
  /** Of each meter the slot before which all have an outcome. */
  const settledBefore = new Map<string, number>();

  function inTurn<R>(meterId: MeterId, work: () => Promise<R>): Promise<R> {
    const before = turns.get(meterId) ?? Promise.resolve();
    const run = before.then(async () => {
      const letGo = records.hold(meterId);
      try {
        return await work();
      } finally {
        letGo();
      }
    });
    const ended = run.catch(() => undefined).finally(() => turns.get(meterId) === ended && turns.delete(meterId));
    turns.set(meterId, ended);
    return run;
  }

  const keepMissed = (meter: Meter, missed: SlotSpan) =>
    records.keepMissed(meter.id, missed, absences.reasonForSilence(meter, missed));

  async function writeSilence(meter: Meter, slot: Milliseconds): Promise<void> {
    const missed = await claims.claimMissed(meter);
    if (missed) {
      await keepMissed(meter, missed);
      absences.forget(meter.id);
    }
    settledBefore.set(meter.id, slot);
  }

  const dueAt = (meter: Meter, lastSlot: Milliseconds | undefined, at: Milliseconds): Due | undefined => {
    const since = host.enabledSince();
    return since === undefined ? undefined : dueOf(meter, since, lastSlot, at);
  };

  async function appendInSlot(meter: Meter, draft: HeardDraft, at: Milliseconds): Promise<HeardRecord> {
    const slot = dueSlot(meter.interval, at);
    await claims.settleClock(meter);
    let due: Due | undefined;
    try {
      const record = await host.appendHeard({ ...draft, slots: oneSlot(slot) }, async (tx) => {
        due = await claimHeard(tx, meter.id, (lastSlot) => dueAt(meter, lastSlot, at));
      });
      if (due?.missed) await keepMissed(meter, due.missed);
      absences.forget(meter.id);
      return record;
    } catch (error) {
      if (!(error instanceof AlreadySettled)) throw error;
      return await host.appendHeard(draft, (tx) => goOnFrom(tx, meter.id, slot));
    }
  }

  function stateOf(meter: Meter): ReturnType<HeardSlots['stateOf']> {
    const ear = host.earOf(meter);
    if (!ear) return undefined;
    const now = clock.now();
    const isDue = dueAt(meter, undefined, now) !== undefined;
    const isAwaited = isDue && !claims.isDealtWith(meter.id, dueSlot(meter.interval, now));
    return { isAwaited, isListening: ear.isListening };
  }

  return {
    look(meter, { isListening, trouble }, now) {
      const slot = dueSlot(meter.interval, now);
      if (!isListening) {
        if (!claims.isDealtWith(meter.id, slot)) absences.note(meter.id, trouble);
        return;
      }
      if (settledBefore.get(meter.id) === slot || turns.has(meter.id)) return;
      inTurn(meter.id, () => writeSilence(meter, slot)).catch(records.storeFailed);
    },
    isAwaited(meterId) {
      const meter = host.meters().find(({ id }) => id === meterId);
      return meter !== undefined && stateOf(meter)?.isAwaited === true;
    },
    stateOf,
    async append(meterId, draft) {
      const meter = host.meters().find(({ id }) => id === meterId);
      const at = clock.now();
      // At once: what is heard meanwhile is not awaited.
      const giveBack = meter && claims.dealWith(meterId, dueSlot(meter.interval, at));
      try {
        const append = () => (meter ? appendInSlot(meter, draft, at) : host.appendHeard(draft));
        return await inTurn(meterId, append);
      } catch (error) {
        giveBack?.();
        absences.note(meterId, `${UNKEPT}${messageOf(error)}`);
        throw error;
      }
    },
    note: absences.note,
    inTurn,
    async idle() {
      while (turns.size > 0) await Promise.all(turns.values());
    },
  };
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
