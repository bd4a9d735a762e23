import { looksLikeNumber } from '../common/spreadsheet-text.ts';

/**
 * Character-separated values (RFC 4180, with the semicolon of all our files), safe against what hostile text does in a
 * spreadsheet: a cell that a spreadsheet would take for a formula is written with an apostrophe before it, and read back
 * without it. One apostrophe more for a text that begins with apostrophes itself, so that every text comes back. A text
 * that would come back changed (an address with leading zeros, "1/2") stands as `="…"`, which is read back too.
 */
const FORMULA = /^'*(?:[\s\p{Cc}]*[=+\-@＝＋－＠]|[\t\r\n])/u;
const GUARDED_FORMULA = /^'+(?:[\s\p{Cc}]*[=+\-@＝＋－＠]|[\t\r\n])/u;

export function formatCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(formatCell).join(';')}\r\n`).join('');
}

/** A number that a spreadsheet gives back as it was. */
const PLAIN_INTEGER = /^(?:0|[1-9]\d{0,14})$/;
const KEPT_AS_TEXT = /^="([^"]*)"$/;

function formatCell(text: string): string {
  const kept = looksLikeNumber(text) && !PLAIN_INTEGER.test(text) && !/[\r\n]/.test(text);
  const guarded = kept ? `="${text}"` : FORMULA.test(text) ? `'${text}` : text;
  return /[",;\r\n\t]|^\s|\s$/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

export interface CsvRow {
  /** 1-based line of the file the row begins on. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** Rows that are not blank. The separator is whichever of comma, semicolon and tab the first line has most of. */
export function parseCsv(text: string): readonly CsvRow[] {
  const source = text.replace(/^\uFEFF/, '');
  const separator = separatorOf(source);
  const rows: CsvRow[] = [];
  let cells: string[] = [];
  let cell = '';
  let quoted = false;
  let line = 1;
  let rowLine = 1;

  const endCell = () => {
    cells.push(KEPT_AS_TEXT.exec(cell)?.[1] ?? (GUARDED_FORMULA.test(cell) ? cell.slice(1) : cell));
    cell = '';
  };
  const endRow = () => {
    endCell();
    if (cells.some((text) => text.trim() !== '')) rows.push({ line: rowLine, cells });
    cells = [];
  };

  for (let i = 0; i < source.length; i++) {
    const character = source.charAt(i);
    const isLineEnd = character === '\n' || (character === '\r' && source.charAt(i + 1) !== '\n');
    if (isLineEnd) line++;
    if (quoted) {
      if (character !== '"') cell += character;
      else if (source.charAt(i + 1) === '"') cell += source.charAt(i++);
      else quoted = false;
    } else if (character === '"' && cell === '') quoted = true;
    else if (character === separator) endCell();
    else if (isLineEnd) {
      endRow();
      rowLine = line;
    } else if (character !== '\r') cell += character;
  }
  if (cell !== '' || cells.length > 0) endRow();
  return rows;
}

function separatorOf(source: string): string {
  const [firstLine = ''] = source.split(/[\r\n]/, 1);
  const count = (separator: string) => firstLine.split(separator).length;
  return [',', ';', '\t'].reduce((best, separator) => (count(separator) > count(best) ? separator : best));
}
