import { MeterError } from '../../common/meter-error.ts';
import { dlmsError, dlmsErrors } from './errors.ts';

/**
 * What failed after the meter was given a password, or a proof of a secret: whether it took it is not known, and a meter
 * may lock itself after a few wrong ones. So it is a failure that nobody repeats by himself. What a person or the port
 * ended, and what says by itself that it is not to be repeated, stays what it is.
 */
export async function onceOnly<T>(given: 'password' | 'proof of the secret', run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const row = error instanceof MeterError ? dlmsErrors.find(({ code }) => code === error.code) : undefined;
    if (!(error instanceof MeterError) || row?.repeat === 'never') throw error;
    throw dlmsError('association', `The meter was given the ${given} and did not let us in: ${error.message}`, {
      hint: `It is not given the ${given} again by itself, since a meter may lock itself after wrong ones. Look whether it is right, then read again.`,
      cause: error,
    });
  }
}
