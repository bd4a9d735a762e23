import type { MbusAddress, MbusBaudRate, SecondaryMask } from '../protocols/mbus/address.ts';
import type { MbusChange, ProvedMeter } from '../protocols/mbus/change-plan.ts';
import type { ChangeResult } from '../protocols/mbus/configure.ts';
import type { FoundMeter } from '../protocols/mbus/search.ts';
import type { MbusSettings } from '../protocols/mbus/settings.ts';
import type { Method } from '../rpc/rpc.ts';
import type { WaitEvent } from './wait-event.ts';

/** What the engine does with a whole M-Bus. Neither call touches device list or log. */
export interface BusApi {
  /** Looks for the meters on a bus. Aborting ends it with what was found so far. */
  findMeters: Method<FindRequest, FindResult, FindEvent, FindMessage>;
  /**
   * Changes a meter, or finds out which one it would be. What a meter does or fails to do is in the result; the port's
   * failure rejects.
   */
  configureMeter: Method<ConfigureRequest, ChangeResult, WaitEvent>;
}

/** Holds the search between two questions, or lets it go on. */
export interface FindMessage {
  readonly paused: boolean;
}

export type FindRequest = {
  readonly portId: string;
  /** One after the other; a meter that takes several is found once. */
  readonly baudRates: readonly MbusBaudRate[];
  readonly settings: Pick<MbusSettings, 'framing' | 'timeoutMs'>;
} & (
  | { readonly kind: 'primary' }
  /** All meters unless a mask says which. */
  | { readonly kind: 'secondary'; readonly mask?: SecondaryMask }
);

export type FindEvent =
  | WaitEvent
  | { readonly kind: 'progress'; readonly progress: FindProgress }
  | { readonly kind: 'found' | 'withdrawn'; readonly meter: FoundMeter }
  | { readonly kind: 'problem'; readonly problem: FindProblem }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'paused' | 'resumed' }
  /** A reading has the line in between; the search has it back. */
  | { readonly kind: 'lent' | 'back' };

export interface FindProgress {
  /** What is asked now, in words. */
  readonly text: string;
  readonly baudRate: MbusBaudRate;
  /** Part that is done, 0–1. */
  readonly done: number;
  /** Selections or link resets sent so far. */
  readonly questions: number;
  /** Since the search began, pauses and what others had of the line left out, in the time of the wire. */
  readonly wireMs: number;
}

/** Meters that can't be told apart (131094), one that gives no data, or what ended the search. */
export interface FindProblem {
  /** Where on the bus; empty for the search as a whole. */
  readonly address: string;
  readonly code: number;
  readonly message: string;
  readonly hint: string;
}

export interface FindResult {
  readonly outcome: 'complete' | 'stopped' | 'failed';
  readonly meters: readonly FoundMeter[];
  readonly problems: readonly FindProblem[];
  readonly questions: number;
  readonly wireMs: number;
}

export interface ConfigureRequest {
  readonly portId: string;
  readonly address: MbusAddress;
  readonly change: MbusChange;
  readonly settings: MbusSettings;
  /** 'proof': only finds out which one meter the change would meet. 'whole' unless told. */
  readonly extent?: 'proof' | 'whole';
  /** The meter that was shown and confirmed: no other one is changed. */
  readonly expected?: ProvedMeter;
}
