import type { ReadingState } from '../../common/reading.ts';

/** A sign and words for what is not whole, so that its lighter figures are not all that tells of it. */
export const readingMarks: Readonly<
  Record<Exclude<ReadingState, 'whole'>, { readonly sign: string; readonly word: string }>
> = {
  unchecked: { sign: '?', word: 'not checked' },
  partial: { sign: '◐', word: 'cut off' },
  'not available': { sign: '–', word: 'not available' },
  impossible: { sign: '!', word: 'impossible' },
};

/** Why figures of a table are not bold, the gravest first; empty where all are whole. */
export function doubtText(states: Iterable<ReadingState>): string {
  const seen = new Set(states);
  return [
    seen.has('partial') ? 'What is cut off is no value.' : '',
    seen.has('unchecked') ? 'Nothing vouches for figures that are not checked: read again before you use them.' : '',
  ]
    .filter((text) => text !== '')
    .join(' ');
}
