import { covers, DIGITS, numbersBelow, overlap, plainShare } from './search-digits.ts';

/**
 * What is believed of the meters not found yet: how many there are, and that their numbers lie evenly in the range of
 * those found. Beliefs only decide in which order the search asks; what it finds rests on answers alone.
 */
export interface Population {
  readonly found: readonly string[];
  add(identification: string): void;
  /** Found meters that fit. */
  foundIn(mask: string): number;
  /** Part of the believed range that fits, 0–1. */
  share(mask: string): number;
  /** Weighs up anew how many meters are in each open region; true: it is known to hold two or more. */
  estimate(open: ReadonlyMap<string, boolean>): void;
  /** How many meters not found yet are expected to fit. */
  expected(mask: string): number;
}

/** Numbers outside the range are not impossible. */
const OUTSIDE = 0.02;
/** Before anything was asked, so much is taken for granted: two meters, with the weight of 0.3 of all numbers. */
const PRIOR = { meters: 0.6, weight: 0.3 };
const ROUNDS = 6;

interface Region {
  readonly mask: string;
  readonly share: number;
  unknown: number;
}

export function population(): Population {
  const found: string[] = [];
  let low = 0;
  let high = 10 ** DIGITS;
  let regions: readonly Region[] = [];

  const foundIn = (mask: string) => found.reduce((count, number) => count + (covers(mask, number) ? 1 : 0), 0);

  function share(mask: string): number {
    const inRange = (numbersBelow(mask, high) - numbersBelow(mask, low)) / (high - low);
    return (1 - OUTSIDE) * inRange + OUTSIDE * plainShare(mask);
  }

  function add(identification: string): void {
    found.push(identification);
    // Numbers with hexadecimal digits lie outside any range.
    const numbers = found.filter((number) => /^\d+$/.test(number)).map(Number);
    if (numbers.length < 2) return;
    const least = Math.min(...numbers);
    const most = Math.max(...numbers);
    // As far beyond the outermost as neighbors are apart.
    const margin = Math.ceil((most - least) / (numbers.length - 1));
    low = Math.max(0, least - margin);
    high = Math.min(10 ** DIGITS, most + margin + 1);
  }

  function estimate(open: ReadonlyMap<string, boolean>): void {
    const next = [...open].map(([mask, several]) => ({
      mask,
      several,
      share: share(mask),
      found: foundIn(mask),
      unknown: 0,
    }));
    const resolved = found.length - next.reduce((sum, region) => sum + region.found, 0);
    // Meters in all, so that what they would be in each region agrees with what is known of it (expectation-maximization
    // for numbers of Poisson).
    let total = Math.max(3, 2 * found.length);
    for (let round = 0; round < ROUNDS; round++) {
      let meters = resolved;
      let unasked = 0;
      for (const region of next) {
        const mean = total * region.share;
        if (region.several) {
          const expected = Math.max(region.found, meanOfSeveral(mean));
          region.unknown = expected - region.found;
          meters += expected;
        } else {
          region.unknown = Math.max(0, mean - region.found);
          if (region.found > mean) meters += region.found;
          else unasked += region.share;
        }
      }
      total = (meters + PRIOR.meters * unasked) / (1 - unasked + PRIOR.weight * unasked);
    }
    regions = next;
  }

  function expected(mask: string): number {
    let sum = 0;
    for (const region of regions) {
      const common = overlap(mask, region.mask);
      if (common === undefined) continue;
      sum += common === region.mask ? region.unknown : (region.unknown * share(common)) / region.share;
    }
    return sum;
  }

  return { found, add, foundIn, share, estimate, expected };
}

/** Mean of a Poisson number that is known to be two or more. */
function meanOfSeveral(mean: number): number {
  const none = Math.exp(-mean);
  const several = 1 - none - mean * none;
  return several > 1e-9 ? Math.max(2, (mean * (1 - none)) / several) : 2;
}
