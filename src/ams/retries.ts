import type { Tries } from '../common/tries.ts';
import type { Clock } from '../common/clock.ts';
import { MeterError } from '../common/meter-error.ts';
import type { Readout } from '../common/readout.ts';

/** General code: reading from the device was not started. */
export const NOT_STARTED = 4;

/** AT^SCAMS="RETRY": 0–9 more attempts after the first failed. */
export const MAX_RETRIES = 9;

/** Long enough for a meter to give up the dialogue that failed (IEC 62056-21: at most 1.5 s of silence). */
const PAUSE_MS = 1500;

export interface RetryOptions {
  /** The one account of this reading; the dialogue takes from it, too. */
  readonly tries: Tries;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly signal?: AbortSignal;
  /** Called between two tries, when nothing is open: others may have the port meanwhile. */
  readonly rest?: () => Promise<void>;
}

/**
 * Reads until it works or no try is left, and gives the last attempt's readout with the number of attempts. A `read` that
 * rejects (the port went away) counts as a failed attempt: its code, or 4.
 */
export async function readWithRetries(read: () => Promise<Readout>, options: RetryOptions): Promise<Readout> {
  const { tries } = options;
  // Progress within a read gives tries back: what gets as far each time must end all the same.
  for (let reads = 1; ; reads++) {
    const readout = await read().catch(failedReadout);
    const attempts = Math.max(readout.circumstances?.attempts ?? 1, tries.used + 1);
    const mayRepeat = readout.errorCode !== 0 && reads <= tries.most;
    const again = mayRepeat && tries.take(readout.errorCode) && (await pause(options));
    if (!again) return { ...readout, circumstances: { ...readout.circumstances, attempts } };
  }
}

/** False when the wait was aborted, or the port did not come back: then the last readout stands. */
function pause({ clock, signal, rest }: RetryOptions): Promise<boolean> {
  const wait = async () => {
    await clock.sleep(PAUSE_MS, signal);
    await rest?.();
  };
  return wait().then(
    () => true,
    () => false,
  );
}

/** What is recorded of a reading that could not even report its failure itself. */
function failedReadout(error: unknown): Readout {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof MeterError ? error.hint : '';
  return {
    errorCode: error instanceof MeterError ? error.code : NOT_STARTED,
    identification: '',
    data: '',
    circumstances: hint === '' ? { message } : { message, hint },
  };
}
