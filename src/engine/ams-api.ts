import type { Milliseconds, PortId } from '../common/kinds.ts';
import type { Interval } from '../ams/intervals.ts';
import type { Meter, MeterDraft, MeterFault } from '../ams/meter.ts';
import type { Readout } from '../common/readout.ts';
import type { InputsSource, Listens, PortEntry, PortKey } from '../ams/ports-table.ts';
import type { LiveInput } from '../protocols/collector.ts';
import type { MeterRecord } from '../log/meter-record.ts';
import type { Method } from '../rpc/rpc.ts';
import type { ReadResult } from './read-result.ts';
import type { WaitEvent } from './wait-event.ts';

/** What the Autonomous Metering System adds to the engine: device list, ports table, schedule, AT terminal. */
export interface AmsApi {
  addMeter: Method<{ readonly draft: MeterDraft }, Changed>;
  changeMeter: Method<{ readonly id: string; readonly change: Partial<MeterDraft> }, Changed>;
  removeMeter: Method<{ readonly id: string }, Changed>;
  /**
   * The number that a record of a meter tells: the meter has it from then on, unless it has one already or was read anew
   * since.
   */
  noteNumber: Method<{ readonly id: string; readonly seq: number; readonly serialNumber: string }, undefined>;
  /** Moves the meter to a 1-based position. */
  moveMeter: Method<{ readonly id: string; readonly to: number }, Changed>;
  clearMeters: Method<undefined, undefined>;
  setAllIntervals: Method<{ readonly interval: Interval }, Changed>;
  /** Adds meters, as a file had them; one that is refused is told and the others are added. */
  importMeters: Method<{ readonly meters: readonly MeterDraft[] }, ImportOutcome>;
  exportMeters: Method<{ readonly format: 'csv' | 'json' }, { readonly text: string }>;
  setSchedule: Method<{ readonly enabled?: boolean; readonly retries?: number }, undefined>;
  /** Binds a port number to a port, or frees it when `portId` is absent. */
  bindPort: Method<{ readonly number: number; readonly portId?: PortId }, { readonly ok: boolean }>;
  /** Sets a line value at once: staged, saved and active. */
  setPortValue: Method<
    { readonly number: number; readonly key: PortKey; readonly value: number },
    { readonly ok: boolean }
  >;
  /** Reads a meter of the list now, ahead of what waits on its port. */
  readNow: Method<{ readonly id: string }, ReadResult>;
  /** Listens on a port from now on, until it is stopped; one that has no number gets the lowest that is free. */
  startListening: Method<ListenRequest, ListenAnswer>;
  stopListening: Method<{ readonly portId: PortId }, undefined>;
  /** Runs until aborted; emits what was heard last on a port, and each telegram that comes. */
  followHeard: Method<{ readonly portId: PortId }, undefined, HeardTelegram>;
  /** Collects the inputs of port 128 from a port from now on; without one no longer. */
  setInputs: Method<{ readonly source?: InputsSource }, undefined>;
  /** Tries again now what could not be heard. */
  retryInputs: Method<undefined, undefined>;
  /** Runs until aborted; emits how the inputs are, a few times a second at most. */
  followInputs: Method<undefined, undefined, LiveInputs>;
  /** Rejects where it could not be stored, and nothing was changed. */
  setInputCounter: Method<SetCounter, undefined>;
  /** Looks at once what is due: the window was asleep, or the service worker's clock says so. */
  tick: Method<undefined, undefined>;
  /** An AT session: runs until aborted; emits what the terminal prints, and asks before what deletes. */
  atOpen: Method<{ readonly session: string; readonly confirm: boolean }, undefined, AtEvent>;
  atInput: Method<{ readonly session: string; readonly text: string }, undefined>;
  /** Ends the command that runs. */
  atCancel: Method<{ readonly session: string }, undefined>;
  atConfirm: Method<{ readonly session: string; readonly question: number; readonly yes: boolean }, undefined>;
  /** Answers AT commands on a serial port of this device; without settings it stops. Rejects when the port can't be used. */
  serveAt: Method<{ readonly settings?: AtPortSettings }, undefined>;
  /** Answers the question that a command on that port waits for. */
  answerAtPort: Method<{ readonly question: number; readonly yes: boolean }, undefined>;
}

export type Changed = { readonly ok: true } | { readonly ok: false; readonly fault: MeterFault };

export interface ImportOutcome {
  readonly added: number;
  readonly problems: readonly string[];
}

export interface ListenRequest extends Listens {
  readonly portId: PortId;
}

/** `message` says in words why not. */
export type ListenAnswer = { readonly ok: true } | { readonly ok: false; readonly message: string };

export interface HeardTelegram {
  readonly protocol: string;
  readonly readout: Readout;
  /** The meter's own numbers, as far as it tells them. */
  readonly from: readonly string[];
  /** Milliseconds since the epoch. */
  readonly at: Milliseconds;
}

/** What became of listening on a port since it was started here. */
export interface ListeningState {
  readonly portId: PortId;
  /** 'aside': somebody else has the port; 'failed': it is tried again by itself. */
  readonly state: 'listening' | 'aside' | 'port missing' | 'failed';
  /** What it does or waits for, or what was wrong, in words. */
  readonly text: string;
  /** Telegrams. */
  readonly heard: number;
  /** Records that were made of them. */
  readonly kept: number;
  readonly dropped: number;
  /** Milliseconds since the epoch. */
  readonly lastHeardAt?: Milliseconds;
  readonly lastKept?: Pick<MeterRecord, 'seq' | 'time'>;
  readonly lastDropped?: { readonly at: Milliseconds; readonly reason: string };
}

/** What becomes of the inputs' source; the words of a listener. */
export interface InputsState extends InputsSource, Pick<ListeningState, 'state' | 'text'> {}

export interface LiveInputs {
  /** Something is heard of them now. */
  readonly isHeard: boolean;
  /** Empty while nothing is connected. */
  readonly inputs: readonly LiveInput[];
}

/** What a pulse counter goes on from. */
export interface SetCounter {
  readonly input: number;
  /** Decimal, of up to 64 bits. */
  readonly count: string;
  /** What it showed when that was said: pulses since then are added. Absent where it could not be read. */
  readonly from?: string;
}

export type AtEvent =
  /** Of the running command. */
  | WaitEvent
  | { readonly kind: 'output'; readonly text: string }
  | { readonly kind: 'confirm'; readonly question: number; readonly line: string; readonly help: string };

/** What a program at the other end of the port may do: tell and read; the rest if somebody says yes; everything. */
export type AtPortMode = 'read-only' | 'confirm' | 'full';

/** Where the settings of the port are kept; a new owner looks there whether to load what answers. */
export const AT_PORT_KEY = 'at port';

export interface AtPortSettings {
  readonly portId: PortId;
  /** With 8N1. */
  readonly baudRate: number;
  readonly mode: AtPortMode;
}

export interface AtPortState extends AtPortSettings {
  readonly state: 'answering' | 'waiting';
  /** Why it waits, in words; empty while it answers. */
  readonly reason: string;
  /** Will it go on at the next start? */
  readonly kept: boolean;
  /** The line gives back what is sent on it. */
  readonly echoes: boolean;
  /** Commands that were not done because the mode or a person did not allow them, since it was started; and the last of them. */
  readonly refused: number;
  readonly lastRefused?: string;
  /** A command waits for a yes. */
  readonly question?: { readonly number: number; readonly line: string; readonly help: string };
}

export interface AmsState {
  readonly enabled: boolean;
  /** When the schedule was switched on, milliseconds; absent while it is off. */
  readonly enabledSince?: Milliseconds;
  readonly retries: number;
  readonly meters: readonly MeterState[];
  readonly ports: readonly PortEntry[];
  /** Where somebody listens. */
  readonly listening: readonly ListeningState[];
  /** What port 128 is collected from, if anything. */
  readonly inputs?: InputsState;
  /** Milliseconds; when the schedule next reads something. Absent while off or empty. */
  readonly nextDue?: Milliseconds;
  /** Meters that wait for their port or are being read. */
  readonly due: number;
  /** Where AT commands are answered, if anywhere. */
  readonly atPort?: AtPortState;
}

export interface MeterState {
  readonly meter: Meter;
  /** 1-based. */
  readonly index: number;
  readonly state: 'off' | 'waiting' | 'queued' | 'reading' | 'port missing' | 'port stuck';
  /** While it is queued: what its port is doing, in words. */
  readonly waitsFor?: string;
  /** It speaks by itself and its port is listened on: the schedule takes what it says, and does not ask it. */
  readonly heard?: {
    /** Nothing was heard of it yet in the slot of now. */
    readonly isAwaited: boolean;
    /** Its port is heard now. */
    readonly isListening: boolean;
  };
  /** Milliseconds; absent while it is off or the schedule is. */
  readonly nextDue?: Milliseconds;
  /**
   * The newest record of this meter since the engine was started, whatever became of it. Without its data: the state
   * travels to every window after every change. The archive has the rest, and what was before.
   */
  readonly last?: Pick<MeterRecord, 'seq' | 'time' | 'errorCode'>;
}
