/** A piece of a filter text with its place in it. */
export interface Token {
  readonly text: string;
  readonly position: number;
}

/** One condition as written, not yet judged; pieces that are missing are empty. */
export interface RawCondition {
  readonly parameter: Token;
  readonly relation: Token;
  /** Without blanks around it; a quoted value with its quotes. */
  readonly value: Token;
  /** Place of the first character and of the one after the last, separators excluded. */
  readonly start: number;
  readonly end: number;
}

/** Splits at `;` outside double quotes and takes every condition apart. */
export function lexFilter(text: string): RawCondition[] {
  const conditions: RawCondition[] = [];
  let start = 0;
  let quoted = false;
  for (let i = 0; i <= text.length; i++) {
    if (text[i] === '"') quoted = !quoted;
    if (i < text.length && (quoted || text[i] !== ';')) continue;
    conditions.push(lexCondition(text, start, i));
    start = i + 1;
  }
  return conditions;
}

function lexCondition(text: string, start: number, end: number): RawCondition {
  let position = start;
  const take = (pattern: RegExp): Token => {
    const found = pattern.exec(text.slice(position, end))?.[0] ?? '';
    const token = { text: found, position };
    position += found.length;
    return token;
  };
  const skipBlanks = () => take(/^\s*/);

  skipBlanks();
  const parameter = take(/^[^\s=!<>]*/);
  skipBlanks();
  const relation = take(/^[=!<>]*/);
  skipBlanks();
  const value = take(/^.*\S|^/s);
  return { parameter, relation, value, start, end };
}
