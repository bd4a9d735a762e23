import type { ErrorRow } from './error-row.ts';

/**
 * One account of repetitions for all that is tried again for one reading, request, dialogue and slot alike, so that they
 * never multiply. What a protocol asks again within a message it is being sent (NAK) is part of the message.
 */
export interface Tries {
  readonly most: number;
  /** Since the last progress. */
  readonly used: number;
  /** One more try after this failure, which is counted; false where none is left or the same again can only end the same. */
  take(code: number): boolean;
  /** Something came whole, or somebody was heard at last: what failed before it counts no more. */
  progress(): void;
}

export function createTries(most: number, rows: readonly Pick<ErrorRow, 'code' | 'repeat'>[]): Tries {
  const pointless = new Set(rows.filter(({ repeat }) => repeat === 'never').map(({ code }) => code));
  let used = 0;
  return {
    most,
    get used() {
      return used;
    },
    take(code) {
      if (used >= most || pointless.has(code)) return false;
      used++;
      return true;
    },
    progress() {
      used = 0;
    },
  };
}
