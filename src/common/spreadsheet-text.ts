/**
 * What a spreadsheet makes of a text when it opens CSV: figures lose their leading zeros, codes become dates (1.8.0) or
 * powers of ten (0E14), in one locale or another. And what a user may name a meter: "Mar 5", "5 Mar 2026".
 */
const LOOKS_LIKE_NUMBER =
  /^\s*(?:[+-]?[\d.,][\d.,:/\-+\sEe%]*|\p{L}{3,9}\.?[ ./-]?\d{1,4}(?:[ ,./-]+\d{2,4})?|\d{1,2}[ ./-]*\p{L}{3,9}\.?(?:[ ./-]*\d{2,4})?)$/u;

/** Would some spreadsheet take this text for a number or a date? */
export function looksLikeNumber(text: string): boolean {
  return LOOKS_LIKE_NUMBER.test(text);
}
