import type { ReadCommand } from './command.ts';
import type { ProfileBook } from './profile-book.ts';

/** What a range of time is reckoned from. */
export interface Now {
  readonly minutes: number;
  /** As it stands in front of a time in a request: 0 normal time, 2 UTC. */
  readonly seasonDigit: '0' | '2';
}

export interface ProfileSoFar extends Pick<Now, 'seasonDigit'> {
  readonly book: ProfileBook;
  /** In minutes: where it ends, and from where it is asked for next. */
  readonly to: number;
  at: number;
  pieceMinutes: number;
}

/** What one read has got so far: a dialogue that has to be begun again goes on from here. */
export interface Collected {
  /** By address: the line of the record's data, or undefined where the meter has none. */
  readonly registers: Map<string, string | undefined>;
  /** Not answered at all, so often. */
  readonly silent: Map<string, number>;
  /** The meter was asked for its clock: one that ended the session over it is not asked again. */
  clockAsked: boolean;
  /** That worked. */
  command: ReadCommand | undefined;
  profile: ProfileSoFar | undefined;
}

export const nothingCollected = (): Collected => ({
  registers: new Map(),
  silent: new Map(),
  clockAsked: false,
  command: undefined,
  profile: undefined,
});
