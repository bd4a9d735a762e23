import { MeterError } from '../common/meter-error.ts';
import type { Secret } from '../common/secret.ts';
import { systemClock } from '../common/clock.ts';
import { openKeyStore, type KeyStore } from '../keys/key-store.ts';
import { createUnlocked } from '../keys/unlocked.ts';
import { soon } from './soon.ts';

/** General code 1 of the SmartCOM: what was to be read could not be handed to the protocol. */
const NOT_FIT = 1;

let opened: KeyStore | undefined;

/** The password or key of a meter with these numbers. Rejects with a MeterError where there is one that cannot be had. */
export async function secretOf(
  numbers: readonly string[],
  name: string,
  store: Pick<KeyStore, 'find'> = (opened ??= openKeyStore({ now: systemClock.now, unlocked: createUnlocked() })),
): Promise<Secret | undefined> {
  try {
    return await soon(store.find(numbers, name));
  } catch (cause) {
    const seen = cause instanceof Error ? cause.message : String(cause);
    throw new MeterError(NOT_FIT, `The ${name} of this meter could not be had. ${seen}`, {
      hint: 'Look at Settings, Passwords and keys. Nothing was sent to the meter in its place.',
      cause,
    });
  }
}
