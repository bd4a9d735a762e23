import type { Values } from './form.ts';

/**
 * What one read of a meter gives: the three fields of the SmartCOM's answer to DIRECT_READ, as received.
 * Nothing decoded is ever stored in its place.
 */
export interface Readout {
  /** 0 = no error; otherwise a code of the SmartCOM's tables. `data` may be partial then. */
  readonly errorCode: number;
  /** IEC 62056-21: the identification field as received. Empty for protocols that have none. */
  readonly identification: string;
  /** IEC 62056-21: the data block as received; M-Bus: upper-case hex of the whole frames, in order. */
  readonly data: string;
  /** What was seen around the data; kept with the record, not part of AT answers. */
  readonly circumstances?: Circumstances;
}

/** What a technician wants to know of a read beyond its data. Every member is optional: only what was seen is written. */
export interface Circumstances {
  readonly manufacturer?: string;
  /** Protocol mode as recognized: "A"…"E" for IEC 62056-21. */
  readonly mode?: string;
  readonly baudRate?: number;
  /** The first rate was set higher; the meter answered at 300 Bd only. */
  readonly fellBackTo300?: boolean;
  readonly blockCheck?: 'ok' | 'bad' | 'absent' | 'not checked';
  /** The block check is wrong because the meter computes its own; taking the data as it is loses nothing. */
  readonly ownCheck?: boolean;
  /** A pushed telegram without a check sum: whether the next one had the same form and fitting figures. */
  readonly borneOut?: boolean;
  readonly echo?: boolean;
  readonly parity?: string;
  readonly attempts?: number;
  readonly durationMs?: number;
  /** The data is incomplete: the read ended early. */
  readonly partial?: boolean;
  /** The number in the data, where it is not that of the meter that was meant: the reading of another one. */
  readonly otherMeter?: string;
  /** How what was read is protected, and whom the meter took us for, in words: "no security", "authenticated and encrypted". */
  readonly security?: string;
  /** What would help this time and needs a person's word: a button, and the settings that it reads again with. */
  readonly offer?: { readonly label: string; readonly set: Values };
  /** One sentence that says what was seen when the read failed, and one that says what to try. */
  readonly message?: string;
  readonly hint?: string;
  /** What decoding needs beyond the data, as it was when it was received: a profile and its revision, a scale. */
  readonly meaning?: Values;
  /** Anything else worth knowing, in words. */
  readonly notes?: readonly string[];
}
