import type { FrameState } from '../intake/wrapped-lines.ts';
import type { Recognized } from './recognized.ts';

export type Found = Omit<Recognized, 'protocol'>;

/** Tells what is a protocol's own among what people paste and drop. Pure; never throws. */
export interface Recognizer {
  /** 'whole': one of its frames or messages is in the bytes; 'beginning': they only begin as one does. */
  sees(bytes: Uint8Array): 'whole' | 'beginning' | undefined;
  /**
   * What bytes that it sees say of themselves, at least one thing: one for each message in them. Absent: nothing but the
   * bytes. `line` counts from 0.
   */
  found?(bytes: Uint8Array, line: number): Iterable<Found>;
  /** What is wrong with its frames, in sentences with the figures seen; empty when nothing is. */
  problems?(bytes: Uint8Array): readonly string[];
  /** Where frames say how long they are. */
  frameState?(bytes: Uint8Array): FrameState;
  /** Where it is text, and whatever wrapped its hexadecimal did not look: are these lines pieces of one message? */
  isCut?(lines: readonly Uint8Array[]): boolean;
  /** Messages written as text. */
  readonly text?: TextRecognizer;
}

export interface TextRecognizer {
  /** There is one in the text. */
  isIn(text: string): boolean;
  /** The text is made of them from its first line on, and no table whatever separators stand in it. */
  begins(text: string): boolean;
  /** A cell of a table is one, and not a piece of one that has a separator in it. */
  isCell(cell: string): boolean;
  /** Every one in the text. */
  find(text: string): Iterable<Found>;
}
