/** What the log knows of itself; one row of the store `meta`, exact at every moment. */
export interface LogState {
  /** Everything below is gone. Equal to `nextSeq` when the log is empty. */
  readonly firstSeq: number;
  /** The sequence number the next record gets. Never goes back, not even when everything is deleted. */
  readonly nextSeq: number;
  readonly count: number;
  /** Bytes, in the measure of `sizeOfRecord`. */
  readonly usedBytes: number;
  readonly capacityBytes: number;
  /** Incremented with every change. */
  readonly revision: number;
  /** The revision that last deleted records from the middle, where `firstSeq` alone does not tell what is gone. */
  readonly holesRevision: number;
}

/** 16 MiB. */
export const DEFAULT_CAPACITY_BYTES = 16 * 1024 * 1024;

export const EMPTY_LOG: LogState = {
  firstSeq: 1,
  nextSeq: 1,
  count: 0,
  usedBytes: 0,
  capacityBytes: DEFAULT_CAPACITY_BYTES,
  revision: 0,
  holesRevision: 0,
};

/** What is told to everyone after a change is on disk. */
export interface LogChange {
  readonly state: LogState;
  /** Sequence numbers taken out of the middle by this change, if any. */
  readonly removed: readonly number[];
}

export interface LogChannel {
  post(change: LogChange): void;
  close(): void;
}

/** Tells other contexts of this browser about changes, and hears theirs; never one's own. */
export function openLogChannel(databaseName: string, onChange: (change: LogChange) => void): LogChannel {
  const channel = new BroadcastChannel(`${databaseName}-log`);
  channel.onmessage = ({ data }: MessageEvent) => onChange(data as LogChange);
  return {
    post: (change) => channel.postMessage(change),
    close: () => channel.close(),
  };
}
