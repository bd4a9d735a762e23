import type { Framing } from '../line/framing.ts';
import type { Line } from '../line/line.ts';
import type { PortSettings } from '../line/port.ts';
import type { ErrorEntry } from '../common/meter-error.ts';
import type { Circumstances, Readout } from '../common/readout.ts';

/** What a dialogue tells while it runs. Steps are words for people; data and identification are as received. */
export type ReadProgress =
  | { readonly kind: 'step'; readonly step: ReadStep; readonly text: string }
  | {
      readonly kind: 'identification';
      readonly manufacturer: string;
      readonly identification: string;
      readonly baudRate: number;
    }
  | { readonly kind: 'data'; readonly data: string };

export type ReadStep =
  'opening' | 'waking' | 'asking' | 'identified' | 'acknowledging' | 'listening' | 'receiving' | 'retrying' | 'closing';

/** What is remembered of a meter between reads, by a key the protocol chooses. */
export interface MeterMemory {
  recall(key: string): LearnedSettings | undefined;
  remember(key: string, learned: LearnedSettings): void;
}

export interface LearnedSettings {
  /** It announced a higher rate and went on at its first one. */
  readonly staysAtFirstRate?: boolean;
  /** When that was seen, milliseconds since the epoch: a habit is tried again now and then. */
  readonly learnedAt?: number;
}

export interface ReadOptions {
  readonly memory?: MeterMemory;
  /** The number on the meter's plate, where it is known: a readout that names another one says so. */
  readonly knownNumber?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ReadProgress) => void;
}

/**
 * What a protocol folder exports: one object of this shape, registered in `engine/protocols.ts`. Its decoder stands apart,
 * in `protocols/decoders.ts`: reading a meter needs none, and the first load is smaller for it.
 */
export interface MeterProtocol<Address = unknown, Settings = unknown> {
  /** Name in AT listings and records: "IEC62056-21", "MBUS". */
  readonly name: string;
  /** Number in AT commands: 1, 2, 3, 64, 65, 128. */
  readonly number: number;
  readonly errors: readonly ErrorEntry[];
  /** Throws a MeterError with the protocol's "wrong address" code. */
  parseAddress(text: string): Address;
  /** Settings from a meter's stored knobs and the line settings of its port; what does not fit is its default. */
  settingsFrom(knobs: Knobs, port: PortSettings): Settings;
  /** How the line has to be opened for this meter. */
  lineSettings(address: Address, settings: Settings): LineSettings;
  /**
   * After an answer a meter may go on listening at another rate, deaf to a new request: so long, ms. Asked earlier, it
   * would only be found silent, and the read take three times as long.
   */
  restMs?(readout: Readout): number;
  /**
   * One dialogue over an open line. Never rejects for what a meter does or fails to do: a failed read is a readout
   * with an error code and whatever was received. Rejects only for programming errors.
   */
  read(line: Line, address: Address, settings: Settings, options: ReadOptions): Promise<Readout>;
}

/** The part of a record that decoding needs. */
export interface StoredData {
  readonly identification: string;
  readonly data: string;
  /** When it was received, Unix seconds. */
  readonly time?: number;
  /** How the read ended, and what was seen around it: whether anything vouches for the data. Absent: nothing is against it. */
  readonly errorCode?: number;
  readonly circumstances?: Circumstances;
}

/** A meter's own settings in a flat form that lists, files and databases keep: `{ mode: 'D', timeoutMs: 4000 }`. */
export type Knobs = Readonly<Record<string, string | number | boolean>>;

export interface LineSettings {
  readonly baudRate: number;
  readonly framing: Framing;
}
