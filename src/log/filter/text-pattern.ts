import type { TextCondition } from './filter.ts';

/** Whether a name meets the value of a condition, the relation left aside. */
export function textMatcher({ parameter, value, literal }: TextCondition): (text: string) => boolean {
  if (parameter === 'PROTOCOL') {
    const wanted = value.toUpperCase();
    return (text) => text.toUpperCase() === wanted;
  }
  if (literal || !value.includes('*')) return (text) => text === value;
  const parts = value.split('*');
  return (text) => matchesParts(text, parts);
}

/** Leftmost matching of the parts between the asterisks; linear, where a regular expression could be made to crawl. */
function matchesParts(text: string, parts: readonly string[]): boolean {
  const head = parts[0] ?? '';
  const tail = parts.at(-1) ?? '';
  const end = text.length - tail.length;
  if (end < head.length || !text.startsWith(head) || !text.endsWith(tail)) return false;
  let from = head.length;
  for (const part of parts.slice(1, -1)) {
    const at = text.indexOf(part, from);
    if (at < 0 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}
