/** What is known of a key without opening it. */
export interface KeyEntry {
  /** Number of the meter, or the pattern of a group. */
  readonly of: string;
  /** Which one, as the protocols call it: "password". */
  readonly name: string;
  /** UTC milliseconds. */
  readonly setAt: number;
}

export interface NewKey {
  readonly of: string;
  readonly name: string;
  readonly bytes: Uint8Array;
}
