/** A row of a CSV text with the line it begins on, counted from 0. */
export interface CsvRow {
  readonly cells: readonly string[];
  readonly line: number;
}

/** Rows of CSV (RFC 4180): quoted cells may hold delimiters, doubled quotes and line ends. Empty lines are left out. */
export function* csvRows(text: string, delimiter: string): Generator<CsvRow> {
  let cells: string[] = [];
  let line = 0;
  let rowLine = 0;
  let at = 0;
  while (at < text.length) {
    let cell: string;
    if (text[at] === '"') {
      const end = endOfQuoted(text, at + 1);
      cell = text.slice(at + 1, end).replaceAll('""', '"');
      for (const character of cell) if (character === '\n') line++;
      at = end + 1;
      // What stands between the closing quote and the delimiter is kept: nothing is dropped in silence.
      const rest = endOfPlain(text, at, delimiter);
      cell += text.slice(at, rest);
      at = rest;
    } else {
      const end = endOfPlain(text, at, delimiter);
      cell = text.slice(at, end);
      at = end;
    }
    cells.push(cell);
    if (text[at] === delimiter) {
      at++;
      if (at < text.length) continue;
      cells.push('');
    }
    if (cells.length > 1 || cells[0]?.trim() !== '') yield { cells, line: rowLine };
    if (text[at] === '\r' && text[at + 1] === '\n') at++;
    at++;
    cells = [];
    rowLine = ++line;
  }
}

function endOfQuoted(text: string, from: number): number {
  let at = from;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return text.length;
    if (text[quote + 1] !== '"') return quote;
    at = quote + 2;
  }
}

function endOfPlain(text: string, from: number, delimiter: string): number {
  let at = from;
  while (at < text.length && text[at] !== delimiter && text[at] !== '\n' && text[at] !== '\r') at++;
  return at;
}
