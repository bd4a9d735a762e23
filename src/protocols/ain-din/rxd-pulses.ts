/**
 * Pulses on RXD: the S0 contact pulls the receive line down, and the receiver makes a character of it, or a framing or
 * break error where the pulse is longer than one (as volkszaehler's vzlogger counts them, at 300 Bd).
 */
export interface RxdPulses {
  /** Monotonic milliseconds of the last one; undefined before. */
  readonly lastAt: number | undefined;
}

export const noRxdPulses: RxdPulses = { lastAt: undefined };

/** At 300 Bd a character takes 33 ms: two of them are two pulses however late they are handed over. */
export const RXD_BAUD_RATE = 300;

/**
 * Each character is a pulse. An error is one too, but not shortly after another: chips tell a break as a character and an
 * error, or as several.
 */
export function rxdEvent(
  { lastAt }: RxdPulses,
  event: 'character' | 'error',
  at: number,
  debounceMs: number,
): { readonly pulses: RxdPulses; readonly isPulse: boolean } {
  const isSame = event === 'error' && lastAt !== undefined && at - lastAt < debounceMs;
  return { pulses: { lastAt: at }, isPulse: !isSame };
}
