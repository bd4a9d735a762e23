import type { Form, Values } from '../common/form.ts';
import type { Interval } from '../ams/intervals.ts';
import type { PortKey } from '../ams/ports-table.ts';
import type { PortSettings } from '../line/port.ts';
import type { Readout } from '../common/readout.ts';

/**
 * What the AT commands need of the rest: the meter list, the readings, the log and the ports. Views drive the same calls.
 * A method that cannot do what it is asked rejects, with an {@link AtError} where the reason has a +CME code; the
 * terminal then says ERROR.
 */
export interface AtHost {
  identity(): Promise<AtIdentity>;

  isEnabled(): Promise<boolean>;
  setEnabled(on: boolean): Promise<void>;
  /** 0–9. */
  retryCount(): Promise<number>;
  setRetryCount(count: number): Promise<void>;

  /** In order; the index is the 1-based position. */
  listMeters(): Promise<readonly AtMeter[]>;
  addMeter(meter: AtMeter): Promise<void>;
  removeMeter(index: number): Promise<void>;
  clearMeters(): Promise<void>;
  changeInterval(which: number | 'ALL', interval: Interval): Promise<void>;

  /** By name or number; undefined where it is not built in. */
  findProtocol(nameOrNumber: string): { readonly name: string; readonly settings: Form } | undefined;
  /** A wrong address or a silent meter is an answer with an error code, not a rejection. */
  directRead(request: DirectRead, asking: AtAsking): Promise<Pick<Readout, 'errorCode' | 'identification' | 'data'>>;
  /** Searches the bus and puts what it finds in the place of meter list and log (the unit's "Automatic Meter Detection"). */
  detect(request: Detection, asking: AtAsking): Promise<DetectionResult>;

  recordCount(): Promise<number>;
  /** Bytes. */
  freeSpace(): Promise<number>;
  /** Records as `^SCDATA: …` lines without the final line end, oldest first, in batches. */
  oldestRecords(count: number): AsyncIterable<readonly string[]>;
  /** Rejects for a filter that is not of the SmartCOM's language. */
  filteredRecords(filter: string): AsyncIterable<readonly string[]>;
  deleteOldestRecords(count: number): Promise<void>;
  deleteAllRecords(): Promise<void>;

  /** The staged settings of a port; undefined for a number that is no port. */
  portSettings(port: number): Promise<PortSettings | undefined>;
  stagePortValue(port: number, key: PortKey, value: number): Promise<void>;
  savePort(port: number): Promise<void>;
  /** Saves as well. */
  restartPort(port: number): Promise<void>;
}

/** Of a command that needs a port, which may be in use. */
export interface AtAsking {
  /** Aborts when the command is ended. */
  readonly signal: AbortSignal;
  /** What it waits for: what the port is doing, in words; undefined: its turn has come. */
  readonly onWait: (forWhat: string | undefined) => void;
}

export interface AtIdentity {
  readonly manufacturer: string;
  readonly model: string;
  readonly revision: string;
  readonly serialNumber: string;
}

export interface AtMeter {
  readonly port: number;
  readonly protocol: string;
  readonly address: string;
  readonly interval: Interval;
}

export interface DirectRead {
  readonly port: number;
  readonly protocol: string;
  readonly address: string;
  /** What the extra parameters say, by the keys of the protocol's settings. */
  readonly settings: Values;
}

export interface Detection {
  readonly port: number;
  readonly protocol: string;
  readonly baudRate: number;
  readonly interval: Interval;
  readonly expectedCount: number;
}

export interface DetectionResult {
  /** 0, 65280–65291 or a code of the protocol. */
  readonly errorCode: number;
  readonly found: readonly { readonly primaryAddress: number; readonly secondaryAddress: string }[];
}
