import { MeterError } from '../../../common/meter-error.ts';
import { dlmsError } from '../errors.ts';

/** Which key does not fit; 'any': of those that were used, or the secret, it cannot be told which. */
export type WrongKey = 'encryption key' | 'authentication key' | 'HLS secret' | 'any';

/** A key does not fit, seen from our side or from the meter's. */
export class KeyError extends MeterError {
  readonly which: WrongKey;

  constructor(which: WrongKey, seen: string, failure: 'security' | 'association' = 'security') {
    const { code, hint } = dlmsError(failure);
    super(code, seen, { hint });
    this.which = which;
  }
}
