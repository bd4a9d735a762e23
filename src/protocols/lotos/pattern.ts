/** One value as the meter sent it. */
export interface Sent {
  /** 0–999. */
  readonly id: number;
  /** As it came, with a point for a comma. */
  readonly value: string;
}

export type LinePattern = (line: string) => Sent | undefined;

/** The longest line that is looked at: whatever the pattern, that is over within milliseconds. */
export const MAX_LINE = 120;

/** Numbers are taken whole: 12 is neither in 123 nor in 0.12. */
const PARTS: Readonly<Record<string, string>> = {
  '{id}': '(?<!\\d|\\d[.,])(?<id>\\d{1,3})(?!\\d)',
  '{value}': '(?<!\\d|\\d[.,])(?<value>[+-]?\\d{1,30}(?:[.,]\\d{1,30})?)(?!\\d|[.,]\\d)',
  '*': '.*?',
};

/** Not a regular expression of the user's: one of those can take for ever. */
export function linePattern(pattern: string): LinePattern {
  const expressions = pattern.split('|').map((one) => new RegExp(`^ ?${expressionOf(one.trim())} ?$`, 'u'));
  return (line) => {
    if (line.length > MAX_LINE) return undefined;
    const text = line.replace(/\s+/gu, ' ');
    for (const expression of expressions) {
      const { id, value } = expression.exec(text)?.groups ?? {};
      if (id !== undefined && value !== undefined) return { id: Number(id), value: value.replace(',', '.') };
    }
    return undefined;
  };
}

function expressionOf(pattern: string): string {
  return pattern
    .split(/(\{id\}|\{value\}|\*|\s+)/u)
    .filter((part) => part !== '')
    .map((part, at, all) => PARTS[part] ?? (part.trim() === '' ? blank(all[at - 1], all[at + 1]) : literal(part)))
    .join('');
}

const isLiteral = (part: string | undefined) => part !== undefined && PARTS[part] === undefined;

/** Between id and value a blank has to be one; beside other characters those bring theirs. */
const blank = (before: string | undefined, after: string | undefined) =>
  isLiteral(before) || isLiteral(after) ? '' : ' ';

const literal = (text: string) => ` ?${text.replace(/[^A-Za-z0-9]/gu, escaped)} ?`;

const escaped = (character: string) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
