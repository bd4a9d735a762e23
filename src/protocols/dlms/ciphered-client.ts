import {
  associationRequestBytes,
  readAssociationAnswer,
  refusalOf,
  type AssociationAnswer,
} from './apdu/association.ts';
import { can } from './apdu/conformance.ts';
import { initiateRequestBytes, readInitiateResponse, type InitiateResponse } from './apdu/initiate.ts';
import { countedNumbers, reply, requestsOver, type Association, type Exchange, type Numbers } from './client.ts';
import { dlmsError } from './errors.ts';
import { onceOnly } from './once-only.ts';
import { ciphered, deciphered, type Envelope, type Keys, type KeyUse } from './security/ciphered.ts';
import type { InvocationCounter } from './security/counter.ts';
import { hlsAnswer, isProved, type HlsSecret } from './security/hls.ts';
import { AUTHENTICATED, ENCIPHERED } from './security/protection.ts';

/** What a client has that enciphers: mechanism 5, both sides prove by GMAC that they have the keys. */
export interface CipheredAuthentication {
  readonly key: Uint8Array;
  readonly authenticationKey: Uint8Array;
  /** For this association alone, random; absent: all goes with the global key. */
  readonly dedicatedKey?: Uint8Array;
  /** Our own, eight bytes. */
  readonly title: Uint8Array;
  /** Random, 8 to 64 bytes. */
  readonly challenge: Uint8Array;
  readonly counter: InvocationCounter;
  readonly conformance: number;
  /** How requests are numbered; absent: counted. */
  readonly numbers?: Numbers;
}

const LOGICAL_NAMES_CIPHERED = 3;
const MECHANISM = 5;
const CONTROL = AUTHENTICATED | ENCIPHERED;
const MOST_MESSAGE = 0xffff;

/**
 * Associates with everything authenticated and enciphered. Rejects with a MeterError: 'association' where the meter refuses,
 * 'security' where a key does not fit, or the meter does not prove that it has them.
 */
export async function associateCiphered(exchange: Exchange, own: CipheredAuthentication): Promise<Association> {
  return await onceOnly('proof of the secret', () => agree(exchange, own));
}

async function agree(exchange: Exchange, own: CipheredAuthentication): Promise<Association> {
  const {
    key,
    authenticationKey,
    dedicatedKey,
    title,
    challenge,
    counter,
    conformance,
    numbers = countedNumbers(),
  } = own;
  const keys: Keys = {
    global: key,
    authentication: authenticationKey,
    ...(dedicatedKey ? { dedicated: dedicatedKey } : {}),
  };
  const envelop = async (plain: Uint8Array, use: KeyUse, envelope: Envelope) =>
    ciphered(plain, use, envelope, {
      control: CONTROL,
      counter: await counter.next(),
      title,
      key: use === 'dedicated' ? (dedicatedKey ?? key) : key,
      authenticationKey,
    });
  const initiate = initiateRequestBytes({
    ...(dedicatedKey ? { dedicatedKey } : {}),
    conformance,
    mostBytes: MOST_MESSAGE,
  });
  const information = await envelop(initiate, 'global', 'by kind');
  const context = LOGICAL_NAMES_CIPHERED;
  const request = associationRequestBytes({
    context,
    mechanism: MECHANISM,
    systemTitle: title,
    secret: challenge,
    information,
  });
  const answer = readAssociationAnswer(await exchange(request));
  const refusal = refusalOf(answer);
  if (refusal) throw refusal;
  const meterKeys: Keys = { ...keys, title: answer.systemTitle };
  const agreed = agreedIn(answer, meterKeys);

  const over =
    (use: KeyUse, envelope: Envelope): Exchange =>
    async (message) => {
      const received = await exchange(await envelop(message, use, envelope));
      // A refusal comes as it is; anything else has to be protected, or somebody else may have written it.
      const opened = deciphered(received, meterKeys);
      if (!opened) return received[0] === EXCEPTION ? received : unprotected();
      return opened.isAuthenticated ? opened.plain : unprotected();
    };

  // The proof goes with the global key, whatever was agreed on.
  const secret: HlsSecret = { mechanism: MECHANISM, key, authenticationKey };
  const meterTitle = answer.systemTitle;
  const proof = await hlsAnswer(
    secret,
    { challenge: answer.challenge, ownChallenge: challenge, title, otherTitle: meterTitle },
    await counter.next(),
  );
  const returned = await reply(over('global', 'by kind'), proof, numbers());
  const theirs = { challenge, ownChallenge: answer.challenge, title: meterTitle, otherTitle: title };
  if (!(await isProved(secret, theirs, returned)))
    throw dlmsError('security', 'The meter does not prove that it has the keys: it may be another one.');
  const envelope: Envelope = can(agreed.conformance, 'general protection') ? 'general' : 'by kind';
  return requestsOver(over(dedicatedKey ? 'dedicated' : 'global', envelope), agreed, numbers);
}

const EXCEPTION = 0xd8;

function unprotected(): never {
  throw dlmsError('security', 'An answer came without protection.');
}

function agreedIn(answer: AssociationAnswer, keys: Keys): InitiateResponse {
  const opened = deciphered(answer.information, keys);
  return readInitiateResponse(opened?.isAuthenticated === true ? opened.plain : unprotected());
}
