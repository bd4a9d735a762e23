/** How a command was answered. */
export type Reply =
  | { readonly kind: 'data'; readonly text: string }
  | { readonly kind: 'error'; readonly text: string; readonly words: string }
  | { readonly kind: 'ACK' }
  /** Also after repeats. */
  | { readonly kind: 'NAK' }
  /** `text`: blocks that came whole; `loose`: what came of the one that did not. */
  | { readonly kind: 'cut'; readonly text: string; readonly loose: string; readonly reason: string }
  /** Answers to something else came, and nothing but those. */
  | { readonly kind: 'other' }
  | { readonly kind: 'silence' };
