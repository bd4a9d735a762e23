/** Where meters are found most: delivered so, or set so by their makers' tools. */
const LIKELY = [...range(1, 10), 247, ...range(100, 110), 126, 200];
const FIRST = 1;
const LAST = 247;

function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

/** "1-32,100" as unit addresses, each once; every one of the standard for an empty text. */
export function unitsIn(text: string): readonly number[] {
  const parts = text.split(',').map((part) => part.trim());
  const units = parts.flatMap((part) => {
    const [first = NaN, last = first] = part.split('-').map(Number);
    return Number.isNaN(first) ? [] : range(first, Math.min(last, 255));
  });
  const wanted = text.trim() === '' ? range(FIRST, LAST) : units.filter((unit) => unit >= 0 && unit <= 255);
  return [...new Set(wanted)];
}

/** The likely ones in the order to ask them, and the rest. */
export function inTwoRounds(units: readonly number[]): readonly [likely: readonly number[], rest: readonly number[]] {
  const likely = LIKELY.filter((unit) => units.includes(unit));
  return [likely, units.filter((unit) => !likely.includes(unit))];
}
