import { formatDecimal } from '../../common/decimal.ts';
import { looksLikeNumber } from '../../common/spreadsheet-text.ts';
import type { Cell, CsvForm } from './cells.ts';

/**
 * CSV that no spreadsheet takes for a formula. Everything a meter sends is hostile text: a register named
 * `=HYPERLINK(…)` must arrive as that text.
 */

/** What a spreadsheet may take for the beginning of a formula, also in full width and behind blanks. */
const FORMULA_START = /^[\s\p{Cc}]*[=+\-@＝＋－＠]|^[\t\r\n]/u;
const PLAIN_NUMBER = /^[+-]?\d+(?:[.,]\d+)?$/;
const NEEDS_QUOTES = /[;,"\t\r\n]|^\s|\s$/;
/** A spreadsheet keeps so many digits of a number, and takes texts in formulas up to so many characters. */
const MOST_DIGITS = 15;
const MOST_CHARACTERS = 255;

/** One row with its line end (CR LF, RFC 4180). */
export function csvRow(cells: readonly Cell[], form: CsvForm): string {
  return `${cells.map((cell) => csvField(cell, form)).join(form.separator)}\r\n`;
}

/** What a file begins with. */
export function csvStart({ forSpreadsheet }: CsvForm): string {
  return forSpreadsheet ? '\uFEFF' : '';
}

/** One field. Text that could be a formula gets an apostrophe in front, which spreadsheets read as "this is text". */
export function csvField(cell: Cell, form: CsvForm): string {
  if (cell === undefined) return '';
  if (typeof cell === 'number') return String(cell);
  if (typeof cell === 'string') return textField(cell, form);
  return 'time' in cell ? quoted(guarded(cell.time)) : numberField(formatDecimal(cell.decimal), form);
}

function numberField(text: string, { decimalMark, forSpreadsheet }: CsvForm): string {
  const shown = text.replace('.', decimalMark);
  return forSpreadsheet && text.replace(/\D/g, '').length > MOST_DIGITS ? asText(shown) : quoted(shown);
}

function textField(text: string, { forSpreadsheet }: CsvForm): string {
  if (!forSpreadsheet || !looksLikeNumber(text)) return quoted(guarded(text));
  return text.length <= MOST_CHARACTERS ? asText(text) : quoted(`'${text}`);
}

/** A formula whose value is the text itself. */
function asText(text: string): string {
  return quoted(`="${text}"`);
}

function guarded(text: string): string {
  return FORMULA_START.test(text) && !PLAIN_NUMBER.test(text) ? `'${text}` : text;
}

function quoted(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
