/** Numbers of the messages under one key: none is given out twice, whatever happens between. */
export interface KeptCounter {
  /**
   * Eight bytes by chance, as old as the counter. Whoever else has the key has another one, and so have we for another
   * meter or way to it: no two messages are ever enciphered with the same key, title and number. Or the one by which the
   * meter has to know us.
   */
  readonly title: Uint8Array;
  /** The number that was given out last; undefined: none was. */
  readonly last: number | undefined;
  /** A number that is above all that were given out, and above `after`; it is on disk before it is told. */
  next(after: number): Promise<number>;
  /** Begins anew behind `last` under another title, so that numbers may come again. */
  renew(last: number): Promise<KeptCounter>;
}
