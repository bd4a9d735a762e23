import { covers, overlap, plainShare, withDigit } from './search-digits.ts';
import { population } from './search-population.ts';

/** What one question to the bus came to: nobody answered, one meter did, or several at once. */
export type SearchReply =
  | { readonly kind: 'silence' }
  | { readonly kind: 'meter'; readonly identification: string }
  /** `hint`: the number that several answers over each other seemed to have. */
  | { readonly kind: 'collision'; readonly hint?: string };

const DECIMAL = [...'0123456789'];
const LETTERS = [...'ABCDE'];
const hasLetter = (number: string) => /[A-E]/.test(number);

export interface SearchQuestion {
  /** Identification number with F for any digit. */
  readonly mask: string;
  /** Part of the numbers asked for that is settled, 0–1. */
  readonly settled: number;
}

/** Milliseconds that a question takes without and with an answer. */
export interface SearchCost {
  readonly silence: number;
  readonly answer: number;
}

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
): Generator<SearchQuestion, readonly string[], SearchReply> {
  const believed = population();
  const settled: string[] = [];
  const collided: string[] = [];
  const doubtful: string[] = [];
  /** Regions not settled yet, none in another; true: known to hold two or more. */
  const open = new Map<string, boolean>([[start, several]]);
  /** Positions that were fixed on the way to the region at hand. */
  const path: number[] = [];
  /** Where regions were divided into decimal digits only. */
  const decimal: { readonly region: string; readonly position: number }[] = [];
  const hints = new Set<string>();

  const isSettled = (mask: string) => settled.some((known) => covers(known, mask));
  const settledShare = () => {
    let left = 0;
    for (const mask of open.keys()) left += plainShare(mask);
    return 1 - left / plainShare(start);
  };

  /** Probability that a mask turns out to hold at most one meter. */
  function chanceToSettle(mask: string, expected = believed.expected(mask)): number {
    const known = believed.foundIn(mask);
    return known > 1 ? 0 : Math.exp(-expected) * (known === 0 ? 1 + expected : 1);
  }

  /** What a question costs beyond finding new meters, which has to be done anyway. */
  function price(mask: string, expected: number): number {
    const chance = chanceToSettle(mask, expected);
    const quiet = Math.exp(-expected) * (believed.foundIn(mask) === 0 ? cost.silence : cost.answer);
    return quiet + (1 - chance) * cost.answer;
  }

  function settle(mask: string): void {
    settled.push(mask);
    for (const region of open.keys()) if (covers(mask, region)) open.delete(region);
  }

  /** True when the mask is settled by the answer. */
  function* ask(mask: string): Generator<SearchQuestion, boolean, SearchReply> {
    const reply = yield { mask, settled: settledShare() };
    if (reply.kind === 'collision') {
      collided.push(mask);
      if (reply.hint !== undefined) hints.add(reply.hint);
      if (open.has(mask)) open.set(mask, true);
    } else {
      settle(mask);
      if (reply.kind === 'meter' && !believed.found.includes(reply.identification)) believed.add(reply.identification);
    }
    believed.estimate(open);
    return reply.kind !== 'collision';
  }

  const parts = (region: string, position: number) =>
    DECIMAL.map((digit) => withDigit(region, position, digit)).filter((part) => !isSettled(part));
  const isHinted = (part: string) => [...hints].some((hint) => covers(part, hint));

  /** The free position that is expected to cost least; the last one where several are alike. */
  function bestPosition(region: string): { readonly position: number; readonly parts: readonly string[] } {
    let best = { position: -1, parts: [] as readonly string[], cost: Infinity };
    const meters = believed.expected(region) + believed.foundIn(region);
    const whole = believed.share(region);
    for (let position = region.length - 1; position >= 0; position--) {
      if (region.charAt(position) !== 'F') continue;
      const candidates = parts(region, position);
      // A part with several meters costs ten questions more, and a meter hardly more than ten however they lie.
      let further = 0;
      for (const part of candidates) {
        const inPart = (meters * believed.share(part)) / whole;
        further += Math.min((inPart * inPart) / 2, inPart);
      }
      const total = (candidates.length + 10 * further) * cost.silence;
      if (total < best.cost - 1e-6) best = { position, parts: candidates, cost: total };
    }
    return best;
  }

  /** Masks that hold `part` and the same part of other regions: without the last digits that were fixed, or one of them. */
  function widerMasks(part: string): readonly string[] {
    const masks: string[] = [];
    let wider = part;
    for (let depth = path.length - 2; depth >= 0; depth--) {
      const position = path[depth] ?? 0;
      wider = withDigit(wider, position, 'F');
      masks.push(wider);
      if (depth < path.length - 2) masks.push(withDigit(part, position, 'F'));
    }
    return masks;
  }

  /** How many questions a settled mask spares: one in every open region that will be divided there. */
  function spared(mask: string, position: number): number {
    let count = 0;
    for (const [region, severalIn] of open) {
      const common = overlap(mask, region);
      if (common === undefined || isSettled(common)) continue;
      if (common === region || (severalIn && region.charAt(position) === 'F')) count++;
      else if (!severalIn) count += 1 - chanceToSettle(region);
    }
    return count;
  }

  /** The mask to be asked for a part of a region: the part itself, or a wider one that is worth more. */
  function worthiest(part: string, position: number): string {
    const worth = (mask: string, questions: number) => {
      const expected = believed.expected(mask);
      const oneNew = believed.foundIn(mask) === 0 ? expected * Math.exp(-expected) : 0;
      return (chanceToSettle(mask, expected) * questions - oneNew) * cost.silence - price(mask, expected);
    };
    let best = { mask: part, worth: worth(part, 1) };
    for (const mask of widerMasks(part)) {
      if (believed.foundIn(mask) > 1 || isSettled(mask) || collided.some((known) => covers(mask, known))) continue;
      if (chanceToSettle(mask) < 0.05) continue;
      const value = worth(mask, spared(mask, position));
      if (value > best.worth) best = { mask, worth: value };
    }
    return best.mask;
  }

  /** Is asking for a part cheaper than dividing it at once? */
  function isWorthAsking(part: string): boolean {
    if (!part.includes('F')) return true;
    const expected = believed.expected(part);
    return chanceToSettle(part, expected) * bestPosition(part).parts.length * cost.silence > price(part, expected);
  }

  function* divide(region: string): Generator<SearchQuestion, void, SearchReply> {
    const holdsSeveral = open.get(region) === true;
    believed.estimate(open);
    const { position, parts: undecided } = bestPosition(region);
    open.delete(region);
    yield* divideAt(region, position, undecided, holdsSeveral);
    const isWithin = (mask: string) => !mask.includes('F') && covers(region, mask);
    const unaccounted = () => believed.foundIn(region) < 2 && !collided.some(isWithin);
    if (letters || (holdsSeveral && unaccounted())) yield* divideByLetters(region, position);
    else decimal.push({ region, position });
    if (collided.includes(region) && unaccounted()) doubtful.push(region);
  }

  function* divideByLetters(region: string, position: number): Generator<SearchQuestion, void, SearchReply> {
    const undecided = LETTERS.map((letter) => withDigit(region, position, letter)).filter((part) => !isSettled(part));
    yield* divideAt(region, position, undecided, false);
  }

  /** `holdsSeveral`: the parts hold two or more together. */
  function* divideAt(
    region: string,
    position: number,
    undecided: readonly string[],
    holdsSeveral: boolean,
  ): Generator<SearchQuestion, void, SearchReply> {
    path.push(position);
    for (const part of undecided) open.set(part, false);
    const allIn = (part: string) => believed.foundIn(part) === believed.foundIn(region);
    believed.estimate(open);

    // Where several seem to be comes last: when everything else is settled, they are there.
    const order = [...undecided].sort((a, b) => Number(isHinted(a)) - Number(isHinted(b)));
    for (const part of order) {
      if (!open.has(part)) continue;
      const isLast = order.every((other) => other === part || !open.has(other));
      if (holdsSeveral && isLast && isHinted(part) && allIn(part)) open.set(part, true);
      if (part.includes('F') && (open.get(part) === true || believed.foundIn(part) > 1)) {
        open.set(part, true);
        continue;
      }
      const mask = worthiest(part, position);
      if (mask !== part && (yield* ask(mask))) continue;
      if (isWorthAsking(part)) yield* ask(part);
    }
    for (const part of undecided) {
      if (!open.has(part)) continue;
      if (part.includes('F')) yield* divide(part);
      else settle(part);
    }
    path.pop();
  }

  if (!several && (yield* ask(start))) return doubtful;
  if (start.includes('F')) yield* divide(start);
  for (let place = decimal.pop(); place && believed.found.some(hasLetter); place = decimal.pop())
    yield* divideByLetters(place.region, place.position);
  return doubtful;
}
