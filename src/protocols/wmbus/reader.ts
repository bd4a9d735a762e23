import type { Reading } from '../../common/reading.ts';
import type { KeysFor, Reader } from '../protocol.ts';
import type { StoredData } from '../stored-data.ts';
import { decodeRadio, wantsKey, type RadioHelp } from './decode.ts';
import { RADIO_KEY } from './secrets.ts';

/** At once where nothing is enciphered; else it waits for the keys of the meter. */
export const wmbusReader: Reader = {
  decode(stored, _profiles, keys) {
    const numbers = keys && wantsKey(stored);
    return numbers ? decodeWithKeys(stored, numbers, keys) : decodeRadio(stored);
  },
};

async function decodeWithKeys(
  stored: StoredData,
  numbers: readonly string[],
  keys: KeysFor,
): Promise<readonly Reading[]> {
  return decodeRadio(stored, await keysOf(numbers, keys));
}

/** One of each number: a key may be kept by that of the meter, or by that of its radio module. */
async function keysOf(numbers: readonly string[], keys: KeysFor): Promise<RadioHelp> {
  try {
    const found = await Promise.all(numbers.map((number) => keys([number], RADIO_KEY)));
    return { keys: found.flatMap((secret) => (secret ? [secret.bytes] : [])) };
  } catch (cause) {
    // What is plain in it is shown all the same.
    return { trouble: cause instanceof Error ? cause.message : String(cause) };
  }
}
