/** Whoever called Stop is answered after this at the latest, whatever hangs below. */
export const ANSWER_MS = 900;
/** So long may a wire be held to sign off. Then the port counts as stuck. */
export const FAREWELL_MS = 10_000;

/** What somebody wants of a wire. */
export interface Turn {
  /** A person goes before the schedule; equal ranks go in the order of asking. */
  readonly rank: 'person' | 'schedule';
  /** What it does, as it follows on "this port is": "reading". */
  readonly text: string;
  readonly signal: AbortSignal;
  /** It goes on until it is told to end: nobody waits for that, others are refused with a PortError 'busy'. */
  readonly holds?: boolean;
  /** What it waits for: what this port is doing, in words; `undefined` once its turn has come. */
  readonly onWait?: (forWhat: string | undefined) => void;
}

/** What a job has of its wire while it has it. */
export interface Seat {
  /** Aborts with the turn's signal; that of a listener also when a guest wants the wire. */
  readonly signal: AbortSignal;
  /** Says in words what is done now, in more detail than the turn. */
  say(text: string): void;
  /** Somebody waits for this wire. */
  isWanted(): boolean;
  /** Resolves when somebody waits for this wire. */
  wanted(): Promise<void>;
  /**
   * A safe point of a long job, with nothing half said and the port closed: lends the wire to all who wait, and to people
   * who come meanwhile. True if it was away. Rejects with the signal's reason, at once: then the wire is not its own.
   */
  rest(): Promise<boolean>;
  /**
   * Closes what the job opened. Resolves within {@link ANSWER_MS}; the wire is held until it is closed, and the port is
   * stuck where it never is.
   */
  close(close: () => Promise<void>): Promise<void>;
}

export interface WireState {
  /** What goes on now, as it follows on "this port is": what others wait for. */
  readonly doing: string;
  /** The same in the running job's own words of now: "asking *1FFFFFFF". */
  readonly text: string;
  readonly kind: 'busy' | 'held' | 'listening' | 'signing off' | 'stuck';
  readonly waiting: number;
}
