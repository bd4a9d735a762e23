import { concatBytes, fromHex, toHex } from '../common/bytes.ts';
import { csvRows } from '../common/csv.ts';
import { hexBytes, readHexLines } from '../common/hex-notation.ts';
import type { HexLine } from '../common/hex-notation.ts';
import { frameProgress } from './mbus/frame.ts';
import { mbusProblems, recognizeBytes } from './recognize-bytes.ts';
import { beginsLikeIec, looksLikeIec, recognizeIec, recognizeIecMessage } from './recognize-iec.ts';
import type { Recognized } from './recognized.ts';

/**
 * Finds every frame and readout in what somebody pasted: hexadecimal in any usual notation, dumps, a CSV column,
 * IEC 62056-21 readouts. `onSkipped` gets the lines that hold none, counted from 0. Pure; never throws.
 */
export function* recognize(text: string, onSkipped: (line: number) => void = () => undefined): Generator<Recognized> {
  const table = beginsLikeIec(text) ? undefined : frameColumns(text);
  if (table) yield* recognizeColumns(text, table, onSkipped);
  else if (looksLikeIec(text)) yield* recognizeIec(text);
  else yield* recognizeHex(text, onSkipped);
}

/** Bytes whose beginning is known to be theirs. `line` counts from 0. */
export function recognizedFromBytes(bytes: Uint8Array, line: number): Recognized {
  const kind = recognizeBytes(bytes);
  const found = { identification: '', data: toHex(bytes), line, facts: [], problems: [] };
  switch (kind) {
    case 'M-Bus':
      return { ...found, protocol: 'MBUS', problems: mbusProblems(bytes) };
    case 'IEC 62056-21':
      return recognizeIecMessage(bytes, line);
    case 'wireless M-Bus':
      return { ...found, protocol: 'WMBUS' };
    case 'HDLC':
      return { ...found, protocol: 'HDLC' };
    case 'unknown':
      return { ...found, protocol: '', problems: ['These bytes begin like no frame that OpenHHU knows.'] };
  }
}

/** What is wrong with the data of a record, in sentences. */
export function problemsOf(protocol: string, data: string): readonly string[] {
  const bytes = protocol === 'MBUS' ? fromHex(data) : undefined;
  return bytes ? mbusProblems(bytes) : [];
}

function* recognizeHex(text: string, onSkipped: (line: number) => void): Generator<Recognized> {
  for (const { lines, first } of blocks(text)) {
    const { found, skipped } = readHexLines(lines);
    for (const line of skipped) onSkipped(first + line);
    for (const { bytes, line } of joinWrapped(found)) yield recognizedFromBytes(bytes, first + line);
  }
}

/** Runs of lines without an empty one between. */
function* blocks(text: string): Generator<{ readonly lines: readonly string[]; readonly first: number }> {
  let lines: string[] = [];
  let number = 0;
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line.trim() !== '') lines.push(line);
    else if (lines.length > 0) {
      yield { lines, first: number - lines.length };
      lines = [];
    }
    number++;
  }
  if (lines.length > 0) yield { lines, first: number - lines.length };
}

/** A frame that was wrapped over several lines is one again; a line that is whole frames by itself stays itself. */
function* joinWrapped(found: readonly HexLine[]): Generator<HexLine> {
  const whole = otherThanMbus(found);
  if (whole) {
    yield whole;
    return;
  }
  let pending: HexLine | undefined;
  for (const line of found) {
    const state = mbusState(line.bytes);
    if (pending === undefined || state === 'complete') {
      if (pending) yield pending;
      pending = line;
    } else pending = { bytes: concatBytes(pending.bytes, line.bytes), line: pending.line };
    if (mbusState(pending.bytes) !== 'incomplete') {
      yield pending;
      pending = undefined;
    }
  }
  if (pending) yield pending;
}

/** The lines as one, where only all of them together are a frame or readout of another protocol. */
function otherThanMbus(found: readonly HexLine[]): HexLine | undefined {
  const [first] = found;
  if (first === undefined || found.length < 2 || found.some(({ bytes }) => mbusState(bytes) !== 'wrong'))
    return undefined;
  const bytes = concatBytes(...found.map((line) => line.bytes));
  const kind = recognizeBytes(bytes);
  if (kind === 'M-Bus' || kind === 'unknown') return undefined;
  const wrapped = kind === 'IEC 62056-21' && isWrappedText(found);
  if (!wrapped && found.some((line) => recognizeBytes(line.bytes) === kind)) return undefined;
  return { bytes, line: first.line };
}

/** Text that was cut anywhere and not at its line ends; a line that begins like a message is one of its own. */
function isWrappedText(found: readonly HexLine[]): boolean {
  const begins = ({ bytes: [first = 0] }: HexLine) => (first & 0x7f) === 0x2f || (first & 0x7f) === 0x02;
  const ends = ({ bytes }: HexLine) => ((bytes.at(-1) ?? 0) & 0x7f) === 0x0a;
  return !found.slice(1).some(begins) && !found.slice(0, -1).every(ends);
}

/** Are these bytes whole frames one after the other, the beginning of such, or neither? */
function mbusState(bytes: Uint8Array): 'complete' | 'incomplete' | 'wrong' {
  let at = 0;
  while (at < bytes.length) {
    const progress = frameProgress(bytes, at, bytes.length);
    if (progress.state !== 'complete') return progress.state;
    at = progress.end;
  }
  return 'complete';
}

interface FrameColumns {
  readonly delimiter: string;
  readonly columns: readonly number[];
  /** Column of the IEC identification; -1 where there is none. */
  readonly identification: number;
}

const SAMPLE_ROWS = 60;
const DELIMITERS = [';', ',', '\t'];

/** Which columns of a CSV text hold frames: at least half of the rows that have something there. */
function frameColumns(text: string): FrameColumns | undefined {
  for (const delimiter of DELIMITERS) {
    if (!text.includes(delimiter)) continue;
    const sample = take(csvRows(text, delimiter), SAMPLE_ROWS);
    const width = Math.max(0, ...sample.map(({ cells }) => cells.length));
    if (width < 2) continue;
    const columns: number[] = [];
    for (let column = 0; column < width; column++) {
      const filled = sample
        .slice(sample.length > 1 ? 1 : 0)
        .map(({ cells }) => cells[column] ?? '')
        .filter((cell) => cell.trim() !== '');
      const frames = filled.filter(isFrameCell).length;
      if (frames > 0 && 2 * frames >= filled.length) columns.push(column);
    }
    if (columns.length === 0) continue;
    const head = sample[0]?.cells ?? [];
    return { delimiter, columns, identification: head.findIndex((name) => /identification/i.test(name)) };
  }
  return undefined;
}

/** A cell is one frame or readout by itself; a list of single bytes is no table. */
function isFrameCell(cell: string): boolean {
  const bytes = /^[\s0-9a-fx\\:_-]{10,}$/i.test(cell) ? hexBytes(cell) : undefined;
  if (bytes === undefined || bytes.length < 5) return /\([^()]*\)/.test(cell) && looksLikeIec(cell);
  // The first bytes of a frame that is set with commas are no frame yet.
  const kind = recognizeBytes(bytes);
  return kind === 'M-Bus' ? mbusState(bytes) === 'complete' : kind !== 'unknown';
}

function* recognizeColumns(
  text: string,
  table: FrameColumns,
  onSkipped: (line: number) => void,
): Generator<Recognized> {
  let isHead = true;
  for (const { cells, line } of csvRows(text, table.delimiter)) {
    const filled = table.columns.map((column) => cells[column] ?? '').filter((cell) => cell.trim() !== '');
    if (isHead && !filled.some(isFrameCell)) {
      isHead = false;
      continue;
    }
    isHead = false;
    let any = false;
    for (const cell of filled) {
      for (const found of recognizeCell(cell, line)) {
        any = true;
        const named = cells[table.identification] ?? '';
        yield found.protocol === 'IEC62056-21' && found.identification === ''
          ? { ...found, identification: named }
          : found;
      }
    }
    if (!any) onSkipped(line);
  }
}

function* recognizeCell(cell: string, line: number): Generator<Recognized> {
  if (cell.includes('(') && looksLikeIec(cell)) {
    for (const found of recognizeIec(cell)) yield { ...found, line };
    return;
  }
  const bytes = hexBytes(cell);
  if (bytes !== undefined) yield recognizedFromBytes(bytes, line);
}

function take<T>(items: Generator<T>, most: number): T[] {
  const taken: T[] = [];
  for (const item of items) {
    taken.push(item);
    if (taken.length === most) break;
  }
  return taken;
}
