import type { ReadCommand } from './command.ts';
import type { Reply } from './reply.ts';
import type { ProfileBook } from './profile-book.ts';

/** What a range of time is reckoned from. */
export interface Now {
  readonly minutes: number;
  /** As it stands in front of a time in a request: 0 normal time, 2 UTC. */
  readonly seasonDigit: '0' | '2';
}

/** In minutes of the meter's normal time. */
export interface TimeRange extends Pick<Now, 'seasonDigit'> {
  readonly from: number;
  readonly now: number;
  /** A little later than now. */
  readonly to: number;
}

export interface ProfileSoFar extends TimeRange {
  readonly book: ProfileBook;
  /** From where it is asked for next, and for how long. */
  at: number;
  pieceMinutes: number;
  /** It is not made longer than this. */
  mostMinutes: number;
  /** Of the last header. */
  periodMinutes: number;
  /** What it said last in place of rows; a dialogue that is begun anew does not ask for these again. */
  refusal?: Reply;
}

/** What one read has got so far: a dialogue that has to be begun again goes on from here. */
export interface Collected {
  /** Of the meter it is of, as received. */
  readonly identification: string;
  /** What its P0 named, where that is a number. */
  number: string | undefined;
  /** By address: the line of the record's data, or undefined where the meter has none. */
  readonly registers: Map<string, string | undefined>;
  /** Not answered at all, so often. */
  readonly silent: Map<string, number>;
  /** It did not go to programming mode. */
  takesNoCommands: boolean;
  /** The meter was asked for its clock: one that ended the session over it is not asked again. */
  clockAsked: boolean;
  /** That worked. */
  command: ReadCommand | undefined;
  range: TimeRange | undefined;
  profile: ProfileSoFar | undefined;
  /** The log book as received. */
  log: string | undefined;
}

export const nothingCollected = (identification: string, number?: string): Collected => ({
  identification,
  number,
  registers: new Map(),
  silent: new Map(),
  takesNoCommands: false,
  clockAsked: false,
  command: undefined,
  range: undefined,
  profile: undefined,
  log: undefined,
});
