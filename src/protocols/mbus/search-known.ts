import { covers, plainShare } from './search-digits.ts';
import { population, type Population } from './search-population.ts';

/** What one question to the bus came to: nobody answered, one meter did, or several at once. */
export type SearchReply =
  | { readonly kind: 'silence' }
  | { readonly kind: 'meter'; readonly identification: string }
  /** `hint`: the number that several answers over each other seemed to have. */
  | { readonly kind: 'collision'; readonly hint?: string };

/** What the answers so far say of the numbers that are asked for. */
export interface Known {
  readonly believed: Population;
  /** Regions not settled yet, none in another; true: known to hold two or more. */
  readonly open: Map<string, boolean>;
  /** Masks at which several answered. */
  readonly collided: readonly string[];
  /** Part of the numbers asked for that is settled, 0–1. */
  settledShare(): number;
  isSettled(mask: string): boolean;
  settle(mask: string): void;
  /** Several answers over each other seemed to have a number in it. */
  isHinted(mask: string): boolean;
  /** Takes the answer in. True when it settles the mask. */
  hear(mask: string, reply: SearchReply): boolean;
}

/** @param several it is known already that more than one meter fits `start` */
export function createKnown(start: string, several: boolean): Known {
  const believed = population();
  const open = new Map<string, boolean>([[start, several]]);
  const settled: string[] = [];
  const collided: string[] = [];
  const hints = new Set<string>();

  function settle(mask: string): void {
    settled.push(mask);
    for (const region of open.keys()) if (covers(mask, region)) open.delete(region);
  }

  return {
    believed,
    open,
    collided,
    settledShare() {
      let left = 0;
      for (const mask of open.keys()) left += plainShare(mask);
      return 1 - left / plainShare(start);
    },
    isSettled: (mask) => settled.some((known) => covers(known, mask)),
    settle,
    isHinted: (mask) => [...hints].some((hint) => covers(mask, hint)),
    hear(mask, reply) {
      if (reply.kind === 'collision') {
        collided.push(mask);
        if (reply.hint !== undefined) hints.add(reply.hint);
        if (open.has(mask)) open.set(mask, true);
      } else {
        settle(mask);
        if (reply.kind === 'meter' && !believed.found.includes(reply.identification))
          believed.add(reply.identification);
      }
      believed.estimate(open);
      return reply.kind !== 'collision';
    },
  };
}
