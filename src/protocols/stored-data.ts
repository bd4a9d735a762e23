import type { Circumstances } from '../common/readout.ts';

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
