/** What some bytes mean, in one line; positions in bytes, half open. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}
