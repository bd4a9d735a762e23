import type { Clock } from '../common/clock.ts';
import { MeterError } from '../common/meter-error.ts';
import type { Readout } from '../common/readout.ts';

/** General code: reading from the device was not started. */
export const NOT_STARTED = 4;

/** AT^SCAMS="RETRY": 0–9 more attempts after the first failed. */
export const MAX_RETRIES = 9;

/** Long enough for a meter to give up the dialogue that failed (IEC 62056-21: at most 1.5 s of silence). */
const PAUSE_MS = 1500;

/** Trying again cannot help: wrong parameters or port, ended by the user, wrong address text, of every protocol. */
const finalCodes: ReadonlySet<number> = new Set([
  1, 3, 65537, 65538, 131073, 131074, 196609, 196610, 4194305, 4194306, 4194307, 4194308, 4259841, 4259842, 4259843,
  8388609, 8388610,
]);

export interface RetryOptions {
  readonly retries: number;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly signal?: AbortSignal;
  /** Called between two tries, when nothing is open: others may have the port meanwhile. */
  readonly rest?: () => Promise<void>;
}

/**
 * Reads until it works, up to `1 + retries` times, and gives the last attempt's readout with the number of attempts.
 * A `read` that rejects (the port went away) counts as a failed attempt: its code, or 4.
 */
export async function readWithRetries(read: () => Promise<Readout>, options: RetryOptions): Promise<Readout> {
  const { retries } = options;
  for (let attempts = 1; ; attempts++) {
    const readout = await read().catch(failedReadout);
    const ended = readout.errorCode === 0 || attempts > retries || finalCodes.has(readout.errorCode);
    if (ended || !(await pause(options))) {
      return { ...readout, circumstances: { ...readout.circumstances, attempts } };
    }
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
