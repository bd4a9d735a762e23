import type { MeterNumber, Milliseconds, Seconds, SequenceNumber } from '../common/kinds.ts';
import type { Circumstances } from '../common/readout.ts';

/** A run of the schedule's slots, both ends included; UTC milliseconds since the epoch (see ams/due.ts). */
export interface SlotSpan {
  readonly count: number;
  readonly first: Milliseconds;
  readonly last: Milliseconds;
}

/** A record of the log as the SmartCOM knows it ("Reading of AMS Records" in its manual), with the data as received. */
export type LogRecord = AmsRecord | WmbusRecord | SystartRecord;

interface RecordBase {
  /** 32-bit Unix time stamp, seconds. */
  readonly time: Seconds;
  /** What the clock of this device showed, milliseconds, where no time stamp can hold that: it was wrong. */
  readonly clock?: Milliseconds;
  /** Incrementing with every record, over all types; never reused. */
  readonly seq: SequenceNumber;
  /** For a record that came in by import: the sequence number it had where it was recorded. */
  readonly importedSeq?: number;
}

export interface AmsRecord extends RecordBase {
  readonly type: 'AMS';
  /** "IEC62056-21", "MBUS", "MODBUS", "INMAT", "LOTOS", "AIN_DIN" or "Unknown". */
  readonly protocol: string;
  /** Position in the device list at the time of recording; 0 for a meter that was read by hand and is not in the list. */
  readonly index: number;
  /** Number of the meter in OpenHHU, which stays its own when the list is edited; absent for a read by hand. */
  readonly meter?: MeterNumber;
  readonly errorCode: number;
  readonly identification: string;
  readonly data: string;
  /** What OpenHHU adds and AT answers leave out. */
  readonly circumstances?: Circumstances;
  /** The address text the meter was asked with. */
  readonly address?: string;
  /** Label of the port it was read through. */
  readonly port?: string;
  /** The slots of the schedule this record answers for: the one that was read, or all that were missed; absent for a read by hand. */
  readonly slots?: SlotSpan;
}

export interface WmbusRecord extends RecordBase {
  readonly type: 'WMBUS';
  /** dBm. */
  readonly rssi: number;
  /** Length of the telegram in bytes. */
  readonly length: number;
  /** Upper-case hex from the C field, without L and CRCs. */
  readonly data: string;
  /** Of a meter of the list, as in {@link AmsRecord}; see `meterRecord` for the rest. */
  readonly meter?: MeterNumber;
  readonly index?: number;
  readonly slots?: SlotSpan;
  /** Label of the port it was heard through. */
  readonly port?: string;
  readonly circumstances?: Circumstances;
}

/** Time is counted anew from here: the program was started, or its clock was set back while it ran. */
export interface SystartRecord extends RecordBase {
  readonly type: 'SYSTART';
  /** Present where the clock was set back: what it showed before and after, UTC milliseconds. */
  readonly setBack?: { readonly from: Milliseconds; readonly to: Milliseconds };
}

export type RecordType = LogRecord['type'];

/** A record before the log gave it its time and sequence number. */
export type NewRecord =
  Omit<AmsRecord, 'time' | 'seq'> | Omit<WmbusRecord, 'time' | 'seq'> | Omit<SystartRecord, 'time' | 'seq'>;
