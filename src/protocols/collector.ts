import type { Clock } from '../common/clock.ts';
import type { Values } from '../common/form.ts';
import type { Readout } from '../common/readout.ts';
import type { Line, LineSettings } from '../line/line.ts';
import type { ModemSignals } from '../line/port.ts';
import type { Target } from './protocol.ts';

/** Hears its source all the time, so that a read is answered at once from what has been collected. */
export interface Collector {
  /**
   * As long as the source is chosen, whatever its port does meanwhile. Rejects where what is kept can't be read.
   * @param settings of the source
   */
  open(settings: Values, context: CollectorContext): Promise<Collection>;
}

export interface CollectorContext {
  readonly clock: Clock;
  readonly kept: KeptState;
  /** Something failed that nobody waits for. */
  onError(error: unknown): void;
}

/** One value that outlives the program; plain data. */
export interface KeptState {
  /** Undefined where nothing was kept yet. */
  load(): Promise<unknown>;
  /** Resolves when it is on disk. */
  save(value: unknown): Promise<void>;
}

export interface Collection {
  readonly line: LineSettings;
  /**
   * Hears without end over an open line. Resolves or rejects with the signal's reason when the line's signal has aborted;
   * rejects with a MeterError for what the far end does, with a PortError where the port fails.
   * @param say what it does now, in words
   */
  hear(line: Line, say: (text: string) => void): Promise<void>;
  /**
   * Watches the modem lines until aborted, also while others have the port: `signals` rejects while it is closed. Absent:
   * they are of no interest.
   */
  watch?(signals: () => Promise<ModemSignals>, signal: AbortSignal): Promise<void>;
  /** Answers at once, or as soon as a source that is just beginning says something. Never rejects for what that does. */
  read(target: Target, signal: AbortSignal): Promise<Readout>;
  /** Resolves when all that it keeps is on disk. */
  close(): Promise<void>;
}
