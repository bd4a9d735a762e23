import type { Milliseconds } from '../common/kinds.ts';
import type { Clock } from '../common/clock.ts';
import type { Readout } from '../common/readout.ts';
import type { Tries } from '../common/tries.ts';
import type { ClockWatch } from './clock-watch.ts';
import type { LogTransaction } from '../log/database.ts';
import type { LogRecord, NewRecord } from '../log/record.ts';
import type { Meter } from './meter.ts';
import type { OutcomeHost } from './outcomes.ts';
import type { SlotStore } from './slot-store.ts';
import type { TakeTurn, Turn } from './turns.ts';

/** The listener of a port, for a meter. */
export interface Ear {
  readonly isListening: boolean;
  /** Why it is not, as a sentence in the past; empty while it is. */
  readonly trouble: string;
}

/** What was heard, before the log has it. */
export type HeardDraft = Extract<NewRecord, { type: 'AMS' | 'WMBUS' }>;
export type HeardRecord = Extract<LogRecord, { type: 'AMS' | 'WMBUS' }>;

/** What the schedule has of the device around it. */
export interface ScheduleHost<T extends Turn = Turn> extends OutcomeHost {
  readonly clock: Clock;
  /** Of the same clock, and older than the schedule: what it saw before is recorded too. */
  readonly watch: ClockWatch;
  readonly store: SlotStore;
  readonly takeTurn: TakeTurn<T>;
  meters(): readonly Meter[];
  /** When the schedule was switched on, milliseconds; undefined while it is off. */
  enabledSince(): number | undefined;
  /** How a meter is heard that is therefore not asked; undefined for one that is. */
  earOf(meter: Meter): Ear | undefined;
  /** Stores what was heard; rejects with what `alongside` rejects with. */
  appendHeard(draft: HeardDraft, alongside?: (tx: LogTransaction<'readwrite'>) => Promise<void>): Promise<HeardRecord>;
  /** The account of repetitions of one reading of this meter. */
  triesFor(meter: Meter): Promise<Tries>;
  /** Label of the port bound to a number; undefined while it is missing. */
  portLabel(port: number): string | undefined;
  readMeter(meter: Meter, slot: Milliseconds, turn: T, tries: Tries): Promise<Readout>;
  /** What was the matter before this program started; unless told, that no window was open. */
  readonly absence?: { readonly missed: string; readonly unfinished: string };
}
