import type { Clock } from '../common/clock.ts';
import type { Decimal } from '../common/decimal.ts';
import type { Values } from '../common/form.ts';
import type { Readout } from '../common/readout.ts';
import type { Line, LineSettings } from '../line/line.ts';
import type { ModemSignals } from '../line/port.ts';

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
  /** Takes other settings at once, without losing what it hears; false where it has to be opened anew for them. */
  change(settings: Values): boolean;
  /** Whether anything is heard of them now. */
  isHeard(): boolean;
  /** How the inputs are at this moment. */
  live(): readonly LiveInput[];
  /**
   * Sets a counter, whatever comes since it showed `from` included. Rejects with a MeterError where that is none, or could
   * not be stored; then nothing was changed.
   */
  setCounter(input: number, count: string, from: string | undefined): Promise<void>;
  /** Answers at once, or as soon as a source that is just beginning says something. Never rejects for what that does. */
  read(target: { readonly address: string; readonly settings: Values }, signal: AbortSignal): Promise<Readout>;
  /** Resolves when all that it keeps is on disk. */
  close(): Promise<void>;
}

/** An input as it is at the moment; what is absent is not known, or not there. */
export interface LiveInput {
  readonly input: number;
  /** What serves it, in words: "pin 2 and A0 of the board". */
  readonly part: string;
  /** Keys of the settings that belong beside its figures. */
  readonly fields: readonly string[];
  readonly isClosed?: boolean;
  /** Of the converter, which has two points of calibration. */
  readonly converter?: LiveConverter;
  /** Decimal, of up to 20 digits. */
  readonly pulses?: string;
  /** What the pulses amount to. */
  readonly amount?: LiveFigure;
  /** How fast they come. */
  readonly rate?: LiveFigure;
  /** So many pulses are so many units. */
  readonly scale?: { readonly pulses: number; readonly units: number; readonly unit: string };
}

export interface LiveConverter {
  readonly value: number;
  /** Percent between the points. */
  readonly share?: number;
  /** What the converter says at 0 and at 100 %: the settings, and what they are. */
  readonly low: { readonly key: string; readonly value: number };
  readonly high: { readonly key: string; readonly value: number };
}

export interface LiveFigure {
  readonly quantity: string;
  readonly value: Decimal;
  readonly unit: string;
  /** It is no more than this. */
  readonly isMost?: true;
}
