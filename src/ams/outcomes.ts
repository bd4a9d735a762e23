import type { MeterId } from '../common/kinds.ts';
import type { NewRecord } from '../log/record.ts';
import { UnfitRecord } from '../log/ring-changes.ts';
import { AlreadySettled } from './slot-store.ts';

/** A record as it was made: `time` is the moment of the reading, however late it gets into the log. Unix seconds. */
export type TimedRecord = NewRecord & { readonly time?: number };

export interface OutcomeHost {
  /**
   * Stores the record, as one of the meter where it has one, and settles the slots it answers for in the same transaction.
   * Rejects with {@link AlreadySettled} when those are not owed, and with an {@link UnfitRecord} when the log can never take this one.
   */
  append(record: TimedRecord, meterId?: MeterId): Promise<void>;
  onError(error: unknown): void;
}

/**
 * Brings outcomes into the log. One that the store refuses waits in memory, with its data, and is tried again with the
 * next one and whenever asked. One that the log can never take (larger than the whole log) does not wait: that it was read and
 * could not be kept becomes the outcome.
 */
export interface Outcomes {
  /** Never rejects. */
  keep(record: TimedRecord, meterId?: MeterId): Promise<void>;
  /** Tries again what waits. */
  retry(): Promise<void>;
  readonly waiting: number;
}

/** About an hour of 64 meters at the shortest interval. What goes beyond it stays owed in the store, and is recorded as such. */
const MAX_WAITING = 4096;

/** General codes: the reading could not be kept. */
const NOT_KEPT = 2;

/** So many refusals in a row, and the store is left alone until the next try. */
const REFUSALS = 3;

interface Waiting {
  record: TimedRecord;
  readonly meterId: MeterId | undefined;
  refused: boolean;
}

export function createOutcomes({ append, onError }: OutcomeHost): Outcomes {
  const waiting: Waiting[] = [];
  let running: Promise<void> = Promise.resolve();

  /** Each once, in the order they were made. What is refused goes to the end, so that it holds up nothing. */
  function retry(): Promise<void> {
    running = running.then(async () => {
      let refusals = 0;
      for (let left = waiting.length; left > 0 && refusals < REFUSALS; left--) {
        const entry = waiting[0];
        if (!entry) return;
        const stored = await isStored(entry);
        refusals = stored ? 0 : refusals + 1;
        waiting.splice(waiting.indexOf(entry), 1);
        if (!stored) waiting.push(entry);
      }
    });
    return running;
  }

  async function isStored(entry: Waiting): Promise<boolean> {
    try {
      await store(entry);
      return true;
    } catch (error) {
      if (!entry.refused) onError(error);
      entry.refused = true;
      // Not even what stands for it: waiting would not help, and would hold up the schedule.
      return error instanceof UnfitRecord;
    }
  }

  async function store(entry: Waiting): Promise<void> {
    try {
      await append(entry.record, entry.meterId);
    } catch (error) {
      if (error instanceof UnfitRecord && entry.record.type === 'AMS' && entry.record.data !== '') {
        // The record itself stays as it is while this one waits: the log may be made larger meanwhile.
        return await store({ ...entry, record: notKept(entry.record, error) });
      }
      if (!(error instanceof AlreadySettled)) throw error;
      // An attempt that was reported as failed had gone through after all; or the slots were written off while this
      // window was stopped. Then a reading is still a reading, only not the outcome of its slot.
      const { record, refused } = entry;
      if (refused || record.type !== 'AMS' || record.data === '') return;
      entry.record = withoutSlot(record);
      await append(entry.record, entry.meterId);
    }
  }

  return {
    async keep(record, meterId) {
      waiting.push({ record, meterId, refused: false });
      if (waiting.length > MAX_WAITING) waiting.shift();
      await retry();
    },
    retry,
    get waiting() {
      return waiting.length;
    },
  };
}

function notKept(record: Extract<TimedRecord, { type: 'AMS' }>, { message }: UnfitRecord): TimedRecord {
  const circumstances = {
    message: `The meter was read, and the log cannot take what came: ${message}.`,
    hint: 'Give the log more room in the settings.',
  };
  return { ...record, errorCode: NOT_KEPT, identification: '', data: '', circumstances };
}

function withoutSlot({ slots: _, ...record }: Extract<TimedRecord, { type: 'AMS' }>): TimedRecord {
  const { circumstances } = record;
  const notes = [...(circumstances?.notes ?? []), 'It came after its slot had been recorded as missed.'];
  return { ...record, circumstances: { ...circumstances, notes } };
}
