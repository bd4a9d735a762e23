import type { PortTrouble } from './port-list.ts';
import type { PortId } from '../common/kinds.ts';
import type { AmsApi, AmsState } from './ams-api.ts';
import type { ReadResult } from './read-result.ts';
import type { BusApi, UnknownChange } from './bus-api.ts';
import type { TraceEntry } from '../line/trace.ts';
import type { ReadProgress } from '../protocols/protocol.ts';
import type { Values } from '../common/form.ts';
import type { Method } from '../rpc/rpc.ts';
import type { PortInfo } from '../line/port.ts';
import type { StateChange } from './state-change.ts';
import type { StorageState } from './storage.ts';
import type { Fault } from './faults.ts';
import type { JobTrace, NamedTrace } from './traces.ts';
import type { WaitEvent } from './wait-event.ts';

export type { ReadResult, UnkeptReading } from './read-result.ts';

/** Everything a view can ask of the engine worker. */
export type EngineApi = BaseApi & AmsApi & BusApi;

export interface BaseApi {
  /** Runs until aborted; emits the whole {@link EngineState} at once, and then what changes of it. */
  watch: Method<undefined, undefined, StateChange>;
  /** Ask the browser again which serial ports are granted (after `requestPort()` in the page). */
  refreshPorts: Method<undefined, undefined>;
  /** One reading of one meter by hand. The record is on disk when the result arrives, unless that says otherwise. */
  read: Method<ReadRequest, ReadResult, ReadEvent>;
  /** What was on the wire when a record was made, or in the last search on a port; undefined where it is not kept. */
  trace: Method<TraceRequest, JobTrace | undefined>;
  /** What somebody who helps needs to know beside the state. */
  support: Method<undefined, { readonly traces: readonly NamedTrace[]; readonly faults: readonly Fault[] }>;
  /** Sends test characters and listens: does the head echo, does anything come in? */
  headCheck: Method<HeadCheckRequest, HeadCheckResult, HeadCheckEvent>;
  setSimulation: Method<SimulationSettings, undefined>;
  /** Deletes records by sequence number. */
  deleteRecords: Method<{ readonly seqs: readonly number[] }, undefined>;
  deleteAllRecords: Method<undefined, undefined>;
  /** Removes for good a copy that was set aside, by the number the archive lists it under. */
  forgetKeptCopy: Method<{ readonly series: number }, undefined>;
  /** Size of the log, bytes; less than what is used trims the oldest at once. Rejects below 1 MiB. */
  setCapacity: Method<{ readonly bytes: number }, undefined>;
}

export interface EngineState {
  readonly ports: readonly PortState[];
  /** The read that runs now, if any. */
  readonly reading?: { readonly portId: PortId; readonly text: string };
  readonly records: {
    readonly count: number;
    readonly newestSeq: number;
    /** Sequence numbers and meter numbers mean something within one generation only. */
    readonly generation: string;
    readonly usedBytes: number;
    readonly capacityBytes: number;
  };
  readonly ams: AmsState;
  readonly storage: StorageState;
  readonly simulation: SimulationSettings;
  /** Where there are any; the oldest first. */
  readonly unknownChanges?: readonly UnknownChange[];
  /** Readings by hand that are tried again, see {@link UnkeptReading}; absent where there is none. */
  readonly waiting?: readonly string[];
  /** Those of them that were kept at last; absent where there is none. */
  readonly keptLate?: readonly string[];
  /** What keeps the browser's list of ports away; absent where it has come. */
  readonly portTrouble?: PortTrouble;
  /** When the owner took over from a window that the browser had stopped, milliseconds. */
  readonly tookOverAt?: number;
  /** Another window owns the ports; this one shows the same and asks it. */
  readonly owner: 'this window' | 'another window';
}

export interface PortState {
  readonly info: PortInfo;
  readonly state: 'ready' | 'busy' | 'stuck' | 'lost' | 'blocked';
  /** In words: "in use by another program". Stuck: something hangs on it. */
  readonly text: string;
  /** What was learnt of the head on this port. */
  readonly echo: 'unknown' | 'echoes' | 'silent';
  /** For simulated ports: what the meter is, so that a user can choose. */
  readonly description?: string;
  /** For simulated ports: how this meter, or the first one of this bus, wants to be read. */
  readonly suggested?: { readonly protocol: string; readonly address: string; readonly settings: Values };
}

export interface ReadRequest {
  readonly portId: PortId;
  /** By its name. */
  readonly protocol: string;
  /** In the protocol's own form. */
  readonly address: string;
  /** Every setting that holds. */
  readonly settings: Values;
}

export type ReadEvent =
  | WaitEvent
  | { readonly kind: 'progress'; readonly progress: ReadProgress }
  | { readonly kind: 'trace'; readonly entries: readonly TraceEntry[] };

export type TraceRequest = { readonly seq: number } | { readonly searchOn: string };

export interface HeadCheckRequest {
  readonly portId: PortId;
  /** 'paper': a short pattern, once; 'lamp': light pulses for some seconds, to be seen with a phone camera; 'listen': only listen. */
  readonly test: 'paper' | 'lamp' | 'listen';
}

export type HeadCheckEvent =
  | WaitEvent
  | { readonly kind: 'trace'; readonly entries: readonly TraceEntry[] }
  | { readonly kind: 'sent'; readonly bytes: number };

export interface HeadCheckResult {
  readonly sent: number;
  readonly received: number;
  /** 'whole': everything came back as sent; 'part': some of it; 'other': something else came; 'nothing'. */
  readonly echo: 'whole' | 'part' | 'other' | 'nothing';
}

export interface SimulationSettings {
  /** 1 = wire-true timing; 20 = twenty times as fast. */
  readonly speed: number;
  /** Faults switched on per simulated meter id; the ids come from the simulator. */
  readonly faults: Readonly<Record<string, readonly string[]>>;
}
