import type { Dialogue } from './dialogue.ts';

/** What was learnt once need not hold for ever: after a day the higher rate is tried again. */
const TRY_AGAIN_MS = 24 * 3_600_000;

/** Key under which a meter's habits are remembered: the address it was asked with and its identification. */
export function memoryKey(address: string, identification: Uint8Array): string {
  return `${address}|${String.fromCharCode(...identification).trim()}`;
}

/** Was this meter found to stay at its first rate, not so long ago that it is worth another try? */
export function isKnownToStay({ line, address, identification, options }: Dialogue): boolean {
  if (!identification) return false;
  const learned = options.memory?.recall(memoryKey(address.address, identification.raw));
  if (learned?.staysAtFirstRate !== true) return false;
  const age = line.trace.startedAt - (learned.learnedAt ?? -Infinity);
  // A clock that was set back makes it a thing of the future.
  return age >= 0 && age < TRY_AGAIN_MS;
}
