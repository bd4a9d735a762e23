import { concatBytes } from '../../../common/bytes.ts';
import { cursorOver } from '../axdr/cursor.ts';
import { valueBytes } from '../axdr/read-data.ts';
import { dlmsError } from '../errors.ts';
import { attributeAt, attributeBytes, type Attribute } from './attribute.ts';
import { expectTag } from './exception.ts';
import { invocation, type Result } from './get.ts';

const REQUEST = 0xc3;
const RESPONSE = 0xc7;

/** A method, and its parameter in A-XDR. */
export interface ActionRequest {
  readonly method: Attribute;
  readonly parameter?: Uint8Array;
}

export interface ActionResponse {
  /** 0: done. */
  readonly result: number;
  /** Absent: the meter gave nothing back. */
  readonly returned?: Result;
}

export function actionRequestBytes({ method, parameter }: ActionRequest, id: number): Uint8Array {
  const given = parameter ? concatBytes(Uint8Array.of(1), parameter) : Uint8Array.of(0);
  return concatBytes(Uint8Array.of(REQUEST, 1, invocation(id)), attributeBytes(method), given);
}

/** Throws a MeterError 'form'. */
export function readActionRequest(message: Uint8Array): { readonly request: ActionRequest; readonly id: number } {
  expectTag(message, REQUEST);
  const cursor = cursorOver(message.subarray(1));
  if (cursor.number(1) !== 1) throw dlmsError('form', 'Only one action at once is understood.');
  const id = cursor.number(1);
  const method = attributeAt(cursor);
  return { id, request: cursor.number(1) === 0 ? { method } : { method, parameter: valueBytes(cursor) } };
}

export function actionResponseBytes({ result, returned }: ActionResponse, id: number): Uint8Array {
  const given = !returned
    ? Uint8Array.of(0)
    : returned.kind === 'data'
      ? concatBytes(Uint8Array.of(1, 0), returned.bytes)
      : Uint8Array.of(1, 1, returned.reason);
  return concatBytes(Uint8Array.of(RESPONSE, 1, id, result), given);
}

/** Throws a MeterError: what the message says instead, 'form' where it says nothing. Some meters end it with the result. */
export function readActionResponse(message: Uint8Array): { readonly response: ActionResponse; readonly id: number } {
  expectTag(message, RESPONSE);
  const cursor = cursorOver(message.subarray(1));
  const choice = cursor.number(1);
  const id = cursor.number(1);
  if (choice !== 1) throw dlmsError('form', `${choice} is no form of an ACTION response that was asked for.`);
  const result = cursor.number(1);
  if (cursor.left === 0 || cursor.number(1) === 0) return { id, response: { result } };
  const returned: Result =
    cursor.number(1) === 0
      ? { kind: 'data', bytes: valueBytes(cursor) }
      : { kind: 'refused', reason: cursor.number(1) };
  return { id, response: { result, returned } };
}
