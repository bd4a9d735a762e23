/** What `hexdump -C`, `xxd`, `od -tx1`, Wireshark and plain `hexdump` print: an offset, bytes, perhaps the characters. */
export interface HexDump {
  readonly bytes: Uint8Array;
  /** Index of the first line after the dump. */
  readonly end: number;
}

interface Row {
  readonly offset: string;
  /** xxd writes a colon; a dump of 16-bit words in the machine's order has none. */
  readonly colon: boolean;
  readonly bytes: readonly number[];
}

const ROW = /^\s*(?:0x)?([0-9a-f]{4,8})(:?)(?:\s+(\S.*))?$/i;
/** `*`: rows like the one before were left out. */
const REPEATED = /^\s*\*\s*$/;
const WIDEST_ROW = 64;
/** More is no frame; a forged offset must not claim memory. */
const MOST_BYTES = 1 << 24;

/**
 * The dump that begins at `lines[start]`. Undefined where none does: the offsets must begin at a multiple of 16 and
 * count the bytes, in hexadecimal or, as `od` does, in octal.
 */
export function hexDumpAt(lines: readonly string[], start: number): HexDump | undefined {
  return dumpInRadix(lines, start, 16) ?? dumpInRadix(lines, start, 8);
}

function dumpInRadix(lines: readonly string[], start: number, radix: 8 | 16): HexDump | undefined {
  const first = parseRow(lines[start]);
  if (first === undefined || first.bytes.length === 0) return undefined;
  const base = offsetOf(first, radix);
  if (base === undefined || base % 16 !== 0) return undefined;
  const bytes: number[] = [];
  let row = first;
  let at = start + 1;
  for (;;) {
    const repeated = REPEATED.test(lines[at] ?? '');
    const next = parseRow(lines[repeated ? at + 1 : at]);
    const nextOffset = next === undefined ? undefined : offsetOf(next, radix);
    const count = nextOffset === undefined ? NaN : nextOffset - base - bytes.length;
    const continues = repeated
      ? count >= row.bytes.length && count <= MOST_BYTES
      : count > 0 && count <= row.bytes.length;
    if (next === undefined || !continues) break;
    for (let i = 0; i < count; i++) bytes.push(row.bytes[i % row.bytes.length] ?? 0);
    at += repeated ? 2 : 1;
    row = next;
    if (row.bytes.length === 0) return { bytes: Uint8Array.from(bytes), end: at };
  }
  // A single row proves itself by beginning at 0.
  if (at === start + 1 && base !== 0) return undefined;
  const width = at === start + 1 ? WIDEST_ROW : first.bytes.length;
  return { bytes: Uint8Array.from([...bytes, ...row.bytes.slice(0, width)]), end: at };
}

function offsetOf({ offset }: Row, radix: 8 | 16): number | undefined {
  if (radix === 8 && /[89a-f]/i.test(offset)) return undefined;
  return Number.parseInt(offset, radix);
}

function parseRow(line: string | undefined): Row | undefined {
  const match = ROW.exec(line ?? '');
  if (!match) return undefined;
  const [, offset = '', colon = '', rest = ''] = match;
  // The characters stand behind a bar, behind two blanks (xxd) or behind three (Wireshark).
  const figures = (rest.split('|')[0] ?? '').split(colon === '' ? /\s{3,}/ : /\s{2,}/)[0] ?? '';
  const swapped = colon === '' && offset.length === 7;
  const bytes: number[] = [];
  for (const word of figures.split(/\s+/)) {
    if (word === '') continue;
    if (!/^(?:[0-9a-f]{2})+$/i.test(word) || bytes.length >= WIDEST_ROW) return bytes.length === 0 ? undefined : row();
    const pairs = (word.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
    bytes.push(...(swapped && pairs.length === 2 ? pairs.reverse() : pairs));
  }
  return row();

  function row(): Row {
    return { offset, colon: colon !== '', bytes };
  }
}
