import type { Accept, Deadlines, Line, ReadEnd } from '../../line/line.ts';
import { PortError } from '../../line/port.ts';
import { MeterError } from '../common/meter-error.ts';
import type { ReadOptions, ReadStep } from '../common/protocol.ts';
import type { IecAddress } from './address.ts';
import type { DataMessage, DataMessageReceiver } from './data-message.ts';
import { iecError } from './errors.ts';
import type { IdentificationMessage } from './identification.ts';
import type { SentParity } from './parity-tally.ts';
import type { IecSettings } from './settings.ts';

/** What one read knows and has seen so far; the parts of the dialogue share it, and a failed read reports from it. */
export interface Dialogue {
  readonly line: Line;
  readonly address: IecAddress;
  readonly settings: IecSettings;
  readonly options: ReadOptions;
  /** Rate of the sign-on. */
  readonly firstRate: number;
  readonly notes: Set<string>;
  identification: IdentificationMessage | undefined;
  /** What the meter was seen to do with bit 7. */
  parity: SentParity | undefined;
  /** It announced a higher rate and was found at its first one. */
  staysAtFirstRate: boolean;
  /** The meter let a NAK go unanswered: only a new dialogue can bring its data again. */
  repeatRefused: boolean;
  mode: 'A' | 'B' | 'C' | 'D' | undefined;
  /** The data message under way, or the last one: what is kept when the read fails. */
  receiver: DataMessageReceiver | undefined;
  message: DataMessage | undefined;
  dataRate: number;
}

export function step(dialogue: Dialogue, name: ReadStep, text: string): void {
  dialogue.options.onProgress?.({ kind: 'step', step: name, text });
}

/** A read that the meter owes us; that it did not come in time stands in the trace (`-- Tout --`, seed 004). */
export async function readAnswer({ line, options }: Dialogue, accept: Accept, deadlines: Deadlines): Promise<ReadEnd> {
  const end = await line.read(accept, deadlines, options.signal);
  if (end !== 'done') line.trace.event('timeout', line.baudRate);
  return end;
}

/** Milliseconds, in words: "1.5 s". */
export const seconds = (ms: number): string => `${ms / 1000} s`;

/** Every failure of a dialogue as a MeterError with a code of the seeds' table. */
export function asMeterError(error: unknown, signal: AbortSignal | undefined): MeterError {
  if (error instanceof MeterError) return error;
  if (signal?.aborted) return iecError('stopped by user', 'The read was stopped.', { cause: error });
  if (error instanceof PortError) {
    const hint = error.checklist.join(' ');
    if (error.failure === 'lost') {
      return iecError('internal error', `The port was lost during the read: ${error.message}`, {
        hint: 'Is the cable still plugged in? What came before is kept. Plug the head in again and read once more.',
        cause: error,
      });
    }
    return iecError('new baud rate not set', `The baud rate could not be changed: ${error.message}`, {
      hint,
      cause: error,
    });
  }
  throw error;
}
