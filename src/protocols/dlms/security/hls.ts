import { concatBytes, toHex } from '../../../common/bytes.ts';
import { cursorOver, numberBytes } from '../axdr/cursor.ts';
import { dlmsError } from '../errors.ts';
import { encipherBlocks, isEqual, seal } from './gcm.ts';
import { md5 } from './md5.ts';
import { AUTHENTICATED, SUITE } from './protection.ts';

/** What both sides know or have said, from the side of whoever proves that it has the secret. */
export interface Proof {
  /** What the other side asked, and what we asked it. */
  readonly challenge: Uint8Array;
  readonly ownChallenge: Uint8Array;
  readonly title: Uint8Array;
  readonly otherTitle: Uint8Array;
}

/** What answers a challenge. */
export type HlsSecret =
  | { readonly mechanism: 2 | 3 | 4 | 6; readonly secret: Uint8Array }
  | {
      readonly mechanism: 5;
      readonly suite?: number;
      readonly key: Uint8Array;
      readonly authenticationKey: Uint8Array;
    };

const AES_KEY = 16;

/**
 * The answer to a challenge (passes 3 and 4 of HLS): a hash over it and the secret, or a GMAC with the counter it was made
 * with, which counts like that of a message.
 */
export async function hlsAnswer(secret: HlsSecret, proof: Proof, counter: number): Promise<Uint8Array> {
  const { challenge, ownChallenge, title, otherTitle } = proof;
  switch (secret.mechanism) {
    case 2: {
      const key = new Uint8Array(AES_KEY);
      key.set(secret.secret.subarray(0, AES_KEY));
      return encipherBlocks(key, challenge);
    }
    case 3:
      return md5(concatBytes(challenge, secret.secret));
    case 4:
      return await digest('SHA-1', concatBytes(challenge, secret.secret));
    case 5:
      return gmacAnswer(secret, title, challenge, counter, AUTHENTICATED | (secret.suite ?? 0));
    case 6:
      return await digest('SHA-256', concatBytes(secret.secret, title, otherTitle, challenge, ownChallenge));
  }
}

/**
 * Throws a MeterError 'security' for a challenge that nobody with the secret would give: whoever gives ours back gets from
 * us the very proof that we want from him, and the answer to an empty one is the same for ever.
 */
export function expectChallenge(challenge: Uint8Array, own: Uint8Array): void {
  if (challenge.length === 0 || toHex(challenge).includes(toHex(own)))
    throw dlmsError(
      'security',
      `The meter ${challenge.length === 0 ? 'gives no challenge' : 'gives our own challenge back'}: it would prove nothing. No proof was sent to it.`,
    );
}

/** Whether the other side has proved it; `proof` is from its side. */
export async function isProved(secret: HlsSecret, proof: Proof, answer: Uint8Array): Promise<boolean> {
  if (secret.mechanism !== 5) return isEqual(await hlsAnswer(secret, proof, 0), answer);
  if (answer.length < 5) return false;
  const [control = 0] = answer;
  if ((control & ~SUITE) !== AUTHENTICATED) return false;
  const counter = cursorOver(answer.subarray(1)).number(4);
  return isEqual(gmacAnswer(secret, proof.title, proof.challenge, counter, control), answer);
}

function gmacAnswer(
  { key, authenticationKey }: HlsSecret & { readonly mechanism: 5 },
  title: Uint8Array,
  challenge: Uint8Array,
  counter: number,
  securityControl: number,
): Uint8Array {
  if (title.length !== 8) throw dlmsError('security', 'The system title has to have eight bytes.');
  const control = Uint8Array.of(securityControl);
  const number = numberBytes(counter, 4);
  const { tag } = seal(
    key,
    concatBytes(title, number),
    concatBytes(control, authenticationKey, challenge),
    new Uint8Array(0),
  );
  return concatBytes(control, number, tag);
}

async function digest(name: 'SHA-1' | 'SHA-256', text: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest(name, text.slice()));
}
