import type { PortId } from '../common/kinds.ts';

/**
 * Where bytes come from. Nothing above ever asks which transport it holds; it asks what the port can do. Whatever the
 * transport, `portOver` gives its port the same manners, and one test asks them of every port:
 * - Every call settles within its limit, however long the driver hangs, and rejects with a {@link PortError} only.
 * - What needs an open port rejects 'failed' on a closed one, 'lost' on a lost one, 'unsupported' where the port can't.
 * - After `close` nothing is told any more but notices, after a loss nothing but the one 'lost'.
 */
export interface Port {
  readonly info: PortInfo;
  readonly capabilities: PortCapabilities;
  /**
   * DTR and RTS are high from then on. Waits for a closing under way. 'failed' where the port is open already or closed
   * meanwhile, 'lost' while the adapter is gone, 'stuck' where an earlier closing hangs.
   */
  open(settings: PortSettings): Promise<void>;
  /**
   * Changes an open port, in place or by closing and reopening as `capabilities.reconfigure` says. What the driver took
   * leaves first, and DTR and RTS are as before; what is on the wire is for the caller to wait for.
   */
  reconfigure(settings: PortSettings): Promise<void>;
  /**
   * At any time, any number of times; what the driver took leaves first. An opening under way is given up. Rejects with
   * 'stuck' where the driver does not let go: nobody can open the port then.
   */
  close(): Promise<void>;
  /** Resolves when the bytes were handed over, which says nothing of the wire. */
  write(bytes: Uint8Array): Promise<void>;
  /** One listener at a time: bytes, line errors and loss arrive here, in order. */
  listen(listener: (event: PortEvent) => void): void;
  /** What is not named stays as it is, up to the next `open`. */
  setSignals(signals: ControlSignals): Promise<void>;
  /** As they are now. */
  getSignals(): Promise<ModemSignals>;
  /**
   * Asks whether the adapter of an open port is still there, for about a second; tells 'lost' where it is not. Never
   * rejects. Absent: nobody can be asked.
   */
  look?(): Promise<void>;
}

export interface PortSettings {
  readonly baudRate: number;
  readonly dataBits: 7 | 8;
  readonly stopBits: 1 | 2;
  readonly parity: 'none' | 'even' | 'odd';
}

/** What we put on the line. */
export interface ControlSignals {
  readonly dtr?: boolean;
  readonly rts?: boolean;
}

/** What the other side puts on it. */
export interface ModemSignals {
  readonly cts: boolean;
  readonly dsr: boolean;
  readonly dcd: boolean;
  readonly ri: boolean;
}

/** Data bits, parity and stop bits as people write them. */
export type CharacterFormat = `${PortSettings['dataBits']}${'N' | 'E' | 'O'}${PortSettings['stopBits']}`;

export interface PortCapabilities {
  /**
   * 'reopen': a baud switch closes the port for some milliseconds and drops what is not drained. 'unavailable': the far
   * end of a gateway has one rate and one format, which are `fixed`.
   */
  readonly reconfigure: 'reopen' | 'in-place' | 'unavailable';
  readonly fixed?: PortSettings;
  /** Character formats it can be opened with; absent: all. */
  readonly formats?: readonly CharacterFormat[];
  /** Control lines can be set, modem lines asked for. */
  readonly signals: boolean;
  /** Parity, framing and break errors are reported; without it nothing vouches for a character but its protocol. */
  readonly lineErrors: boolean;
}

export interface PortInfo {
  /** Stable for one adapter as far as the browser allows: "usb:0403:6001#1", "simulated:zpa". */
  readonly id: PortId;
  /** "FTDI FT232R (2)", "Simulated: ZPA". */
  readonly label: string;
  /** Name of the transport in `ports/index.ts`: "serial"; "simulated" for what is no hardware at all. */
  readonly transport: string;
  /** "FTDI FT232R"; absent where it is not known. */
  readonly chip?: string;
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

export type PortFailure = 'busy' | 'denied' | 'lost' | 'unsupported' | 'timeout' | 'stuck' | 'failed';

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
