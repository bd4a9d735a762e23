import { toHex } from './bytes.ts';
import { formatDecimal, type Decimal } from './decimal.ts';
import type { ReadingValue } from './reading.ts';

/**
 * CSV (RFC 4180) that no spreadsheet takes for a formula, and that comes back as it was. Everything a meter sends or a
 * person writes is hostile text: a register named `=HYPERLINK(…)` must arrive as that text.
 */

/**
 * One field of a table, before it is written: text is text whatever it looks like, a number a count of our own, a decimal
 * what a meter measured, a time ISO 8601 as far as it is known.
 */
export type Cell = string | number | undefined | { readonly decimal: Decimal } | { readonly time: string };

/** How CSV is written. */
export interface CsvForm {
  readonly separator: ',' | ';';
  readonly decimalMark: '.' | ',';
  /**
   * Made to be opened in a spreadsheet: with a byte order mark, and with `="…"` around texts that a spreadsheet would take
   * for a number or a date (00770041, 1.8.0, 0E14).
   */
  readonly forSpreadsheet: boolean;
}

/** How a table is written: CSV of some form, or a workbook. */
export type TableForm = CsvForm | 'xlsx';

/** RFC 4180, for programs: a comma, a decimal point, nothing added. */
export const exactForm: CsvForm = { separator: ',', decimalMark: '.', forSpreadsheet: false };

/** The semicolon of the SmartCOM server's files. */
export const semicolonForm: CsvForm = { ...exactForm, separator: ';' };

export function valueCell(value: ReadingValue): Cell {
  switch (value.type) {
    case 'number':
      return { decimal: value.decimal };
    case 'time':
      return { time: value.time.iso };
    case 'text':
      return value.text;
    case 'bytes':
      return toHex(value.bytes);
  }
}

/** `YYYY-MM-DD hh:mm:ss` in UTC, which spreadsheets read as a time. */
export function formatUtc(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
}

export function utcCell(unixSeconds: number): Cell {
  return { time: formatUtc(unixSeconds) };
}

// Writing -------------------------------------------------------------------------------------------------------------

/** What a file begins with. */
export function csvStart({ forSpreadsheet }: CsvForm): string {
  return forSpreadsheet ? '\uFEFF' : '';
}

/** One row with its line end (CR LF, RFC 4180). */
export function csvRow(cells: readonly Cell[], form: CsvForm): string {
  return `${cells.map((cell) => csvField(cell, form)).join(form.separator)}\r\n`;
}

const NEEDS_QUOTES = /[;,"\t\r\n]|^\s|\s$/;
/** A spreadsheet keeps so many digits of a number, and takes texts in formulas up to so many characters. */
const MOST_DIGITS = 15;
const MOST_CHARACTERS = 255;

/** One field. Text that could be a formula gets an apostrophe in front, which spreadsheets read as "this is text". */
export function csvField(cell: Cell, form: CsvForm): string {
  if (cell === undefined) return '';
  if (typeof cell === 'number') return String(cell);
  if (typeof cell === 'string') return quoted(form.forSpreadsheet ? keptAsText(cell) : guarded(cell));
  if ('time' in cell) return quoted(guarded(cell.time));
  const text = formatDecimal(cell.decimal);
  const shown = text.replace('.', form.decimalMark);
  return quoted(form.forSpreadsheet && text.replace(/\D/g, '').length > MOST_DIGITS ? asFormula(shown) : shown);
}

/**
 * What a spreadsheet makes of a text when it opens CSV: figures lose their leading zeros, codes become dates (1.8.0) or
 * powers of ten (0E14), in one locale or another. And what a user may name a meter: "Mar 5", "5 Mar 2026".
 */
const LOOKS_LIKE_NUMBER =
  /^[ \t]*(?:[+-]?[\d.,][\d.,:/\-+ \tEe%]*|\p{L}{3,9}\.?[ ./-]?\d{1,4}(?:[ ,./-]+\d{2,4})?|\d{1,2}[ ./-]*\p{L}{3,9}\.?(?:[ ./-]*\d{2,4})?)$/u;
/** What a spreadsheet may take for the beginning of a formula, also in full width and behind blanks. */
const FORMULA_START = /^[\s\p{Cc}]*[=+\-@＝＋－＠]|^[\t\r\n]/u;
const PLAIN_NUMBER = /^[+-]?\d+(?:[.,]\d+)?$/;

function keptAsText(text: string): string {
  if (!LOOKS_LIKE_NUMBER.test(text)) return guarded(text);
  return isLong(text) ? `'${text}` : asFormula(text);
}

/** One apostrophe more for a text that has some already, so that every text comes back. */
function guarded(text: string): string {
  return isFormula(text) || (text.startsWith("'") && isGuarded(text)) ? `'${text}` : text;
}

function isFormula(text: string): boolean {
  return FORMULA_START.test(text) && !PLAIN_NUMBER.test(text);
}

function isLong(text: string): boolean {
  return text.length > MOST_CHARACTERS && LOOKS_LIKE_NUMBER.test(text);
}

/** A formula whose value is the text itself. */
function asFormula(text: string): string {
  return `="${text}"`;
}

function quoted(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

// Reading -------------------------------------------------------------------------------------------------------------

/** A row of a CSV text with the line it begins on, counted from 0. */
export interface CsvRow {
  readonly cells: readonly string[];
  readonly line: number;
}

/** Rows of CSV: quoted cells may hold separators, doubled quotes and line ends. Rows of nothing but blanks are left out. */
export function* csvRows(text: string, separator: string): Generator<CsvRow> {
  let cells: string[] = [];
  let line = 0;
  let rowLine = 0;
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  while (at < text.length) {
    let cell: string;
    if (text[at] === '"') {
      const end = endOfQuoted(text, at + 1);
      cell = text.slice(at + 1, end).replaceAll('""', '"');
      line += lineEndsIn(cell);
      at = end + 1;
      // What stands between the closing quote and the separator is kept: nothing is dropped in silence.
      const rest = endOfPlain(text, at, separator);
      cell += text.slice(at, rest);
      at = rest;
    } else {
      const end = endOfPlain(text, at, separator);
      cell = text.slice(at, end);
      at = end;
    }
    cells.push(cell);
    if (text[at] === separator) {
      at++;
      if (at < text.length) continue;
      cells.push('');
    }
    if (cells.some((one) => one.trim() !== '')) yield { cells, line: rowLine };
    if (text[at] === '\r' && text[at + 1] === '\n') at++;
    at++;
    cells = [];
    rowLine = ++line;
  }
}

/** Whichever of comma, semicolon and tab the first line has most of. */
export function separatorOf(text: string): string {
  const [firstLine = ''] = text.split(/[\r\n]/, 1);
  const count = (separator: string) => firstLine.split(separator).length;
  return [',', ';', '\t'].reduce((best, separator) => (count(separator) > count(best) ? separator : best));
}

/** The text that {@link csvField} wrote so that no spreadsheet changes it. */
export function unguarded(cell: string): string {
  return /^="([^"]*)"$/.exec(cell)?.[1] ?? (cell.startsWith("'") && isGuarded(cell) ? cell.slice(1) : cell);
}

/** Is it, behind its apostrophes, what is written with one? */
function isGuarded(text: string): boolean {
  const bare = text.replace(/^'+/, '');
  return isFormula(bare) || isLong(bare);
}

function lineEndsIn(text: string): number {
  return text.match(/\r\n?|\n/g)?.length ?? 0;
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

function endOfPlain(text: string, from: number, separator: string): number {
  let at = from;
  while (at < text.length && text[at] !== separator && text[at] !== '\n' && text[at] !== '\r') at++;
  return at;
}
