import { covers, overlap, withDigit } from './search-digits.ts';
import type { Known } from './search-known.ts';

/** Milliseconds that a question takes without and with an answer. */
export interface SearchCost {
  readonly silence: number;
  readonly answer: number;
}

/** A position where a region may be divided, and the decimal parts there that are not settled. */
export interface Division {
  readonly position: number;
  readonly parts: readonly string[];
}

const DECIMAL = [...'0123456789'];

/** The free position that is expected to cost least; the last one where several are alike. */
export function bestDivision({ believed, isSettled }: Known, cost: SearchCost, region: string): Division {
  let best = { position: -1, parts: [] as readonly string[], cost: Infinity };
  const meters = believed.expected(region) + believed.foundIn(region);
  const whole = believed.share(region);
  for (let position = region.length - 1; position >= 0; position--) {
    if (region.charAt(position) !== 'F') continue;
    const parts = DECIMAL.map((digit) => withDigit(region, position, digit)).filter((part) => !isSettled(part));
    // A part with several meters costs ten questions more, and a meter hardly more than ten however they lie.
    let further = 0;
    for (const part of parts) {
      const inPart = (meters * believed.share(part)) / whole;
      further += Math.min((inPart * inPart) / 2, inPart);
    }
    const total = (parts.length + 10 * further) * cost.silence;
    if (total < best.cost - 1e-6) best = { position, parts, cost: total };
  }
  return best;
}

/**
 * The mask to be asked for a part of a region: the part itself, or a wider one that is worth more.
 *
 * @param path positions that were fixed on the way to the part, its own last
 */
export function worthiestMask(known: Known, cost: SearchCost, part: string, path: readonly number[]): string {
  const { believed, isSettled, collided } = known;
  const position = path.at(-1) ?? 0;
  const worth = (mask: string, questions: number) => {
    const expected = believed.expected(mask);
    const oneNew = believed.foundIn(mask) === 0 ? expected * Math.exp(-expected) : 0;
    return (
      (chanceToSettle(known, mask, expected) * questions - oneNew) * cost.silence - price(known, cost, mask, expected)
    );
  };
  let best = { mask: part, worth: worth(part, 1) };
  for (const mask of widerMasks(part, path)) {
    if (believed.foundIn(mask) > 1 || isSettled(mask) || collided.some((one) => covers(mask, one))) continue;
    if (chanceToSettle(known, mask) < 0.05) continue;
    const value = worth(mask, spared(known, mask, position));
    if (value > best.worth) best = { mask, worth: value };
  }
  return best.mask;
}

/** Is asking for a part cheaper than dividing it at once? */
export function isWorthAsking(known: Known, cost: SearchCost, part: string): boolean {
  if (!part.includes('F')) return true;
  const expected = known.believed.expected(part);
  const questions = bestDivision(known, cost, part).parts.length;
  return chanceToSettle(known, part, expected) * questions * cost.silence > price(known, cost, part, expected);
}

/** Probability that a mask turns out to hold at most one meter. */
function chanceToSettle({ believed }: Known, mask: string, expected = believed.expected(mask)): number {
  const found = believed.foundIn(mask);
  return found > 1 ? 0 : Math.exp(-expected) * (found === 0 ? 1 + expected : 1);
}

/** What a question costs beyond finding new meters, which has to be done anyway. */
function price(known: Known, cost: SearchCost, mask: string, expected: number): number {
  const chance = chanceToSettle(known, mask, expected);
  const quiet = Math.exp(-expected) * (known.believed.foundIn(mask) === 0 ? cost.silence : cost.answer);
  return quiet + (1 - chance) * cost.answer;
}

/** Masks that hold `part` and the same part of other regions: without the last digits that were fixed, or one of them. */
function widerMasks(part: string, path: readonly number[]): readonly string[] {
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
function spared(known: Known, mask: string, position: number): number {
  let count = 0;
  for (const [region, severalIn] of known.open) {
    const common = overlap(mask, region);
    if (common === undefined || known.isSettled(common)) continue;
    if (common === region || (severalIn && region.charAt(position) === 'F')) count++;
    else if (!severalIn) count += 1 - chanceToSettle(known, region);
  }
  return count;
}
