/** What is known of a key without opening it. */
export interface KeyEntry {
  /** Number of the meter, or the pattern of a group. */
  readonly of: string;
  /** Which one, as the protocols call it: "password". */
  readonly name: string;
  /** UTC milliseconds. */
  readonly setAt: number;
}

/** A meter that did not take a key. */
export interface Refusal {
  /** Of the meter, as it was asked for; empty where it has none. */
  readonly number: string;
  /** UTC milliseconds of the last time. */
  readonly at: number;
  /** In a row. */
  readonly times: number;
}

export interface NewKey {
  readonly of: string;
  readonly name: string;
  readonly bytes: Uint8Array;
}
