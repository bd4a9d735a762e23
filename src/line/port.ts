/** Where bytes come from. Nothing above ever asks which transport it holds; it asks what the port can do. */
export interface Port {
  readonly info: PortInfo;
  readonly capabilities: PortCapabilities;
  /** Rejects with a {@link PortError}. */
  open(settings: PortSettings): Promise<void>;
  /** Changes an open port; by `capabilities.reconfigure` in place or by closing and reopening. Unsent bytes must have left before. */
  reconfigure(settings: PortSettings): Promise<void>;
  /** Safe to call at any time, any number of times; never rejects. */
  close(): Promise<void>;
  /** Resolves when the bytes were handed over, which says nothing of the wire. Rejects with a {@link PortError}. */
  write(bytes: Uint8Array): Promise<void>;
  /** One listener at a time: bytes, line errors and loss arrive here, in order. */
  listen(listener: (event: PortEvent) => void): void;
  setSignals(signals: PortSignals): Promise<void>;
}

export interface PortSettings {
  readonly baudRate: number;
  readonly dataBits: 7 | 8;
  readonly stopBits: 1 | 2;
  readonly parity: 'none' | 'even' | 'odd';
}

export interface PortSignals {
  readonly dtr?: boolean;
  readonly rts?: boolean;
}

export interface PortCapabilities {
  /** 'reopen': a baud switch closes the port for some milliseconds and drops what is not drained. */
  readonly reconfigure: 'reopen' | 'in-place';
  readonly signals: boolean;
  /** Parity, framing and break errors are reported. */
  readonly lineErrors: boolean;
}

export interface PortInfo {
  /** Stable for one adapter as far as the browser allows: "serial:0403:6001:0", "simulated:zpa". */
  readonly id: string;
  /** "FTDI FT232R", "Simulated ZPA". */
  readonly label: string;
  readonly kind: 'serial' | 'simulated';
  readonly usbVendorId?: number;
  readonly usbProductId?: number;
}

export type PortEvent =
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  /** The port was opened or set anew: whatever comes from here on was received with the settings asked for. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'line-error'; readonly error: 'parity' | 'framing' | 'break' | 'overrun' }
  /** Something worth a line in the trace that stops nothing: "DTR could not be set". */
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'lost'; readonly reason: string };

export type PortFailure = 'busy' | 'denied' | 'lost' | 'unsupported' | 'timeout' | 'failed';

/** A transport failed; `failure` says how. Protocols turn it into their own MeterError. */
export class PortError extends Error {
  override readonly name = 'PortError';
  readonly failure: PortFailure;
  /** What to check, one item a line, most likely first. */
  readonly checklist: readonly string[];
  constructor(failure: PortFailure, message: string, checklist: readonly string[] = [], cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.failure = failure;
    this.checklist = checklist;
  }
}
