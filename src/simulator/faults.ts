/** What can go wrong at a simulated meter, its head or its adapter. Words for people are in `views/settings`. */
export const faults = [
  'silent',
  'echo',
  'noise',
  'wrong-bcc-once', // right when repeated
  'wrong-bcc',
  'stays-at-first-rate', // having announced a higher one
  'stops-in-mid-readout',
  'port-lost', // in the middle of the readout
  'wrong-parity', // odd
  'no-parity', // 8N1
  'garbage-before-answer',
  'slow-reaction', // 1.4 s
  'ignores-acknowledge', // reads out at its first rate, as where nobody acknowledges
  'other-firmware', // of a board that can be loaded with any
  'contact-bounce',
  'long-gap', // 2 s in the middle of the readout
] as const;

export type Fault = (typeof faults)[number];

/** Asked whenever it matters, so that a fault takes hold the moment it is switched on. */
export type Faults = () => ReadonlySet<Fault>;

export function isFault(text: string): text is Fault {
  return (faults as readonly string[]).includes(text);
}
