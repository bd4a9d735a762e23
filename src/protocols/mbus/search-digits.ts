/**
 * Identification numbers with wildcards, as a selection has them: eight characters, F for any digit. Digits
 * are 0–9, and A–E where a maker numbers in hexadecimal.
 * A mask stands for a set of meters; the search reasons about such sets. Everything here is pure.
 */

export const DIGITS = 8;
const NUMBERS = 10 ** DIGITS;
const WILDCARD = 'F'.charCodeAt(0);
const ZERO = '0'.charCodeAt(0);

/** Is every number (or mask) that fits `inner` one that fits `outer`? */
export function covers(outer: string, inner: string): boolean {
  for (let i = 0; i < DIGITS; i++) {
    const digit = outer.charCodeAt(i);
    if (digit !== WILDCARD && digit !== inner.charCodeAt(i)) return false;
  }
  return true;
}

/** The mask of what fits both; undefined when nothing does. */
export function overlap(a: string, b: string): string | undefined {
  let both = '';
  for (let i = 0; i < DIGITS; i++) {
    const x = a.charAt(i);
    const y = b.charAt(i);
    if (x !== y && x !== 'F' && y !== 'F') return undefined;
    both += x === 'F' ? y : x;
  }
  return both;
}

export function withDigit(mask: string, position: number, digit: string): string {
  return `${mask.slice(0, position)}${digit}${mask.slice(position + 1)}`;
}

/** Part of all numbers that fits: 1 for FFFFFFFF, 0.1 for each digit given. */
export function plainShare(mask: string): number {
  let share = 1;
  for (let i = 0; i < DIGITS; i++) if (mask.charCodeAt(i) !== WILDCARD) share /= 10;
  return share;
}

const POWERS = Array.from({ length: DIGITS + 1 }, (_, n) => 10 ** n);

/** How many numbers below `limit` (at most 10^8) fit. */
export function numbersBelow(mask: string, limit: number): number {
  if (limit >= NUMBERS) return Math.round(plainShare(mask) * NUMBERS);
  let free = Math.round(plainShare(mask) * NUMBERS);
  let count = 0;
  for (let i = 0; i < DIGITS; i++) {
    const digit = mask.charCodeAt(i);
    const bound = Math.floor(limit / (POWERS[DIGITS - 1 - i] ?? 1)) % 10;
    if (digit === WILDCARD) {
      free /= 10;
      count += bound * free;
    } else if (digit - ZERO < bound) return count + free;
    else if (digit - ZERO > bound) return count;
  }
  return count;
}
