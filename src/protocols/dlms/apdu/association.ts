import { concatBytes, toHex } from '../../../common/bytes.ts';
import type { MeterError } from '../../../common/meter-error.ts';
import { dlmsError } from '../errors.ts';
import { ber, berFields, inner } from './ber.ts';
import { refusalIn } from './exception.ts';
import { diagnosticText } from './words.ts';

const AARQ = 0x60;
const AARE = 0x61;
/** Object identifier of DLMS UA, 2.16.756.5.8. */
const NAME = Uint8Array.of(0x60, 0x85, 0x74, 0x05, 0x08);
const OBJECT_IDENTIFIER = 0x06;
const OCTET_STRING = 0x04;
const INTEGER = 0x02;
const SECRET = 0x80;

/** What is asked with: logical or short names, plain or ciphered. */
export type Context = 1 | 2 | 3 | 4;
export type Mechanism = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

export interface AssociationRequest {
  readonly context: Context;
  readonly mechanism: Mechanism;
  readonly systemTitle?: Uint8Array;
  /** Password (mechanism 1), or what the meter has to answer (2 and above). */
  readonly secret?: Uint8Array;
  /** The initiate, ciphered where the context is. */
  readonly information: Uint8Array;
}

export interface AssociationAnswer {
  readonly context: number;
  /** 0 accepted, 1 and 2 rejected. */
  readonly result: number;
  readonly source: 'user' | 'provider';
  readonly diagnostic: number;
  readonly systemTitle: Uint8Array;
  readonly mechanism: number;
  /** What we have to answer; empty where nothing is asked. */
  readonly challenge: Uint8Array;
  /** Empty where there is none. */
  readonly information: Uint8Array;
}

const named = (group: 1 | 2, number: number) => concatBytes(NAME, Uint8Array.of(group, number));
const contextField = (context: number) => ber(0xa1, ber(OBJECT_IDENTIFIER, named(1, context)));
const informationField = (information: Uint8Array) => ber(0xbe, ber(OCTET_STRING, information));
/** ACSE says that authentication is used. */
const REQUIREMENTS = Uint8Array.of(0x07, 0x80);
/** Some meters set the highest bit of the mechanism they name. */
const MECHANISM_MASK = 0x7f;

export function associationRequestBytes(request: AssociationRequest): Uint8Array {
  const { context, mechanism, systemTitle, secret = new Uint8Array(0), information } = request;
  const authentication =
    mechanism === 0 ? [] : [ber(0x8a, REQUIREMENTS), ber(0x8b, named(2, mechanism)), ber(0xac, ber(SECRET, secret))];
  const title = systemTitle ? [ber(0xa6, ber(OCTET_STRING, systemTitle))] : [];
  return ber(AARQ, contextField(context), ...title, ...authentication, informationField(information));
}

/** Where the password stands in a request: from, up to. Undefined where there is none. */
export function secretIn(request: Uint8Array, secret: Uint8Array): readonly [number, number] | undefined {
  const text = toHex(ber(0xac, ber(SECRET, secret)));
  const at = toHex(request).indexOf(text) / 2;
  return at < 0 ? undefined : [at + 4, at + text.length / 2];
}

export function readAssociationRequest(message: Uint8Array): AssociationRequest {
  if (message[0] !== AARQ) throw dlmsError('form', 'It is no AARQ.');
  const fields = berFields(inner(message));
  const systemTitle = inner(fields.get(0xa6));
  return {
    // Anything else is refused by whoever is asked.
    context: (inner(fields.get(0xa1)).at(-1) ?? 0) as Context,
    mechanism: ((fields.get(0x8b)?.at(-1) ?? 0) & MECHANISM_MASK) as Mechanism,
    ...(systemTitle.length > 0 ? { systemTitle } : {}),
    secret: inner(fields.get(0xac)),
    information: inner(fields.get(0xbe)),
  };
}

export function associationAnswerBytes(answer: AssociationAnswer): Uint8Array {
  const { context, result, source, diagnostic, systemTitle, mechanism, challenge, information } = answer;
  const integer = (value: number) => ber(INTEGER, Uint8Array.of(value));
  return ber(
    AARE,
    contextField(context),
    ber(0xa2, integer(result)),
    ber(0xa3, ber(source === 'user' ? 0xa1 : 0xa2, integer(diagnostic))),
    ...(systemTitle.length > 0 ? [ber(0xa4, ber(OCTET_STRING, systemTitle))] : []),
    ...(mechanism > 1 ? [ber(0x88, REQUIREMENTS), ber(0x89, named(2, mechanism))] : []),
    ...(challenge.length > 0 ? [ber(0xaa, ber(SECRET, challenge))] : []),
    ...(information.length > 0 ? [informationField(information)] : []),
  );
}

/** Throws a MeterError 'association' for what is no AARE, with what it says. */
export function readAssociationAnswer(message: Uint8Array): AssociationAnswer {
  const refusal = refusalIn(message);
  // It keeps what it knows of the counter.
  if (refusal) throw refusal;
  if (message[0] !== AARE)
    throw dlmsError('association', `The meter answered the association with ${toHex(message.subarray(0, 16))}.`);
  const fields = berFields(inner(message));
  const diagnostic = fields.get(0xa3);
  return {
    context: inner(fields.get(0xa1)).at(-1) ?? 0,
    result: inner(fields.get(0xa2)).at(-1) ?? 1,
    source: diagnostic?.[0] === 0xa2 ? 'provider' : 'user',
    diagnostic: inner(inner(diagnostic)).at(-1) ?? 0,
    systemTitle: inner(fields.get(0xa4)),
    mechanism: (fields.get(0x89)?.at(-1) ?? 0) & MECHANISM_MASK,
    challenge: inner(fields.get(0xaa)),
    information: inner(fields.get(0xbe)),
  };
}

/** Why an association was refused; undefined where it was not. Some meters add the reason in the place of the initiate. */
export function refusalOf({ result, source, diagnostic, information }: AssociationAnswer): MeterError | undefined {
  if (result === 0) return undefined;
  const when = result === 2 ? ' for now' : '';
  const more = information[0] === 0x0e ? refusalIn(information) : undefined;
  const also = more ? ` ${more.message}` : '';
  return dlmsError(
    'association',
    `The meter refused the association${when}: ${diagnosticText(source, diagnostic)}.${also}`,
  );
}

const RLRQ = 0x62;
const NORMAL = Uint8Array.of(0x80, 0x01, 0x00);

/** Of an association with ciphering: with its initiate, enciphered. */
export const releaseBytes = (information: Uint8Array): Uint8Array => ber(RLRQ, NORMAL, informationField(information));

/** Release of an association, and whether a message answers it; meters often ignore it. */
export const RELEASE = Uint8Array.of(0x62, 0x03, 0x80, 0x01, 0x00);
export const RELEASED = Uint8Array.of(0x63, 0x03, 0x80, 0x01, 0x00);
