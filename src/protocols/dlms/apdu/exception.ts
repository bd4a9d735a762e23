import { toHex } from '../../../common/bytes.ts';
import { MeterError } from '../../../common/meter-error.ts';
import { cursorOver } from '../axdr/cursor.ts';
import type { Circumstances } from '../../../common/readout.ts';
import { dlmsError } from '../errors.ts';
import { KeyError } from '../security/key-error.ts';
import { exceptionText, serviceErrorText } from './words.ts';

const EXCEPTION = 0xd8;
const CONFIRMED_SERVICE_ERROR = 0x0e;
/** Reasons of an exception, and of a service error of class 0. */
const [DECIPHERING, COUNTER, DECIPHERING_ERROR] = [5, 6, 6] as const;

/** The meter refuses for its invocation counter, and says the one it expects. */
export class CounterError extends MeterError {
  /** Undefined where it does not say it. */
  readonly expected: number | undefined;
  /** What a person may agree to; undefined where that can't help. */
  readonly offer: NonNullable<Circumstances['offer']> | undefined;

  /** @param used the one that was used last, where that is known */
  constructor(expected: number | undefined, used?: number) {
    super(...said(expected, used));
    this.expected = expected;
    const isAhead = expected !== undefined && used !== undefined && expected > used;
    this.offer = isAhead ? { label: `Go on with ${expected}`, set: { counterUpTo: expected } } : undefined;
  }
}

function said(expected: number | undefined, used: number | undefined): ConstructorParameters<typeof MeterError> {
  const about = (seen: string, hint?: string): ConstructorParameters<typeof MeterError> => {
    const { code, message, hint: advice } = dlmsError('counter', seen);
    return [code, message, { hint: hint ?? advice }];
  };
  if (expected === undefined)
    return about('The meter refused the number of our message, and does not say which one it expects.');
  if (used === undefined) return about(`The meter refused the number of our message and expects ${expected}.`);
  if (expected > used) return about(`The meter’s counter is ${expected}, yours ${used}.`);
  return about(
    `The meter’s counter is ${expected}, and yours is higher: ${used}. A number is never used twice.`,
    'It may be another meter, or have been given a new key: then put the new one at Settings, Passwords and keys.',
  );
}

/** Any message of a meter that is no answer: it says why there is none. Undefined for all others. */
export function refusalIn(message: Uint8Array): MeterError | undefined {
  if (message[0] === EXCEPTION) {
    const [, state = 0, service = 0] = message;
    if (service === COUNTER)
      return new CounterError(message.length >= 7 ? cursorOver(message.subarray(3)).number(4) : undefined);
    if (service === DECIPHERING) return notDeciphered();
    return dlmsError('access', `The meter refused the request: ${exceptionText(state, service)}.`);
  }
  if (message[0] === CONFIRMED_SERVICE_ERROR) {
    const [, , errorClass = 0, value = 0] = message;
    if (errorClass === 0 && value === DECIPHERING_ERROR) return notDeciphered();
    return dlmsError('access', `The meter refused the request: ${serviceErrorText(errorClass, value)}.`);
  }
  return undefined;
}

const notDeciphered = () =>
  new KeyError(
    'any',
    'The meter could not decipher what we sent: the encryption key (EK) or the authentication key (AK) does not fit.',
  );

/** Takes the tag of the answer that is expected. Throws what the message says instead. */
export function expectTag(message: Uint8Array, tag: number): void {
  if (message[0] === tag) return;
  const shown = toHex(message.subarray(0, 16));
  throw (
    refusalIn(message) ??
    dlmsError('form', message.length === 0 ? 'The answer is empty.' : `An answer begins with ${shown}.`)
  );
}
