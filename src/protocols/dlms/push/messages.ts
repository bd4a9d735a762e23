import { MeterError } from '../../../common/meter-error.ts';
import { concatBytes } from '../../../common/bytes.ts';
import { BLOCK_TRANSFER, joinedBlocks, readTransferBlock, type TransferBlock } from '../apdu/block-transfer.ts';
import { NOTIFICATION } from '../apdu/notification.ts';
import { hdlcReceiver } from '../hdlc/receiver.ts';
import { withoutLlc } from '../hdlc/segments.ts';
import { GENERAL_DEDICATED, GENERAL_GLOBAL, titleIn } from '../security/ciphered.ts';

/** What a meter says unasked: in the open, or in an envelope with its title. */
const isPush = ([tag]: Uint8Array) => tag === NOTIFICATION || tag === GENERAL_GLOBAL || tag === GENERAL_DEDICATED;

/** Everything that a meter pushed in these bytes: in HDLC frames, segments and blocks joined, or the envelope alone. */
export function pushesIn(bytes: Uint8Array): readonly Uint8Array[] {
  if (isEnvelope(bytes)) return [bytes];
  const receiver = hdlcReceiver();
  const pushes: Uint8Array[] = [];
  let segments: Uint8Array[] = [];
  let blocks: TransferBlock[] = [];
  for (const byte of bytes)
    for (const { info, isSegment } of receiver.take(byte)) {
      segments.push(info);
      if (isSegment) continue;
      const message = withoutLlc(concatBytes(...segments));
      segments = [];
      if (message[0] !== BLOCK_TRANSFER) pushes.push(message);
      else {
        const joined = joinedWith(blocks, message);
        blocks = joined.blocks;
        if (joined.whole) pushes.push(joined.whole);
      }
    }
  return pushes.filter(isPush);
}

/** A block that begins anew, or follows no other, begins another message. */
function joinedWith(
  before: readonly TransferBlock[],
  message: Uint8Array,
): { readonly blocks: TransferBlock[]; readonly whole?: Uint8Array } {
  const blocks = unlessDamaged(() => {
    const block = readTransferBlock(message);
    const follows = before.length > 0 && block.number === (before.at(-1)?.number ?? 0) + 1;
    return follows ? [...before, block] : [block];
  });
  if (blocks?.at(-1)?.isLast !== true) return { blocks: blocks ?? [] };
  const whole = unlessDamaged(() => joinedBlocks(blocks));
  return { blocks: [], ...(whole ? { whole } : {}) };
}

/** A general envelope of a meter, and nothing behind it. */
function isEnvelope(bytes: Uint8Array): boolean {
  const found = unlessDamaged(() => titleIn(bytes));
  return found !== undefined && found.title.length === 8 && found.end === bytes.length;
}

function unlessDamaged<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof MeterError) return undefined;
    throw error;
  }
}
