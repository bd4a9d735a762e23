import type { FindResult } from '../../../engine/bus-api.ts';
import type { Found } from '../../../protocols/search.ts';
import { counted, durationText } from '../../components/format.ts';

/** Several meters of a search can't be told apart by the place that they share. */
export function sharesPlace(meter: Found, meters: readonly Found[]): boolean {
  return meters.some((other) => other.address !== meter.address && other.place === meter.place);
}

/** "41 selections · 12.4 s on the wire" */
export function effortWords(effort: string, wireMs: number): string {
  return [effort, `${durationText(wireMs)} on the wire`].filter((words) => words !== '').join(' · ');
}

/** A search that came to its end and leaves nothing in doubt. */
export const isClear = ({ outcome, problems }: FindResult) => outcome === 'complete' && problems.length === 0;

export function outcomeWords(result: FindResult): string {
  const { outcome, meters } = result;
  const found = meters.length === 0 ? 'no meter' : counted(meters.length, 'meter');
  switch (outcome) {
    case 'complete':
      if (!isClear(result))
        return meters.length === 0
          ? 'Something answered, and no meter could be listed.'
          : `${found} found; there may be more.`;
      return meters.length === 0 ? 'No meter answered.' : `${found} found.`;
    case 'stopped':
      return `Stopped; ${found} found so far.`;
    case 'failed':
      return `The search broke off; ${found} found so far.`;
  }
}
