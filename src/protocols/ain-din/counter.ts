/** A pulse counter of 64 bits that starts over at 0 (SmartCOM manual: 0 to 2^64–1). */
export interface PulseCounter {
  readonly count: bigint;
  /** Where it stood at the last relative reading. */
  readonly read: bigint;
}

export const newCounter: PulseCounter = { count: 0n, read: 0n };

const BITS = 64;

export const counted = ({ count, read }: PulseCounter, pulses = 1n): PulseCounter => ({
  count: BigInt.asUintN(BITS, count + pulses),
  read,
});

/** Pulses since the last relative reading, also over the end of the count. */
export const pulsesSince = ({ count, read }: PulseCounter): bigint => BigInt.asUintN(BITS, count - read);

/** After a relative reading that took so many pulses; those that came meanwhile belong to the next. */
export const taken = ({ count, read }: PulseCounter, pulses: bigint): PulseCounter => ({
  count,
  read: BigInt.asUintN(BITS, read + pulses),
});

/** Goes on from a count, with the pulses that came since it was said; what is relative begins anew. */
export const setTo = (count: bigint, since: bigint): PulseCounter => ({
  count: BigInt.asUintN(BITS, count + since),
  read: count,
});

/** As a store keeps it: decimal text, which loses no digit anywhere. */
export interface StoredCounter {
  readonly count: string;
  readonly read: string;
}

export const storedCounter = ({ count, read }: PulseCounter): StoredCounter => ({
  count: count.toString(),
  read: read.toString(),
});

/** Undefined for anything that no counter was stored as. */
export function counterFrom(stored: unknown): PulseCounter | undefined {
  if (typeof stored !== 'object' || stored === null) return undefined;
  const { count, read } = stored as Partial<Record<keyof StoredCounter, unknown>>;
  return isCount(count) && isCount(read) ? { count: BigInt(count), read: BigInt(read) } : undefined;
}

const isCount = (text: unknown): text is string =>
  typeof text === 'string' && /^\d{1,20}$/.test(text) && BigInt.asUintN(BITS, BigInt(text)) === BigInt(text);
