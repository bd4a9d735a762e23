import { crcFits } from './crc.ts';
import { dataBytes, isAlone, REFUSED } from './frame.ts';
import type { KeptFrame } from './record-data.ts';

/** Registers and bits as the frames of a reading gave them, by function and address. */
export interface Image {
  /** So many registers from an address on; undefined where one of them was not read. */
  words(command: number, address: number, count: number): Piece | undefined;
  /** Frames that hold registers or bits, as received. */
  readonly answers: readonly Answer[];
}

export interface Piece {
  readonly bytes: Uint8Array;
  /** In all frames one after the other. */
  readonly source: { readonly start: number; readonly end: number };
  /** The checks of all frames it is from fit. */
  readonly isSound: boolean;
  /** It is put together from two answers, between which the meter went on. */
  readonly isSplit: boolean;
}

export interface Answer extends KeptFrame {
  /** Bytes of registers or bits that are there. */
  readonly size: number;
  readonly isSound: boolean;
}

/** Unit, function and byte count come before the data. */
export const HEAD = 3;

export function imageOf(frames: readonly KeptFrame[]): Image {
  const answers = frames.flatMap((one): Answer[] => {
    const { frame, command } = one;
    const isData = frame.length > HEAD && frame[1] === command && command >= 1 && command <= 4;
    if (!isData || (frame[1] ?? 0) >= REFUSED || isAlone(frame)) return [];
    const size = Math.min(frame[2] ?? 0, frame.length - HEAD);
    const isWhole = frame.length === (frame[2] ?? 0) + HEAD + 2;
    return [{ ...one, size, isSound: isWhole && crcFits(frame) }];
  });
  const registers = answers.filter(({ command }) => command >= 3);
  const holding = (command: number, address: number) =>
    registers.findLast(
      (one) => one.command === command && address >= one.address && 2 * (address - one.address) + 2 <= one.size,
    );

  return {
    answers,
    words(command, address, count) {
      const bytes = new Uint8Array(dataBytes(3, count));
      const from = new Set<Answer>();
      let [start, end] = [Infinity, 0];
      for (let word = 0; word < count; word++) {
        const answer = holding(command, address + word);
        if (!answer) return undefined;
        const at = HEAD + 2 * (address + word - answer.address);
        bytes.set(answer.frame.subarray(at, at + 2), 2 * word);
        from.add(answer);
        start = Math.min(start, answer.start + at);
        end = Math.max(end, answer.start + at + 2);
      }
      const isSound = [...from].every((answer) => answer.isSound);
      return { bytes, source: { start, end }, isSound, isSplit: from.size > 1 };
    },
  };
}
