import { concatBytes } from '../../../common/bytes.ts';
import { cursorOver, lengthBytes, numberBytes, type Cursor } from '../axdr/cursor.ts';
import { dlmsError } from '../errors.ts';
import { expectTag } from './exception.ts';

const REQUEST = 0x01;
const RESPONSE = 0x08;
const VERSION = 6;
/** Identifier of the conformance block: application 31. */
const CONFORMANCE = [0x5f, 0x1f, 0x04, 0x00] as const;

export interface InitiateRequest {
  /** For this association only; it goes ciphered. */
  readonly dedicatedKey?: Uint8Array;
  readonly conformance: number;
  /** Longest message that we take; 0 or FFFF: any. */
  readonly mostBytes: number;
}

export interface InitiateResponse {
  readonly conformance: number;
  /** Longest message that the meter takes; 0: any. */
  readonly mostBytes: number;
  /** 0007 for logical names, FA00 for short ones. */
  readonly name: number;
}

const conformanceBytes = (conformance: number) =>
  concatBytes(Uint8Array.from(CONFORMANCE), numberBytes(conformance, 3));

export function initiateRequestBytes({ dedicatedKey, conformance, mostBytes }: InitiateRequest): Uint8Array {
  const key = dedicatedKey
    ? concatBytes(Uint8Array.of(1), lengthBytes(dedicatedKey.length), dedicatedKey)
    : Uint8Array.of(0);
  // Whether it has to be answered: by default yes. No quality of service.
  const head = concatBytes(Uint8Array.of(REQUEST), key, Uint8Array.of(0, 0, VERSION));
  return concatBytes(head, conformanceBytes(conformance), numberBytes(mostBytes, 2));
}

export function initiateResponseBytes({ conformance, mostBytes, name }: InitiateResponse): Uint8Array {
  const head = Uint8Array.of(RESPONSE, 0, VERSION);
  return concatBytes(head, conformanceBytes(conformance), numberBytes(mostBytes, 2), numberBytes(name, 2));
}

export function readInitiateRequest(message: Uint8Array): InitiateRequest {
  expectTag(message, REQUEST);
  const cursor = cursorOver(message.subarray(1));
  const dedicatedKey = cursor.number(1) === 0 ? undefined : cursor.octets();
  if (cursor.number(1) !== 0) cursor.number(1);
  if (cursor.number(1) !== 0) cursor.number(1);
  cursor.number(1);
  const conformance = conformanceAt(cursor);
  return { ...(dedicatedKey ? { dedicatedKey } : {}), conformance, mostBytes: cursor.number(2) };
}

/** Throws a MeterError: what the message says where it is a refusal. */
export function readInitiateResponse(message: Uint8Array): InitiateResponse {
  expectTag(message, RESPONSE);
  const cursor = cursorOver(message.subarray(1));
  // Quality of service, which nobody uses.
  if (cursor.number(1) !== 0) cursor.number(1);
  const version = cursor.number(1);
  if (version !== VERSION)
    throw dlmsError('association', `The meter speaks version ${version} of DLMS, not ${VERSION}.`);
  return { conformance: conformanceAt(cursor), mostBytes: cursor.number(2), name: cursor.number(2) };
}

/** Old meters leave out the second byte of the identifier. */
function conformanceAt(cursor: Cursor): number {
  if (cursor.number(1) !== CONFORMANCE[0]) throw dlmsError('form', 'The initiate has no conformance block.');
  if (cursor.peek() === CONFORMANCE[1]) cursor.number(1);
  const block = cursor.octets();
  return block.subarray(1, 4).reduce((value, byte) => value * 256 + byte, 0);
}
