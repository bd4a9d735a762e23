/**
 * CSV that no spreadsheet takes for a formula. Everything a meter sends is hostile text: a register named
 * `=HYPERLINK(…)` must arrive as that text. Fields are separated by `;`, as in the SmartCOM server's files.
 */
const SEPARATOR = ';';

/** What a spreadsheet may take for the beginning of a formula, also in full width and behind blanks. */
const FORMULA_START = /^[\s\p{Cc}]*[=+\-@＝＋－＠]|^[\t\r\n]/u;
const PLAIN_NUMBER = /^[+-]?\d+(?:[.,]\d+)?$/;
const NEEDS_QUOTES = /[;,"\t\r\n]|^\s|\s$/;

/** One field. Text that could be a formula gets an apostrophe in front, which spreadsheets read as "this is text". */
export function csvField(text: string): string {
  const safe = FORMULA_START.test(text) && !PLAIN_NUMBER.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One row with its line end (CR LF, RFC 4180). */
export function csvRow(fields: readonly (string | number | undefined)[]): string {
  return `${fields.map((field) => (field === undefined ? '' : csvField(String(field)))).join(SEPARATOR)}\r\n`;
}
