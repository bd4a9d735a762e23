/** What the log knows of itself; one row of the store `meta`, exact at every moment. */
export interface LogState {
  /**
   * Names this log for as long as it lives, over restarts and rebuilding; another one begins when everything was lost.
   * Sequence numbers and meter numbers mean something within their generation only. Empty before the first change.
   */
  readonly generation: string;
  /** Absent in a log that was never rebuilt from its second copy. */
  readonly rebuilt?: Rebuilt;
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
  readonly holes: Holes;
}

export interface Rebuilt {
  readonly times: number;
  /** Numbers from here on were given after it; some of them may have stood for records that were lost. */
  readonly nextSeq: number;
}

/** What is kept by sequence number is true as long as this stays the same. */
export function lifeOf({ generation, rebuilt }: LogState): string {
  return `${generation} ${rebuilt?.times ?? 0}`;
}

/** The last deletion from the middle, where `firstSeq` alone does not tell what is gone. */
export interface Holes {
  readonly revision: number;
  /** The revision of the deletion before, so that an index that knows that one can follow; -1 where it has to be loaded. */
  readonly follows: number;
  /** The sequence numbers that went; empty where they are too many to be handed on. */
  readonly removed: readonly number[];
}

/** A log of less would be full after one long load profile, and lose the reading before it with every reading. */
export const LEAST_CAPACITY_BYTES = 1024 * 1024;

/** 16 MiB. */
export const DEFAULT_CAPACITY_BYTES = 16 * 1024 * 1024;

export const EMPTY_LOG: LogState = {
  generation: '',
  firstSeq: 1,
  nextSeq: 1,
  count: 0,
  usedBytes: 0,
  capacityBytes: DEFAULT_CAPACITY_BYTES,
  revision: 0,
  holes: { revision: 0, follows: -1, removed: [] },
};

export interface LogChannel {
  post(state: LogState): void;
  close(): void;
}

/** Tells other contexts of this browser the state after a change, and hears theirs; never one's own. */
export function openLogChannel(databaseName: string, onChange: (state: LogState) => void): LogChannel {
  const channel = new BroadcastChannel(`${databaseName}-log`);
  channel.onmessage = ({ data }: MessageEvent) => onChange(data as LogState);
  return {
    post: (state) => channel.postMessage(state),
    close: () => channel.close(),
  };
}
