import type { Attribute } from './apdu/attribute.ts';
import type { SetRequest, SetResponse } from './apdu/set.ts';
import { dlmsError } from './errors.ts';

interface Written {
  readonly attribute: Attribute;
  /** In A-XDR. */
  readonly value: Uint8Array;
  /** Longest message that the meter takes; 0: any. */
  readonly mostBytes: number;
}

/** What a message has beside the value, or a block of it. */
const HEAD = 13;
const BLOCK_HEAD = 24;
/** A meter that says less is not believed. */
const SHORTEST = 64;

/** Writes a value whole, or in blocks where it is longer than a message of the meter. Nothing is sent twice. */
export async function setWhole(
  { attribute, value, mostBytes }: Written,
  ask: (request: SetRequest) => Promise<SetResponse>,
): Promise<number> {
  const most = mostBytes === 0 ? Infinity : Math.max(SHORTEST, mostBytes);
  if (HEAD + value.length <= most) {
    const response = await ask({ kind: 'normal', attribute, value });
    if (response.kind === 'block') throw otherBlock();
    return response.result;
  }
  const size = most - BLOCK_HEAD;
  for (let at = 0, block = 1; ; at += size, block++) {
    const part = { block, raw: value.subarray(at, at + size), isLast: at + size >= value.length };
    const request: SetRequest = block === 1 ? { kind: 'first', attribute, ...part } : { kind: 'block', ...part };
    const response = await ask(request);
    // A refusal ends it wherever it comes.
    if (response.kind !== 'block') return response.result;
    if (part.isLast || response.block !== block) throw otherBlock();
  }
}

const otherBlock = () => dlmsError('form', 'Another block of the value was asked for than comes next.');
