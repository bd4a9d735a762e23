import { concatBytes } from '../../../common/bytes.ts';
import { cursorOver, lengthBytes, numberBytes } from '../axdr/cursor.ts';
import { dlmsError } from '../errors.ts';
import { expectTag } from './exception.ts';

/** General block transfer: any message in pieces. */
export const BLOCK_TRANSFER = 0xe0;

export interface TransferBlock {
  readonly isLast: boolean;
  /** More follow without being asked for. */
  readonly streams: boolean;
  /** How many its sender takes in a row. */
  readonly window: number;
  /** From 1 on; of the last one that was received. */
  readonly number: number;
  readonly acknowledged: number;
  readonly data: Uint8Array;
}

export function transferBlockBytes({ isLast, streams, window, number, acknowledged, data }: TransferBlock): Uint8Array {
  const control = (isLast ? 0x80 : 0) | (streams ? 0x40 : 0) | (window & 0x3f);
  const head = concatBytes(
    Uint8Array.of(BLOCK_TRANSFER, control),
    numberBytes(number, 2),
    numberBytes(acknowledged, 2),
  );
  return concatBytes(head, lengthBytes(data.length), data);
}

/** Throws a MeterError 'form', or what the message says instead. */
export function readTransferBlock(message: Uint8Array): TransferBlock {
  expectTag(message, BLOCK_TRANSFER);
  const cursor = cursorOver(message.subarray(1));
  const control = cursor.number(1);
  return {
    isLast: (control & 0x80) !== 0,
    streams: (control & 0x40) !== 0,
    window: control & 0x3f,
    number: cursor.number(2),
    acknowledged: cursor.number(2),
    data: cursor.octets(),
  };
}

/** The message that blocks in a row are. Throws a MeterError 'form' where one is missing or the last has not come. */
export function joinedBlocks(blocks: readonly TransferBlock[]): Uint8Array {
  const first = blocks[0]?.number ?? 0;
  const missing = blocks.findIndex(({ number }, at) => number !== first + at);
  if (missing >= 0) throw dlmsError('form', `Block ${first + missing} of a message is missing.`);
  if (!blocks.at(-1)?.isLast) throw dlmsError('form', 'The last block of a message has not come.');
  return concatBytes(...blocks.map(({ data }) => data));
}
