import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covers, numbersBelow, overlap, plainShare } from '../../../../src/protocols/mbus/search-digits.ts';
import { searchPlan } from '../../../../src/protocols/mbus/search-plan.ts';
import { numbers } from './bus-search.ts';

const COST = { silence: 268, answer: 756 };

interface Asked {
  readonly questions: readonly string[];
  readonly found: readonly string[];
  readonly alone: readonly string[];
}

/** Answers a plan as a bus without noise would; each meter with a number of its own. */
function run(
  meters: readonly string[],
  start = 'FFFFFFFF',
  several = false,
  noise: (n: number) => boolean = () => false,
  letters = false,
): Asked {
  const plan = searchPlan(start, COST, { several, letters });
  const questions: string[] = [];
  const alone: string[] = [];
  let step = plan.next();
  while (!step.done) {
    const { mask, settled } = step.value;
    expect(settled).toBeGreaterThanOrEqual(-1e-9);
    expect(settled).toBeLessThanOrEqual(1);
    questions.push(mask);
    const [first, second] = meters.filter((number) => covers(mask, number));
    const noisy = noise(questions.length) && mask.includes('F');
    if (first !== undefined && second === undefined && !noisy) alone.push(first);
    step = plan.next(
      first === undefined && !noisy
        ? { kind: 'silence' }
        : first !== undefined && second === undefined && !noisy
          ? { kind: 'meter', identification: first }
          : { kind: 'collision' },
    );
    if (questions.length > 5000) throw new Error('no end');
  }
  return { questions, alone, found: [...new Set(alone)].sort() };
}

const mean = (kind: string, count: number, rounds: number, several = false) =>
  Array.from(
    { length: rounds },
    (_, round) => run(numbers(kind, count, round), 'FFFFFFFF', several).questions.length,
  ).reduce((a, b) => a + b, 0) / rounds;

describe('masks of numbers', () => {
  const mask = fc
    .array(fc.constantFrom(...'0123456789FFFFFFFF'), { minLength: 8, maxLength: 8 })
    .map((d) => d.join(''));
  const number = fc.integer({ min: 0, max: 99_999_999 }).map((n) => String(n).padStart(8, '0'));

  it('overlap is what fits both', () => {
    fc.assert(
      fc.property(mask, mask, number, (a, b, n) => {
        const common = overlap(a, b);
        expect(common !== undefined && covers(common, n)).toBe(covers(a, n) && covers(b, n));
      }),
    );
  });

  it('counts the numbers below a limit', () => {
    expect(numbersBelow('0000001F', 15)).toBe(5);
    expect(numbersBelow('FFFFFFFF', 12_345_678)).toBe(12_345_678);
    expect(numbersBelow('FFFFFFF5', 16)).toBe(2);
    fc.assert(
      fc.property(mask, fc.integer({ min: 0, max: 99_999_999 }), (m, limit) => {
        const text = String(limit).padStart(8, '0');
        expect(numbersBelow(m, limit + 1) - numbersBelow(m, limit)).toBe(covers(m, text) ? 1 : 0);
      }),
    );
    expect(numbersBelow('F000000F', 1e8)).toBe(Math.round(plainShare('F000000F') * 1e8));
  });
});

describe('the plan', () => {
  it('finds whatever numbers there are', () => {
    const set = fc.uniqueArray(
      fc.oneof(
        fc.integer({ min: 0, max: 99_999_999 }),
        fc.integer({ min: 4000, max: 4030 }),
        fc.integer({ min: 70_000_000, max: 70_000_999 }),
      ),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(set, fc.boolean(), (all, severalKnown) => {
        const meters = all.map((n) => String(n).padStart(8, '0')).sort();
        expect(run(meters, 'FFFFFFFF', severalKnown && meters.length > 1).found).toEqual(meters);
      }),
      { numRuns: 150 },
    );
  });

  it('loses no meter to noise that looks like a collision', { timeout: 20_000 }, () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 1e6 }), fc.nat(20), (count, seed, when) => {
        const meters = [...numbers('random', count, seed)].sort();
        expect(run(meters, 'FFFFFFFF', false, (n) => n === when || n % 13 === when).found).toEqual(meters);
      }),
      { numRuns: 100 },
    );
    // Told from the start that there are several, and there is only one.
    expect(run(['12345678'], 'FFFFFFFF', true).found).toEqual(['12345678']);
    expect(run([], 'FFFFFFFF', true).found).toEqual([]);
  });

  it('finds numbers with hexadecimal digits where decimal ones do not account for what answers', () => {
    const digit = fc.constantFrom(...'0123456789ABCDE');
    const number = fc.array(digit, { minLength: 8, maxLength: 8 }).map((digits) => digits.join(''));
    const set = fc.uniqueArray(number, { minLength: 1, maxLength: 2 });
    fc.assert(
      fc.property(set, (meters) => {
        expect(run(meters).found).toEqual([...meters].sort());
      }),
      { numRuns: 200 },
    );
    const many = ['050002EA', '050002EB', ...numbers('random', 6, 1)];
    expect(run(many, 'FFFFFFFF', true, () => false, true).found).toEqual([...many].sort());
  });

  it('asks within a mask only', () => {
    const meters = numbers('series', 30, 1);
    const { questions, found } = run(meters, '1234F5FF');
    expect(questions.every((mask) => covers('1234F5FF', mask))).toBe(true);
    expect(found).toEqual(meters.filter((n) => n[5] === '5').sort());
    expect(run(['12345678'], '12345678')).toMatchObject({ questions: ['12345678'], found: ['12345678'] });
  });

  it('leaves meters of one number to the caller and still finds the others', () => {
    const { found, questions } = run(['40404040', '40404040', '40404041', '99999999']);
    expect(found).toEqual(['40404041', '99999999']);
    expect(questions.filter((mask) => mask === '40404040')).toHaveLength(1);
  });

  it('needs no more than the better of the usual digit orders', { timeout: 60_000 }, () => {
    expect(mean('random', 1, 5)).toBe(1);
    // Selections that a plain tree in either digit order needs, as rounded means over many sets of numbers.
    expect(mean('random', 5, 200, true)).toBeLessThan(19.5);
    expect(mean('series', 5, 100, true)).toBeLessThanOrEqual(20);
    expect(mean('consecutive', 5, 20)).toBeLessThanOrEqual(11);
    expect(mean('random', 20, 30)).toBeLessThanOrEqual(88);
    expect(mean('series', 20, 30)).toBeLessThanOrEqual(91);
    expect(mean('consecutive', 20, 10)).toBeLessThanOrEqual(99);
    expect(mean('random', 60, 3)).toBeLessThanOrEqual(249);
    expect(mean('series', 60, 3)).toBeLessThanOrEqual(247);
    expect(mean('consecutive', 60, 3)).toBeLessThanOrEqual(111);
    expect(mean('consecutive', 250, 1)).toBeLessThanOrEqual(353);
  });
});
