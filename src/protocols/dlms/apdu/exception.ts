import { toHex } from '../../../common/bytes.ts';
import { MeterError } from '../../../common/meter-error.ts';
import { cursorOver } from '../axdr/cursor.ts';
import { dlmsError } from '../errors.ts';
import { exceptionText, serviceErrorText } from './words.ts';

const EXCEPTION = 0xd8;
const CONFIRMED_SERVICE_ERROR = 0x0e;
const INVOCATION_COUNTER = 6;

/** The meter refuses for its invocation counter, and says the one it expects. */
export class CounterError extends MeterError {
  /** Undefined where it does not say it. */
  readonly expected: number | undefined;

  constructor(expected: number | undefined) {
    const { code, message, hint } = dlmsError(
      'security',
      `The meter refused the invocation counter${expected === undefined ? '' : ` and expects ${expected}`}.`,
    );
    super(code, message, { hint });
    this.expected = expected;
  }
}

/** Any message of a meter that is no answer: it says why there is none. Undefined for all others. */
export function refusalIn(message: Uint8Array): MeterError | undefined {
  if (message[0] === EXCEPTION) {
    const [, state = 0, service = 0] = message;
    if (service === INVOCATION_COUNTER)
      return new CounterError(message.length >= 7 ? cursorOver(message.subarray(3)).number(4) : undefined);
    return dlmsError('access', `The meter refused the request: ${exceptionText(state, service)}.`);
  }
  if (message[0] === CONFIRMED_SERVICE_ERROR) {
    const [, , errorClass = 0, value = 0] = message;
    return dlmsError('access', `The meter refused the request: ${serviceErrorText(errorClass, value)}.`);
  }
  return undefined;
}

/** Takes the tag of the answer that is expected. Throws what the message says instead. */
export function expectTag(message: Uint8Array, tag: number): void {
  if (message[0] === tag) return;
  const shown = toHex(message.subarray(0, 16));
  throw (
    refusalIn(message) ??
    dlmsError('form', message.length === 0 ? 'The answer is empty.' : `An answer begins with ${shown}.`)
  );
}
