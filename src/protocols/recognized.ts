import type { StoredData } from './stored-data.ts';

/** A frame or readout found in a text, in the form in which records keep it and decoders take it. */
export interface Recognized extends StoredData {
  /** "MBUS", "IEC62056-21", "WMBUS", "HDLC"; empty where the bytes say nothing of themselves. */
  readonly protocol: string;
  readonly identification: string;
  /** IEC 62056-21: the data block; everything else: upper-case hex. */
  readonly data: string;
  /** IEC 62056-21: the whole message as it was given. */
  readonly message?: string;
  /** Where it begins in the text, counted from 0. */
  readonly line: number;
  /** Number of the log record it stands in, where it came from a listing of records. */
  readonly record?: number;
  /** What is known beside the data: name and value. */
  readonly facts: readonly (readonly [string, string])[];
  /** What is wrong with it, in sentences. */
  readonly problems: readonly string[];
}
