/** Rebuilding the database failed for a reason of the storage's or of the host's, not of the data: it may work the next time. */
export class RebuildFailed extends Error {
  readonly reason: DOMException;
  /** Files of the copy that a full store can have the room of: the database has every record in them. */
  readonly spare: readonly string[];
  constructor(reason: DOMException, spare: readonly string[] = []) {
    super(reason.message);
    this.reason = reason;
    this.spare = spare;
  }
}
