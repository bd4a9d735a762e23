import { toHex } from '../../common/bytes.ts';
import type { Decimal } from '../../common/decimal.ts';
import type { ReadingValue } from '../../common/reading.ts';

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
