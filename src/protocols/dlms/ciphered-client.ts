import type { MeterError } from '../../common/meter-error.ts';
import type { Hidden } from '../../line/line.ts';
import {
  associationRequestBytes,
  readAssociationAnswer,
  refusalOf,
  releaseBytes,
  secretIn,
  type AssociationAnswer,
} from './apdu/association.ts';
import { can } from './apdu/conformance.ts';
import { CounterError, refusalIn } from './apdu/exception.ts';
import { initiateRequestBytes, readInitiateResponse, type InitiateResponse } from './apdu/initiate.ts';
import {
  countedNumbers,
  reply,
  requestsOver,
  wholeAnswer,
  type Association,
  type Exchange,
  type Numbers,
} from './client.ts';
import { dlmsError } from './errors.ts';
import { onceOnly } from './once-only.ts';
import { ciphered, deciphered, type Deciphered, type Envelope, type Keys, type KeyUse } from './security/ciphered.ts';
import type { InvocationCounter } from './security/counter.ts';
import { expectChallenge, hlsAnswer, isProved, type HlsSecret } from './security/hls.ts';
import { KeyError } from './security/key-error.ts';
import { TAG_BYTES } from './security/gcm.ts';
import { AUTHENTICATED, ENCIPHERED, SUITE } from './security/protection.ts';

/** What a client has that proves who it is with keys, or protects its messages. */
export interface CipheredAuthentication {
  readonly key: Uint8Array;
  readonly authenticationKey?: Uint8Array;
  /** For this association alone, random; absent: all goes with the global key. */
  readonly dedicatedKey?: Uint8Array;
  /** Our own, eight bytes. */
  readonly title: Uint8Array;
  /** Of the meter, where it does not say it. */
  readonly meterTitle?: Uint8Array;
  readonly proof: { readonly mechanism: 5 } | (HlsSecret & { readonly mechanism: 2 | 3 | 4 | 6 });
  /** Random, 8 to 64 bytes. */
  readonly challenge: Uint8Array;
  /** Security control of every message: suite, authenticated, enciphered; neither of both: as it is. */
  readonly control: number;
  readonly counter: InvocationCounter;
  readonly conformance: number;
  /** How requests are numbered; absent: counted. */
  readonly numbers?: Numbers;
}

/** Application contexts with logical names. */
const [PLAIN, CIPHERED] = [1, 3] as const;
const MOST_MESSAGE = 0xffff;
const [EXCEPTION, AUTHENTICATION_FAILED] = [0xd8, 13] as const;

/**
 * Associates with messages protected as `control` says. Rejects with a MeterError: 'association' where the meter refuses, a
 * KeyError where a key does not fit, 'security' where the meter does not prove that it has them, a CounterError where it
 * wants another number.
 */
export async function associateCiphered(exchange: Exchange, own: CipheredAuthentication): Promise<Association> {
  return await onceOnly('proof of the secret', () => agree(exchange, own));
}

async function agree(exchange: Exchange, own: CipheredAuthentication): Promise<Association> {
  const { dedicatedKey, title, challenge, counter, conformance, proof, control, numbers = countedNumbers() } = own;
  const isProtected = (control & (AUTHENTICATED | ENCIPHERED)) !== 0;
  const key = dedicatedKey && isProtected ? { dedicatedKey } : {};
  const initiate = initiateRequestBytes({ ...key, conformance, mostBytes: MOST_MESSAGE });
  const mechanism = proof.mechanism;

  const ask = async () => {
    const information = isProtected ? await enveloped(own, initiate, 'global', 'by kind') : initiate;
    const context = isProtected ? CIPHERED : PLAIN;
    const request = { context, mechanism, systemTitle: title, secret: challenge, information } as const;
    const bytes = associationRequestBytes(request);
    const hidden = mechanism === 5 ? undefined : secretIn(bytes, challenge);
    return readAssociationAnswer(await exchange(bytes, hidden ? [hidden] : []));
  };
  const answer = await withNumberWanted(counter, ask);
  const refusal = refusalOf(answer);
  if (refusal) throw isProtected ? withKeysNamed(answer, refusal) : refusal;

  const meterTitle = answer.systemTitle.length > 0 ? answer.systemTitle : (own.meterTitle ?? answer.systemTitle);
  const keys = receiveKeys(own, meterTitle);
  const agreed = agreedIn(answer, keys, control);
  const over =
    (use: KeyUse, envelope: Envelope): Exchange =>
    async (message, hidden = []) =>
      await withNumberWanted(counter, async () => {
        const sent = isProtected ? await enveloped(own, message, use, envelope) : message;
        // A proof with keys betrays none.
        const shownToNobody = mechanism === 5 ? [] : hiddenIn(sent, message, hidden, control);
        const received = await wholeAnswer(exchange, await exchange(sent, shownToNobody));
        return isProtected ? openedIn(received, keys, control) : received;
      });

  // The proof goes with the global key, whatever was agreed on.
  // Where the keys have opened what the meter says, it can only be the secret that is wrong.
  const wrong = isProtected && mechanism !== 5 ? 'HLS secret' : 'any';
  await prove(own, meterTitle, answer, (message) => reply(over('global', 'by kind'), message, numbers(), wrong));
  const envelope: Envelope = can(agreed.conformance, 'general protection') ? 'general' : 'by kind';
  const requests = requestsOver(over('dedicatedKey' in key ? 'dedicated' : 'global', envelope), agreed, numbers);
  if (!isProtected) return requests;
  return {
    ...requests,
    async release() {
      await exchange(
        releaseBytes(
          await enveloped(own, initiateRequestBytes({ conformance, mostBytes: MOST_MESSAGE }), 'global', 'by kind'),
        ),
      );
    },
  };
}

async function enveloped(
  { control, counter, title, key, dedicatedKey, authenticationKey }: CipheredAuthentication,
  plain: Uint8Array,
  use: KeyUse,
  envelope: Envelope,
): Promise<Uint8Array> {
  return ciphered(plain, use, envelope, {
    control,
    counter: await counter.next(),
    title,
    key: use === 'dedicated' ? (dedicatedKey ?? key) : key,
    ...(authenticationKey ? { authenticationKey } : {}),
  });
}

/** Where in its envelope something of a message stands that is shown to nobody. */
function hiddenIn(sent: Uint8Array, { length }: Uint8Array, hidden: Hidden, control: number): Hidden {
  if ((control & ENCIPHERED) !== 0) return [];
  const offset = sent.length - length - ((control & AUTHENTICATED) === 0 ? 0 : TAG_BYTES);
  return hidden.map(([from, to]): [number, number] => [from + offset, to + offset]);
}

function receiveKeys({ key, authenticationKey, dedicatedKey }: CipheredAuthentication, title: Uint8Array): Keys {
  return {
    global: key,
    ...(authenticationKey ? { authentication: authenticationKey } : {}),
    ...(dedicatedKey ? { dedicated: dedicatedKey } : {}),
    ...(title.length > 0 ? { title } : {}),
  };
}

/** A message that the meter refuses for its number goes once more, with the one it wants. */
async function withNumberWanted<T>(counter: InvocationCounter, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof CounterError) || error.expected === undefined) throw error;
    counter.expect(error.expected);
    return await send();
  }
}

/** A refusal comes as it is; anything else has to be protected as well as what we send, or somebody else may have written it. */
function openedIn(received: Uint8Array, keys: Keys, control: number): Uint8Array {
  const opened = deciphered(received, keys);
  if (opened) return opened.isAuthenticated || !isMore(control, opened) ? opened.plain : unprotected();
  if (received[0] !== EXCEPTION) return unprotected();
  const refusal = refusalIn(received);
  if (refusal instanceof CounterError) throw refusal;
  return received;
}

/** We protect what the meter does not. */
const isMore = (control: number, { control: theirs }: Deciphered) =>
  (control & AUTHENTICATED) !== 0 || (control & ENCIPHERED & ~theirs) !== 0;

function unprotected(): never {
  throw dlmsError('security', 'An answer came without protection.');
}

function agreedIn({ information }: AssociationAnswer, keys: Keys, control: number): InitiateResponse {
  const isProtected = (control & (AUTHENTICATED | ENCIPHERED)) !== 0;
  return readInitiateResponse(isProtected ? openedIn(information, keys, control) : information);
}

/** What a meter says that cannot decipher our initiate is that the authentication failed. */
function withKeysNamed({ source, diagnostic }: AssociationAnswer, refusal: MeterError): MeterError {
  if (source !== 'user' || diagnostic !== AUTHENTICATION_FAILED) return refusal;
  const which = 'the encryption key (EK) or the authentication key (AK) does not fit';
  return new KeyError('any', `${refusal.message.replace(/\.$/, '')}: ${which}.`);
}

/** Passes 3 and 4 of high level security. */
async function prove(
  own: CipheredAuthentication,
  meterTitle: Uint8Array,
  answer: AssociationAnswer,
  tell: (proof: Uint8Array) => Promise<Uint8Array>,
): Promise<void> {
  const { title, challenge, counter } = own;
  const secret = secretOf(own);
  expectChallenge(answer.challenge, challenge);
  const ours = { challenge: answer.challenge, ownChallenge: challenge, title, otherTitle: meterTitle };
  const proof = await hlsAnswer(secret, ours, secret.mechanism === 5 ? await counter.next() : 0);
  const returned = await tell(proof);
  const theirs = { challenge, ownChallenge: answer.challenge, title: meterTitle, otherTitle: title };
  if (!(await isProved(secret, theirs, returned)))
    throw dlmsError('security', 'The meter does not prove that it has the keys: it may be another one.');
}

function secretOf({ proof, key, authenticationKey, control }: CipheredAuthentication): HlsSecret {
  if (proof.mechanism !== 5) return proof;
  if (!authenticationKey) throw dlmsError('security', 'There is no authentication key (AK), which HLS 5 needs.');
  return { mechanism: 5, suite: control & SUITE, key, authenticationKey };
}
