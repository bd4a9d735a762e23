/**
 * Whose a key is: a meter's own number, or a group of meters as a pattern in which `*` stands for any characters and `?`
 * for one ("5012*", "*" for all). Letters count the same in both cases, blanks do not count.
 */
export function ownerOf(text: string): string {
  return text.replace(/\s/g, '').toUpperCase();
}

/** Longer ones are no number of a meter, and no pattern that anybody could read. */
const LONGEST = 64;

export function isOwner(of: string): boolean {
  return of.length > 0 && of.length <= LONGEST && /^[\x21-\x7E]+$/.test(of);
}

/**
 * Those of a meter with these numbers, the narrowest first: that of its first number, of its second, …, then that of the
 * group with the most characters that are said.
 */
export function ownersFor<T extends { readonly of: string }>(
  keys: readonly T[],
  numbers: readonly string[],
): readonly T[] {
  // One that is asked without an address has no number before it answers.
  const own = numbers.length > 0 ? numbers.map(ownerOf) : [''];
  const rank = (of: string) => (isGroup(of) ? own.length + 1 / (1 + saidIn(of)) : own.indexOf(of));
  return keys
    .filter(({ of }) => own.some((number) => fitsOwner(of, number)))
    .toSorted((a, b) => rank(a.of) - rank(b.of));
}

/** How many characters of a pattern are given. */
const saidIn = (of: string) => of.replaceAll(/[*?]/g, '').length;

export const isGroup = (of: string): boolean => /[*?]/.test(of);

/** In time that grows with the product of both lengths at most, whatever the pattern. */
function fitsOwner(of: string, number: string): boolean {
  let [at, from] = [0, 0];
  let [star, retry] = [-1, 0];
  while (at < number.length) {
    if (from < of.length && (of[from] === '?' || (of[from] !== '*' && of[from] === number[at]))) {
      at++;
      from++;
    } else if (of[from] === '*') {
      star = from++;
      retry = at;
    } else if (star >= 0) {
      from = star + 1;
      at = ++retry;
    } else return false;
  }
  while (of[from] === '*') from++;
  return from === of.length;
}
