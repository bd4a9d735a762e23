import { concatBytes } from '../../../common/bytes.ts';
import { cursorOver, lengthBytes, numberBytes } from '../axdr/cursor.ts';
import { dlmsError } from '../errors.ts';
import { attributeBytes, selectionBytes, type Attribute, type Selection } from './attribute.ts';
import { expectTag } from './exception.ts';
import { invocation } from './get.ts';

const REQUEST = 0xc1;
const RESPONSE = 0xc5;

/** A value in A-XDR, or a part of one, that is written. */
export type SetRequest =
  | {
      readonly kind: 'normal';
      readonly attribute: Attribute;
      readonly selection?: Selection;
      readonly value: Uint8Array;
    }
  | ({ readonly kind: 'first'; readonly attribute: Attribute; readonly selection?: Selection } & Block)
  | ({ readonly kind: 'block' } & Block);

interface Block {
  readonly isLast: boolean;
  readonly block: number;
  readonly raw: Uint8Array;
}

export type SetResponse =
  | { readonly kind: 'normal'; readonly result: number }
  | { readonly kind: 'block'; readonly block: number }
  | { readonly kind: 'last'; readonly result: number; readonly block: number };

export function setRequestBytes(request: SetRequest, id: number): Uint8Array {
  const head = (choice: number) => Uint8Array.of(REQUEST, choice, invocation(id));
  switch (request.kind) {
    case 'normal':
      return concatBytes(head(1), attributeBytes(request.attribute), selectionBytes(request.selection), request.value);
    case 'first': {
      const { attribute, selection } = request;
      return concatBytes(head(2), attributeBytes(attribute), selectionBytes(selection), blockBytes(request));
    }
    case 'block':
      return concatBytes(head(3), blockBytes(request));
  }
}

const blockBytes = ({ isLast, block, raw }: Block) =>
  concatBytes(Uint8Array.of(isLast ? 1 : 0), numberBytes(block, 4), lengthBytes(raw.length), raw);

/** Throws a MeterError: what the message says instead, 'form' where it says nothing. */
export function readSetResponse(message: Uint8Array): { readonly response: SetResponse; readonly id: number } {
  expectTag(message, RESPONSE);
  const cursor = cursorOver(message.subarray(1));
  const choice = cursor.number(1);
  const id = cursor.number(1);
  switch (choice) {
    case 1:
      return { id, response: { kind: 'normal', result: cursor.number(1) } };
    case 2:
      return { id, response: { kind: 'block', block: cursor.number(4) } };
    case 3:
      return { id, response: { kind: 'last', result: cursor.number(1), block: cursor.number(4) } };
    default:
      throw dlmsError('form', `${choice} is no form of a SET response that was asked for.`);
  }
}
