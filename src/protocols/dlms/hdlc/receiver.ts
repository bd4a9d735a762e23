import { beginningAt, FLAG, readFrame, type HdlcFrame } from './frame.ts';

/** Finds frames in whatever comes, byte by byte: what it finds never depends on how the bytes were handed over. */
export interface HdlcReceiver {
  /** The frames that this byte ends: more than one only where what seemed to be a frame had others in it. */
  take(byte: number): readonly HdlcFrame[];
  /** A frame has begun, and more of it has to come. */
  isPromised(): boolean;
  /** Bytes that were part of no frame. */
  readonly dropped: number;
}

/** The longest frame, its flags, and the head of the next one. */
const MOST_BYTES = 2 * 2048;

/**
 * A frame ends where its length says, since a 7E within it is data. Where head, check or end are wrong the search goes on
 * with the byte behind the flag it seemed to begin with.
 */
export function hdlcReceiver(): HdlcReceiver {
  const bytes = new Uint8Array(MOST_BYTES);
  let length = 0;
  /** Up to here nothing can be part of a frame any more. */
  let from = 0;
  let dropped = 0;

  function compact(): void {
    bytes.copyWithin(0, from, length);
    length -= from;
    from = 0;
  }

  function scan(): HdlcFrame | undefined {
    while (from < length) {
      if (bytes[from] !== FLAG) {
        from++;
        dropped++;
        continue;
      }
      const start = from + 1;
      if (bytes[start] === FLAG && start < length) {
        from++;
        continue;
      }
      const beginning = beginningAt(bytes, start, length);
      if (beginning.kind === 'more') return undefined;
      if (beginning.kind === 'frame') {
        const end = start + beginning.length;
        if (end >= length) return undefined;
        const frame = bytes[end] === FLAG ? readFrame(bytes.subarray(start, end)) : undefined;
        if (frame) {
          // Its last flag may open the next frame.
          from = end;
          return frame;
        }
      }
      from++;
      dropped++;
    }
    return undefined;
  }

  return {
    take(byte) {
      if (length === MOST_BYTES) compact();
      bytes[length++] = byte;
      const frames: HdlcFrame[] = [];
      for (let frame = scan(); frame; frame = scan()) frames.push(frame);
      if (from === length) from = length = 0;
      return frames;
    },
    isPromised: () => length - from > 1,
    get dropped() {
      return dropped;
    },
  };
}
