/** What a scheduled reading has of its port while it has it. */
export interface Turn {
  readonly signal: AbortSignal;
  /** Between two tries: lends the port to whoever waits for it. True if it was away. */
  rest(): Promise<boolean>;
}

/**
 * Gives a reading the port of that number when all who came before it, and all people, have had it; two meters on one bus
 * never collide, whoever asks for them. Settles as the job does; resolves with the reason, in words, where the port can't
 * be had, and the job has not begun.
 */
export type TakeTurn<T extends Turn> = (
  port: number,
  job: (turn: T) => Promise<void>,
  signal: AbortSignal,
) => Promise<string | undefined>;
