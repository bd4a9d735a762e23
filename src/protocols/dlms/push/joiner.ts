import { concatBytes } from '../../../common/bytes.ts';
import { MeterError } from '../../../common/meter-error.ts';
import { BLOCK_TRANSFER, joinedBlocks, readTransferBlock, type TransferBlock } from '../apdu/block-transfer.ts';
import { addressText } from '../hdlc/address.ts';
import type { HdlcFrame } from '../hdlc/frame.ts';
import { withoutLlc } from '../hdlc/segments.ts';
import type { CarrierSegment } from './carrier.ts';
import { isPush } from './notification.ts';

/** What comes of a frame: a whole message, why one is lost, or nothing yet. */
export type Joined =
  | { readonly kind: 'message'; readonly message: Uint8Array }
  | { readonly kind: 'lost'; readonly reason: string }
  | undefined;

/** Joins what meters cut their messages into: segments of HDLC and of the M-Bus, and blocks of any message. */
export interface Joiner {
  frame(frame: HdlcFrame): Joined;
  carrier(segment: CarrierSegment): Joined;
  /** A message has begun. */
  readonly isOpen: boolean;
  /** Its end does not come any more. */
  giveUp(): Joined;
  /** A frame came damaged: what it was a part of is no message any more, and what follows of it no other one. */
  tear(): Joined;
}

const MOST_MESSAGE = 1 << 16;
const MOST_BLOCKS = 1000;

export function joiner(): Joiner {
  let parts: Uint8Array[] = [];
  let size = 0;
  let sender = '';
  let blocks: TransferBlock[] = [];
  /** The next segment may be the middle of a message whose beginning is lost. */
  let isTorn = false;

  const lost = (reason: string): Joined => {
    parts = [];
    size = 0;
    blocks = [];
    return { kind: 'lost', reason };
  };

  function add(data: Uint8Array, isLast: boolean): Joined {
    parts.push(data);
    size += data.length;
    if (size > MOST_MESSAGE) return lost(`A message has more than ${MOST_MESSAGE} bytes.`);
    if (!isLast) return undefined;
    const message = withoutLlc(concatBytes(...parts));
    parts = [];
    size = 0;
    return message[0] === BLOCK_TRANSFER ? addBlock(message) : finished(message);
  }

  function finished(message: Uint8Array): Joined {
    // Whatever was open is not gone on with.
    blocks = [];
    return { kind: 'message', message };
  }

  /** Nobody asks for the next one: they come by themselves, and begin with 1 again. */
  function addBlock(message: Uint8Array): Joined {
    try {
      const block = readTransferBlock(message);
      if (block.number <= 1) blocks = [];
      blocks.push(block);
      const bytes = blocks.reduce((sum, { data }) => sum + data.length, 0);
      if (blocks.length > MOST_BLOCKS || bytes > MOST_MESSAGE) return lost('A message has no end.');
      if (!block.isLast) return undefined;
      const whole = joinedBlocks(blocks);
      if ((blocks[0]?.number ?? 0) > 1)
        return lost(`The first ${(blocks[0]?.number ?? 1) - 1} blocks of a message are missing.`);
      return finished(whole);
    } catch (error) {
      if (error instanceof MeterError) return lost(error.message);
      throw error;
    }
  }

  return {
    frame({ control, info, isSegment, source }) {
      // An empty one is a word of a dialogue.
      if ((control.kind !== 'UI' && control.kind !== 'I') || info.length === 0) return undefined;
      if (isTorn && !isBeginning(info)) {
        isTorn = isSegment;
        return lost('A part of a message came damaged.');
      }
      isTorn = false;
      const from = addressText(source);
      if (parts.length > 0 && from !== sender) lost('');
      sender = from;
      return add(info, !isSegment);
    },
    carrier({ number, isLast, data }) {
      if (number === 0) [parts, size] = [[], 0];
      if (number !== parts.length % 16) return lost(`Segment ${number} came instead of ${parts.length}.`);
      return add(data, isLast);
    },
    get isOpen() {
      return parts.length > 0 || blocks.length > 0;
    },
    giveUp: () => lost('A message began, and its end did not come.'),
    tear() {
      isTorn = true;
      // Blocks are numbered: of them it shows that one is missing.
      if (parts.length === 0) return undefined;
      return lost('A part of a message came damaged.');
    },
  };
}

/** Behind a damaged frame: the header of a message, one without header, or a block, which has a number. */
const isBeginning = (info: Uint8Array) =>
  withoutLlc(info).length < info.length || info[0] === BLOCK_TRANSFER || isPush(info);
