import { concatBytes } from '../../../common/bytes.ts';
import { cursorOver, lengthBytes, numberBytes, type Cursor } from '../axdr/cursor.ts';
import { valueBytes } from '../axdr/read-data.ts';
import { dlmsError } from '../errors.ts';
import {
  attributeAt,
  attributeBytes,
  selectionAt,
  selectionBytes,
  type Attribute,
  type Selection,
} from './attribute.ts';
import { expectTag } from './exception.ts';

const REQUEST = 0xc0;
const RESPONSE = 0xc4;

export interface Wanted {
  readonly attribute: Attribute;
  readonly selection?: Selection;
}

export type GetRequest =
  | ({ readonly kind: 'normal' } & Wanted)
  | { readonly kind: 'next'; readonly block: number }
  | { readonly kind: 'list'; readonly wanted: readonly Wanted[] };

/** What one attribute gave: its value in A-XDR as received, or the reason why it has none. */
export type Result =
  { readonly kind: 'data'; readonly bytes: Uint8Array } | { readonly kind: 'refused'; readonly reason: number };

export type GetResponse =
  | { readonly kind: 'normal'; readonly result: Result }
  | { readonly kind: 'block'; readonly isLast: boolean; readonly block: number; readonly result: Result }
  | { readonly kind: 'list'; readonly results: readonly Result[] };

/** Confirmed, high priority; the low four bits are ours to number requests. */
export const invocation = (id: number): number => 0xc0 | (id & 0x0f);
/** Meters may answer with another priority: only the number counts. */
export const isInvocation = (received: number, id: number): boolean => (received & 0x0f) === (id & 0x0f);

const wantedBytes = ({ attribute, selection }: Wanted) =>
  concatBytes(attributeBytes(attribute), selectionBytes(selection));

const wantedAt = (cursor: Cursor): Wanted => {
  const attribute = attributeAt(cursor);
  const selection = selectionAt(cursor);
  return selection ? { attribute, selection } : { attribute };
};

export function getRequestBytes(request: GetRequest, id: number): Uint8Array {
  const head = (choice: number) => Uint8Array.of(REQUEST, choice, invocation(id));
  switch (request.kind) {
    case 'normal':
      return concatBytes(head(1), wantedBytes(request));
    case 'next':
      return concatBytes(head(2), numberBytes(request.block, 4));
    case 'list':
      return concatBytes(head(3), lengthBytes(request.wanted.length), ...request.wanted.map(wantedBytes));
  }
}

/** With the number of the request. Throws a MeterError 'form'. */
export function readGetRequest(message: Uint8Array): { readonly request: GetRequest; readonly id: number } {
  expectTag(message, REQUEST);
  const cursor = cursorOver(message.subarray(1));
  const choice = cursor.number(1);
  const id = cursor.number(1);
  switch (choice) {
    case 1:
      return { id, request: { kind: 'normal', ...wantedAt(cursor) } };
    case 2:
      return { id, request: { kind: 'next', block: cursor.number(4) } };
    case 3:
      return { id, request: { kind: 'list', wanted: Array.from({ length: cursor.count() }, () => wantedAt(cursor)) } };
    default:
      throw dlmsError('form', `${choice} is no form of a GET request.`);
  }
}

export function getResponseBytes(response: GetResponse, id: number): Uint8Array {
  const head = (choice: number) => Uint8Array.of(RESPONSE, choice, id);
  switch (response.kind) {
    case 'normal':
      return concatBytes(head(1), resultBytes(response.result));
    case 'block': {
      const { isLast, block, result } = response;
      const raw =
        result.kind === 'data'
          ? concatBytes(Uint8Array.of(0), lengthBytes(result.bytes.length), result.bytes)
          : resultBytes(result);
      return concatBytes(head(2), Uint8Array.of(isLast ? 1 : 0), numberBytes(block, 4), raw);
    }
    case 'list':
      return concatBytes(head(3), lengthBytes(response.results.length), ...response.results.map(resultBytes));
  }
}

const resultBytes = (result: Result) =>
  result.kind === 'data' ? concatBytes(Uint8Array.of(0), result.bytes) : Uint8Array.of(1, result.reason);

/** Throws a MeterError: what the message says instead, 'form' where it says nothing. */
export function readGetResponse(message: Uint8Array): { readonly response: GetResponse; readonly id: number } {
  expectTag(message, RESPONSE);
  const cursor = cursorOver(message.subarray(1));
  const choice = cursor.number(1);
  const id = cursor.number(1);
  switch (choice) {
    case 1: {
      // Some meters add bytes behind a value: what it is ends by itself.
      const result: Result = cursor.number(1) === 0 ? valueAt(cursor) : refusedAt(cursor);
      return { id, response: { kind: 'normal', result } };
    }
    case 2: {
      // Some meters leave out the block where there is none, and say the reason alone.
      if (cursor.left === 2) {
        cursor.number(1);
        return { id, response: { kind: 'block', isLast: true, block: 0, result: refusedAt(cursor) } };
      }
      const isLast = cursor.number(1) !== 0;
      const block = cursor.number(4);
      const result: Result =
        cursor.number(1) === 0 ? { kind: 'data', bytes: cursor.octets().slice() } : refusedAt(cursor);
      return { id, response: { kind: 'block', isLast, block, result } };
    }
    case 3:
      return { id, response: { kind: 'list', results: resultsAt(cursor) } };
    default:
      throw dlmsError('form', `${choice} is no form of a GET response.`);
  }
}

/** What the blocks of a list are, joined: a count, and the results. */
export const resultsIn = (joined: Uint8Array): readonly Result[] => resultsAt(cursorOver(joined));

function resultsAt(cursor: Cursor): readonly Result[] {
  return Array.from({ length: cursor.count() }, () => (cursor.number(1) === 0 ? valueAt(cursor) : refusedAt(cursor)));
}

const refusedAt = (cursor: Cursor): Result => ({ kind: 'refused', reason: cursor.number(1) });

const valueAt = (cursor: Cursor): Result => ({ kind: 'data', bytes: valueBytes(cursor) });
