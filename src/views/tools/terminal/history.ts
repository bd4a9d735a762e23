/** The command lines that were sent, oldest first, and the one that is shown while going through them. */
export interface History {
  readonly lines: readonly string[];
  /** Index of the line shown; `lines.length` while a new one is typed. */
  readonly at: number;
  /** What was typed before going back, to be found again. */
  readonly draft: string;
}

const MOST_LINES = 200;

export function startHistory(lines: readonly string[]): History {
  return { lines, at: lines.length, draft: '' };
}

/** A line that is the same as the one before it, or empty, is not kept. */
export function remember({ lines }: History, line: string): History {
  if (line.trim() === '' || line === lines.at(-1)) return startHistory(lines);
  return startHistory([...lines, line].slice(-MOST_LINES));
}

/**
 * One line back (-1) or forth (1) from `typed`, which is kept as the draft when the way back begins.
 * Undefined at either end.
 */
export function step(
  history: History,
  direction: -1 | 1,
  typed: string,
): { readonly history: History; readonly line: string } | undefined {
  const { lines } = history;
  const at = history.at + direction;
  if (at < 0 || at > lines.length) return undefined;
  const draft = history.at === lines.length ? typed : history.draft;
  return { history: { lines, at, draft }, line: lines[at] ?? draft };
}

/** What was stored, where it is a list of lines. */
export function linesOfStored(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value.filter((line) => typeof line === 'string').slice(-MOST_LINES);
}
