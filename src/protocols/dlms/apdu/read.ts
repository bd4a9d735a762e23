import { concatBytes } from '../../../common/bytes.ts';
import { cursorOver, lengthBytes, numberBytes, type Cursor } from '../axdr/cursor.ts';
import { valueBytes } from '../axdr/read-data.ts';
import { dataBytes } from '../axdr/write-data.ts';
import { dlmsError } from '../errors.ts';
import type { Selection } from './attribute.ts';
import { expectTag } from './exception.ts';
import type { Result } from './get.ts';

const REQUEST = 0x05;
const RESPONSE = 0x0c;
const [NAME, SELECTED, NEXT] = [0x02, 0x04, 0x05] as const;
const [DATA, REFUSED, BLOCK] = [0, 1, 2] as const;

/** What is read by short names: attributes, or the next block of a long answer. */
export type ReadRequest =
  | { readonly kind: 'names'; readonly wanted: readonly { readonly name: number; readonly selection?: Selection }[] }
  | { readonly kind: 'next'; readonly block: number };

export type ReadResponse =
  | { readonly kind: 'results'; readonly results: readonly Result[] }
  /** Of the count and the results that an answer is, joined. */
  | { readonly kind: 'block'; readonly isLast: boolean; readonly block: number; readonly raw: Uint8Array };

export function readRequestBytes(request: ReadRequest): Uint8Array {
  if (request.kind === 'next') return concatBytes(Uint8Array.of(REQUEST, 1, NEXT), numberBytes(request.block, 2));
  const parts = request.wanted.map(({ name, selection }) =>
    selection
      ? concatBytes(
          Uint8Array.of(SELECTED),
          numberBytes(name, 2),
          Uint8Array.of(selection.selector),
          dataBytes(selection.parameter),
        )
      : concatBytes(Uint8Array.of(NAME), numberBytes(name, 2)),
  );
  return concatBytes(Uint8Array.of(REQUEST), lengthBytes(parts.length), ...parts);
}

/** Throws a MeterError: what the message says instead, 'form' where it says nothing. */
export function readReadResponse(message: Uint8Array): ReadResponse {
  expectTag(message, RESPONSE);
  const cursor = cursorOver(message.subarray(1));
  const count = cursor.count();
  if (count === 1 && cursor.peek() === BLOCK) {
    cursor.number(1);
    return { kind: 'block', isLast: cursor.number(1) !== 0, block: cursor.number(2), raw: cursor.octets().slice() };
  }
  return { kind: 'results', results: Array.from({ length: count }, () => resultAt(cursor)) };
}

/** What the blocks of an answer are, joined. Throws a MeterError 'form'. */
export function readResultsIn(joined: Uint8Array): readonly Result[] {
  const cursor = cursorOver(joined);
  return Array.from({ length: cursor.count() }, () => resultAt(cursor));
}

function resultAt(cursor: Cursor): Result {
  const choice = cursor.number(1);
  if (choice === DATA) return { kind: 'data', bytes: valueBytes(cursor) };
  if (choice === REFUSED) return { kind: 'refused', reason: cursor.number(1) };
  throw dlmsError('form', `${choice} is no result of a read.`);
}
