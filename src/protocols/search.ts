import type { Values } from '../common/form.ts';
import type { MeterError } from '../common/meter-error.ts';
import type { Line, LineSettings } from '../line/line.ts';
import type { KeptProfiles } from './profile-book.ts';

/** Looking for the meters on a line. Nothing is changed at meters or lists. */
export interface Searcher {
  /** How the line has to be opened for a search. */
  lineOf(task: SearchTask): LineSettings;
  /** Ends with 'ended', whatever meters, port or person do. */
  search(line: Line, task: SearchTask, circumstances: SearchCircumstances): AsyncIterable<SearchEvent>;
}

export interface SearchTask {
  /** Which of the protocol's searches. */
  readonly id: string;
  /** What was filled in. */
  readonly values: Values;
  /** Every setting that holds for the protocol on this port. */
  readonly settings: Values;
}

export interface SearchCircumstances {
  /** Absent: there are none. */
  readonly profiles?: KeptProfiles;
  readonly control?: SearchControl;
  /** Absent: the line is the search's alone. */
  readonly lender?: Lender;
}

/** A meter that was found. */
export interface Found {
  /** What reads this meter and no other one, in the form of the meter list. */
  readonly address: string;
  /** Its own number; empty where it told none. */
  readonly number: string;
  /** A name to begin with in the meter list: "Water 55500047 HYD". */
  readonly name: string;
  /** What it said of itself, in words: maker, medium. */
  readonly facts: readonly string[];
  /** Where on the line: "primary 5 · 2400 Bd". Two meters of one place can't be told apart by it. */
  readonly place: string;
  /** With which settings it is read, where they are not those of the search. */
  readonly settings?: Values;
  /** What is always wrong with its data, though it answers: "wrong check sum". */
  readonly fault?: string;
  /** What AT^SCAMSADD shows of it. */
  readonly listed: { readonly primaryAddress: number; readonly secondaryAddress: string; readonly address: string };
}

export type SearchEvent =
  | {
      readonly kind: 'progress';
      /** What is asked now, in words. */
      readonly text: string;
      /** Part of the whole search that is done, 0–1. */
      readonly done: number;
      /** What was asked so far, in words: "41 selections". */
      readonly effort: string;
    }
  | { readonly kind: 'found'; readonly meter: Found }
  /** One that was told as found is none. */
  | { readonly kind: 'withdrawn'; readonly meter: Found }
  /** Meters that could not be told apart, one that gives no data, or a line on which some may be missing. */
  | { readonly kind: 'problem'; readonly address: string; readonly error: MeterError; readonly isCollision: boolean }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'paused' | 'resumed' }
  /** A reading has the line in between; the search has it back. */
  | { readonly kind: 'lent' | 'back' }
  /** The last event. `error` where the search was stopped or the port failed. */
  | {
      readonly kind: 'ended';
      readonly outcome: 'complete' | 'stopped' | 'failed';
      readonly meters: readonly Found[];
      readonly effort: string;
      readonly error?: MeterError;
    };

/** Holds a search between two questions; the meters found so far and the place in the search are kept. */
export interface SearchControl {
  readonly paused: boolean;
  pause(): void;
  resume(): void;
  /** Resolves at once or on `resume`. */
  whenRunning(): Promise<void>;
}

/** Of a line that is not the search's alone. */
export interface Lender {
  /** Somebody waits for the line. */
  isWanted(): boolean;
  /** Resolves when somebody waits for the line. */
  wanted(): Promise<void>;
  /** Closes the line, lets them have it, and opens it anew as it was. Rejects with the signal's reason. */
  lend(): Promise<Line>;
}

export function searchControl(): SearchControl {
  let paused = false;
  let waiting: (() => void)[] = [];
  return {
    get paused() {
      return paused;
    },
    pause() {
      paused = true;
    },
    resume() {
      paused = false;
      for (const go of waiting) go();
      waiting = [];
    },
    whenRunning: () => (paused ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve()),
  };
}
