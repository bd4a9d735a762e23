import type { Milliseconds, PortId } from '../common/kinds.ts';
import type { ChangeResult, ChangeTask, Plan } from '../protocols/change.ts';
import type { Found, SearchTask } from '../protocols/search.ts';
import type { Method } from '../rpc/rpc.ts';
import type { WaitEvent } from './wait-event.ts';

/** What the engine does with a whole line of meters. Neither call touches device list or log. */
export interface BusApi {
  /** Looks for the meters on a line. Aborting ends it with what was found so far. */
  findMeters: Method<FindRequest, FindResult, FindEvent, FindMessage>;
  /**
   * Changes a meter, or finds out which one it would be. What a meter does or fails to do is in the result; the port's
   * failure rejects.
   */
  changeMeterItself: Method<ChangeRequest, ChangeResult, WaitEvent>;
  /** Somebody has seen what is said of an unknown change. Rejects where that could not be kept. */
  forgetChange: Method<{ readonly id: string }, undefined>;
}

/** Where changes are kept while they are made. */
export const CHANGES_KEY = 'changes';

/** A change of which nobody was told what became of it: whoever made it, or asked for it, ended before. */
export interface UnknownChange {
  readonly id: string;
  /** When it began, milliseconds since the epoch. */
  readonly at: Milliseconds;
  /** "Set the primary address of *01579411 to 7" */
  readonly title: string;
  /** "KAM 68907025, cold water, version 29" */
  readonly meter: string;
  readonly port: string;
  readonly protocol: string;
  /** As it was before. */
  readonly address: string;
  /** What became of it, where that is known; absent: the command may or may not have reached the meter. */
  readonly outcome?: string;
}

/** Holds the search between two questions, or lets it go on. */
export interface FindMessage {
  readonly paused: boolean;
}

export interface FindRequest extends SearchTask {
  readonly portId: PortId;
  readonly protocol: string;
}

export type FindEvent =
  | WaitEvent
  | { readonly kind: 'progress'; readonly progress: FindProgress }
  | { readonly kind: 'found' | 'withdrawn'; readonly meter: Found }
  | { readonly kind: 'problem'; readonly problem: FindProblem }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'paused' | 'resumed' }
  /** A reading has the line in between; the search has it back. */
  | { readonly kind: 'lent' | 'back' };

export interface FindProgress {
  /** What is asked now, in words. */
  readonly text: string;
  /** Part that is done, 0–1. */
  readonly done: number;
  /** What was asked so far, in words. */
  readonly effort: string;
  /** Since the search began, pauses and what others had of the line left out, in the time of the wire. */
  readonly wireMs: Milliseconds;
}

/** Meters that can't be told apart, one that gives no data, or what ended the search. */
export interface FindProblem {
  /** Where on the bus; empty for the search as a whole. */
  readonly address: string;
  readonly code: number;
  readonly message: string;
  readonly hint: string;
}

export interface FindResult {
  readonly outcome: 'complete' | 'stopped' | 'failed';
  readonly meters: readonly Found[];
  readonly problems: readonly FindProblem[];
  readonly effort: string;
  readonly wireMs: Milliseconds;
}

export interface ChangeRequest extends ChangeTask {
  readonly portId: PortId;
  readonly protocol: string;
  /** What was shown and confirmed: no other meter is changed. Absent: it is only found out whom the change would meet. */
  readonly plan?: Plan;
}
