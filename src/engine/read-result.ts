import type { AmsRecord } from '../log/record.ts';
import type { StorageFault } from '../log/storage-health.ts';

/** What became of a reading. */
export type ReadResult =
  | { readonly kept: true; readonly record: AmsRecord }
  /** Read, and nowhere but here: the log did not take it. */
  | { readonly kept: false; readonly unkept: UnkeptReading };

export interface UnkeptReading {
  /** With the sequence number 0, which no record of the log has. */
  readonly record: AmsRecord;
  /** 'refused': not the storage's; most of all a record larger than the whole log. 'slow': it has not answered yet. */
  readonly fault: StorageFault | 'refused' | 'slow';
  /** What the browser or the log said. */
  readonly message: string;
  /** It is tried again by itself for as long as the state has this among those that wait. */
  readonly waiting?: string;
}
