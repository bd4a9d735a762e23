import { hexDumpAt } from './hex-dump.ts';
import { withoutCommonWords } from '../common/line-prefix.ts';

/** Bytes that stand together in a text, on one line or in one dump. */
export interface HexLine {
  readonly bytes: Uint8Array;
  /** Counted from 0. */
  readonly line: number;
}

export interface HexText {
  readonly found: readonly HexLine[];
  /** Lines that are not empty and hold no bytes, counted from 0. */
  readonly skipped: readonly number[];
}

/**
 * The bytes in lines of hexadecimal as programs, terminals and people write it: `68 1F`, `681f`, `0x68,0x1F`,
 * `68:1F`, `\x68\x1f`, `68h`, C arrays, decimal arrays, dumps with offsets, links, a time stamp or label in front.
 */
export function readHexLines(given: readonly string[]): HexText {
  const lines = withoutCommonWords(given);
  const found: HexLine[] = [];
  const skipped: number[] = [];
  const decimal = isDecimalArray(lines);
  for (let i = 0; i < lines.length;) {
    const dump = hexDumpAt(lines, i);
    if (dump) {
      found.push({ bytes: dump.bytes, line: i });
      i = dump.end;
      continue;
    }
    const line = lines[i] ?? '';
    const bytes = decimal ? decimalBytes(line) : hexBytes(line);
    if (bytes !== undefined) found.push({ bytes, line: i });
    else if (line.trim() !== '') skipped.push(i);
    i++;
  }
  return { found, skipped };
}

/** Fewer bytes beside other words are a word that happens to be hexadecimal ("add", "12"), not data. */
const FEWEST_BESIDE_WORDS = 5;

/** The longest run of bytes in a line; undefined where there is none worth the name. */
export function hexBytes(line: string): Uint8Array | undefined {
  let longest = '';
  let run = '';
  let foreign = false;
  for (const word of withoutNotation(line).split(/[\s,;:\-_|"'\\]+/)) {
    if (word === '') continue;
    if (/^(?:[0-9a-f]{2})+$/i.test(word)) {
      run += word;
      if (run.length > longest.length) longest = run;
    } else {
      run = '';
      foreign ||= /[^{}[\]()=<>+]/.test(word);
    }
  }
  if (longest === '' || (foreign && longest.length < 2 * FEWEST_BESIDE_WORDS)) return undefined;
  return Uint8Array.from(longest.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Rewrites what is around the digits: comments, time stamps, labels, casts, prefixes, brackets as words of their own. */
function withoutNotation(line: string): string {
  return line
    .replace(/\b[a-z]{2,10}:\/\/\S+/gi, hexOfLink)
    .replace(/\/\*.*?\*\/|\/\/.*$/g, ' ')
    .replace(/\d{4}-\d\d-\d\d(?:[T ]\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?(?![-\d])/g, ' = ')
    .replace(/^\s*\[?\d{1,2}:\d\d:\d\d(?:[.,]\d+)?\]?(?=\s)/, ' = ')
    .replace(/^[^:]*:\s+(?=[^:]*$)/, '')
    .replace(/\((?:unsigned |u)?(?:byte|char|int8_t|int8|u8)\)/gi, ' ')
    .replace(/(?:\b0x|\\x|\$|%|&h|#)([0-9a-f])(?![0-9a-f])/gi, ' 0$1 ')
    .replace(/(?:\b0x|\\x|\$|%|&h|#)(?=[0-9a-f]{2})/gi, ' ')
    .replace(/\b([0-9a-f]{2})h\b/gi, '$1 ')
    .replace(/[{}[\]()=<>+]/g, ' $& ');
}

/** `https://…/analyze/6874…`: the one part that may be a frame. */
function hexOfLink(link: string): string {
  const parts = link.split(/[/?&=#]/).filter((part) => /^(?:[0-9a-f]{2}){5,}$/i.test(part));
  return ` ${parts.toSorted((a, b) => b.length - a.length)[0] ?? '='} `;
}

const DECIMAL_ARRAY = /^[^\d]*\d{1,3}(?:\s*,\s*\d{1,3})*\s*,?[^\d]*$/;

/** Hexadecimal with commas has two digits everywhere; numbers of one or three digits are decimal. */
function isDecimalArray(lines: readonly string[]): boolean {
  const filled = lines.filter((line) => /\d/.test(line));
  const numbers = filled.join(',').match(/\d+/g) ?? [];
  return (
    numbers.length >= FEWEST_BESIDE_WORDS &&
    filled.every((line) => DECIMAL_ARRAY.test(line) && line.includes(',')) &&
    !filled.some((line) => /0x|\\x|[0-9a-f]h\b|[\da-f]*[a-f]\d|\d[a-f]/i.test(line)) &&
    numbers.every((number) => Number(number) <= 255) &&
    numbers.some((number) => number.length !== 2)
  );
}

function decimalBytes(line: string): Uint8Array | undefined {
  const numbers = line.match(/\d+/g);
  return numbers === null ? undefined : Uint8Array.from(numbers, Number);
}
