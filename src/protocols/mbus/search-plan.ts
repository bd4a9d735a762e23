import { covers, withDigit } from './search-digits.ts';
import { createKnown, type SearchReply } from './search-known.ts';
import { bestDivision, isWorthAsking, worthiestMask, type SearchCost } from './search-worth.ts';

export type { SearchReply } from './search-known.ts';
export type { SearchCost } from './search-worth.ts';

const LETTERS = [...'ABCDE'];
const hasLetter = (number: string) => /[A-E]/.test(number);

export interface SearchQuestion {
  /** Identification number with F for any digit. */
  readonly mask: string;
  /** Part of the numbers asked for that is settled, 0–1. */
  readonly settled: number;
}

type Asking<Result = void> = Generator<SearchQuestion, Result, SearchReply>;

/**
 * The wildcard search as a plan: asks masks and ends when every number that fits `start` is settled, that is, lies in a
 * mask that was silent or held exactly one meter. Which digit comes next is decided by cost: last digits first for
 * random numbers and series, first digits once the numbers found lie close together. Three things spare questions:
 * - a region that must hold two meters found already, or one of ten parts of a region with several where the other nine
 *   are settled, needs no question;
 * - a region that is expected to hold many is divided without asking;
 * - where few are expected, a wider mask is asked that settles the same part of several regions at once.
 *
 * `several`: it is known already that more than one meter fits `start`. A complete number at which several answer is
 * left to the caller and counts as settled. Every complete number that is not settled otherwise is asked for, so that a
 * collision that was noise costs questions and no meter.
 *
 * Numbers are taken for decimal. A–E are asked for where a region holds several and its decimal parts do not account for
 * them, everywhere once such a number was found, and from the beginning with `letters`.
 *
 * Returns masks at which several seemed to answer and then fewer than two were found: noise, or answers that came so
 * late that they were taken for those to another question.
 */
export function* searchPlan(
  start: string,
  cost: SearchCost,
  { several = false, letters = false }: { readonly several?: boolean; readonly letters?: boolean } = {},
): Asking<readonly string[]> {
  const known = createKnown(start, several);
  const { believed, open, collided, isSettled } = known;
  const doubtful: string[] = [];
  /** Positions that were fixed on the way to the region at hand. */
  const path: number[] = [];
  /** Where regions were divided into decimal digits only. */
  const decimal: { readonly region: string; readonly position: number }[] = [];

  /** True when the mask is settled by the answer. */
  function* ask(mask: string): Asking<boolean> {
    return known.hear(mask, yield { mask, settled: known.settledShare() });
  }

  function* divide(region: string): Asking {
    const holdsSeveral = open.get(region) === true;
    believed.estimate(open);
    const { position, parts: undecided } = bestDivision(known, cost, region);
    open.delete(region);
    yield* divideAt(region, position, undecided, holdsSeveral);
    const isWithin = (mask: string) => !mask.includes('F') && covers(region, mask);
    const unaccounted = () => believed.foundIn(region) < 2 && !collided.some(isWithin);
    if (letters || (holdsSeveral && unaccounted())) yield* divideByLetters(region, position);
    else decimal.push({ region, position });
    if (collided.includes(region) && unaccounted()) doubtful.push(region);
  }

  function* divideByLetters(region: string, position: number): Asking {
    const undecided = LETTERS.map((letter) => withDigit(region, position, letter)).filter((part) => !isSettled(part));
    yield* divideAt(region, position, undecided, false);
  }

  /** `holdsSeveral`: the parts hold two or more together. */
  function* divideAt(region: string, position: number, undecided: readonly string[], holdsSeveral: boolean): Asking {
    path.push(position);
    for (const part of undecided) open.set(part, false);
    const allIn = (part: string) => believed.foundIn(part) === believed.foundIn(region);
    believed.estimate(open);

    // Where several seem to be comes last: when everything else is settled, they are there.
    const order = [...undecided].sort((a, b) => Number(known.isHinted(a)) - Number(known.isHinted(b)));
    for (const part of order) {
      if (!open.has(part)) continue;
      const isLast = order.every((other) => other === part || !open.has(other));
      if (holdsSeveral && isLast && known.isHinted(part) && allIn(part)) open.set(part, true);
      if (part.includes('F') && (open.get(part) === true || believed.foundIn(part) > 1)) {
        open.set(part, true);
        continue;
      }
      const mask = worthiestMask(known, cost, part, path);
      if (mask !== part && (yield* ask(mask))) continue;
      if (isWorthAsking(known, cost, part)) yield* ask(part);
    }
    for (const part of undecided) {
      if (!open.has(part)) continue;
      if (part.includes('F')) yield* divide(part);
      else known.settle(part);
    }
    path.pop();
  }

  if (!several && (yield* ask(start))) return doubtful;
  if (start.includes('F')) yield* divide(start);
  for (let place = decimal.pop(); place && believed.found.some(hasLetter); place = decimal.pop())
    yield* divideByLetters(place.region, place.position);
  return doubtful;
}
