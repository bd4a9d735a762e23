import { concatBytes } from '../common/bytes.ts';
import type { HexLine } from './hex-notation.ts';

/** Whole frames one after the other, the beginning of such, or neither. */
export type FrameState = 'complete' | 'incomplete' | 'wrong';

/** What somebody who knows frames says of lines. */
export interface Judge {
  frameState(bytes: Uint8Array): FrameState;
  /** Lines of which none begins a frame that tells its length: only together, as `whole`, are they something. */
  areOne(lines: readonly Uint8Array[], whole: Uint8Array): boolean;
}

/** Runs of lines without an empty one between; `first` counts from 0. */
export function* blocksOf(text: string): Generator<{ readonly lines: readonly string[]; readonly first: number }> {
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
export function* joinWrapped(found: readonly HexLine[], judge: Judge): Generator<HexLine> {
  const [first] = found;
  const lines = found.map(({ bytes }) => bytes);
  if (first && lines.length > 1 && lines.every((bytes) => judge.frameState(bytes) === 'wrong')) {
    const whole = concatBytes(...lines);
    if (judge.areOne(lines, whole)) {
      yield { bytes: whole, line: first.line };
      return;
    }
  }
  let pending: HexLine | undefined;
  for (const line of found) {
    const state = judge.frameState(line.bytes);
    if (pending === undefined || state === 'complete') {
      if (pending) yield pending;
      pending = line;
    } else pending = { bytes: concatBytes(pending.bytes, line.bytes), line: pending.line };
    if (judge.frameState(pending.bytes) !== 'incomplete') {
      yield pending;
      pending = undefined;
    }
  }
  if (pending) yield pending;
}
