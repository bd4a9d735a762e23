import { fromHex, toHex } from '../common/bytes.ts';
import { tableRows } from '../intake/columns.ts';
import { hexBytes, readHexLines } from '../intake/hex-notation.ts';
import { blocksOf, joinWrapped, type FrameState } from '../intake/wrapped-lines.ts';
import type { Recognized } from './recognized.ts';
import type { Found, Recognizer } from './recognizer.ts';
import { frameFormats, type Protocols } from './registry.ts';

export interface Recognition {
  /**
   * Finds every frame and readout in what somebody pasted: hexadecimal in any usual notation, dumps, a CSV column,
   * messages in text. `onSkipped` gets the lines that hold none, counted from 0. Pure; never throws.
   */
  recognize(text: string, onSkipped?: (line: number) => void): Iterable<Recognized>;
  /** What is wrong with the data of a record, in sentences. */
  problemsOf(protocol: string, data: string): readonly string[];
}

/** What every protocol recognizes as its own; the first one that sees it has it. */
export async function loadRecognition(protocols: Protocols): Promise<Recognition> {
  const loading = [...protocols.all, ...frameFormats].map(async ({ name, parts }) => {
    const recognizer = await parts.recognizer?.();
    return recognizer ? [{ name, recognizer }] : [];
  });
  const known = (await Promise.all(loading)).flat();
  return {
    recognize: (text, onSkipped = () => undefined) => recognize(known, text, onSkipped),
    problemsOf(protocol, data) {
      const problems = known.find(({ name }) => name === protocol)?.recognizer.problems;
      const bytes = problems && fromHex(data);
      return bytes ? problems(bytes) : [];
    },
  };
}

interface Known {
  readonly name: string;
  readonly recognizer: Recognizer;
}

type OnSkipped = (line: number) => void;

function* recognize(known: readonly Known[], text: string, onSkipped: OnSkipped): Generator<Recognized> {
  const textual = known.filter(({ recognizer }) => recognizer.text?.isIn(text));
  const isCell = (cell: string) => isFrameCell(known, cell);
  const table = textual.some(({ recognizer }) => recognizer.text?.begins(text)) ? undefined : tableRows(text, isCell);
  if (table) {
    for (const { cells, identification, line } of table) {
      const found = cells.flatMap((cell) => [...inCell(known, cell, line)]);
      if (found.length === 0) onSkipped(line);
      for (const item of found) {
        // A message in text may have lost what says whose it is.
        yield item.message !== undefined && item.identification === '' ? { ...item, identification } : item;
      }
    }
  } else if (textual[0]) yield* inText(textual[0], text);
  else yield* inHex(known, text, onSkipped);
}

function* inText({ name, recognizer }: Known, text: string): Generator<Recognized> {
  for (const found of recognizer.text?.find(text) ?? []) yield { ...found, protocol: name };
}

function* inHex(known: readonly Known[], text: string, onSkipped: OnSkipped): Generator<Recognized> {
  const judge = {
    frameState: (bytes: Uint8Array) => frameState(known, bytes),
    areOne: (lines: readonly Uint8Array[], whole: Uint8Array) => areOne(known, lines, whole),
  };
  for (const { lines, first } of blocksOf(text)) {
    const { found, skipped } = readHexLines(lines);
    for (const line of skipped) onSkipped(first + line);
    for (const { bytes, line } of joinWrapped(found, judge)) yield* inBytes(known, bytes, first + line);
  }
}

function* inCell(known: readonly Known[], cell: string, line: number): Generator<Recognized> {
  const textual = known.find(({ recognizer }) => recognizer.text?.isIn(cell));
  if (textual) {
    for (const found of inText(textual, cell)) yield { ...found, line };
    return;
  }
  const bytes = hexBytes(cell);
  if (bytes !== undefined) yield* inBytes(known, bytes, line);
}

/** Bytes whose beginning is known to be theirs. */
function* inBytes(known: readonly Known[], bytes: Uint8Array, line: number): Generator<Recognized> {
  const owner = ownerOf(known, bytes);
  const nothing: Found = { identification: '', data: toHex(bytes), line, facts: [], problems: [] };
  if (!owner) {
    yield { ...nothing, protocol: '', problems: ['These bytes begin like no frame that OpenHHU knows.'] };
    return;
  }
  const { name, recognizer } = owner;
  const found = recognizer.found?.(bytes, line) ?? [{ ...nothing, problems: recognizer.problems?.(bytes) ?? [] }];
  for (const item of found) yield { ...item, protocol: name };
}

/** Whose bytes are: a start that fits counts even if the frame broke off or its lengths do not agree. */
function ownerOf(known: readonly Known[], bytes: Uint8Array): Known | undefined {
  let begun: Known | undefined;
  for (const one of known) {
    const seen = one.recognizer.sees(bytes);
    if (seen === 'whole') return one;
    if (seen === 'beginning') begun ??= one;
  }
  return begun;
}

function frameState(known: readonly Known[], bytes: Uint8Array): FrameState {
  const states = known.map(({ recognizer }) => recognizer.frameState?.(bytes));
  return states.includes('complete') ? 'complete' : states.includes('incomplete') ? 'incomplete' : 'wrong';
}

/** Only all the lines together are a frame or message, of a kind that does not tell its length. */
function areOne(known: readonly Known[], lines: readonly Uint8Array[], whole: Uint8Array): boolean {
  const owner = ownerOf(known, whole);
  if (!owner || owner.recognizer.frameState) return false;
  return owner.recognizer.isCut?.(lines) === true || !lines.some((bytes) => ownerOf(known, bytes) === owner);
}

/** A cell is one frame or message by itself; a list of single bytes is no table. */
function isFrameCell(known: readonly Known[], cell: string): boolean {
  if (known.some(({ recognizer }) => recognizer.text?.isCell(cell))) return true;
  const bytes = /^[\s0-9a-fx\\:_-]{10,}$/i.test(cell) ? hexBytes(cell) : undefined;
  if (bytes === undefined || bytes.length < 5) return false;
  // The first bytes of a frame that is set with commas are no frame yet.
  const owner = ownerOf(known, bytes)?.recognizer;
  return owner?.frameState ? owner.frameState(bytes) === 'complete' : owner !== undefined;
}
