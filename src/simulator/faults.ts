/** What can go wrong at a simulated meter, its head or its adapter. Words for people are in `views/settings`. */
export const faults = [
  'silent',
  /** The head returns what is sent. */
  'echo',
  /** A bit is wrong now and then. */
  'noise',
  /** Wrong the first time, right when repeated. */
  'wrong-bcc-once',
  'wrong-bcc',
  /** Announces a higher rate and does not switch. */
  'stays-at-first-rate',
  'stops-in-mid-readout',
  /** The adapter is pulled out in the middle of the readout. */
  'port-lost',
  /** Odd. */
  'wrong-parity',
  /** 8N1. */
  'no-parity',
  'garbage-before-answer',
  /** 1.4 s. */
  'slow-reaction',
  /** Reads out at its first rate, as it does where nobody acknowledges. */
  'ignores-acknowledge',
  /** 2 s in the middle of the readout. */
  'long-gap',
] as const;

export type Fault = (typeof faults)[number];

/** Asked whenever it matters, so that a fault takes hold the moment it is switched on. */
export type Faults = () => ReadonlySet<Fault>;

export function isFault(text: string): text is Fault {
  return (faults as readonly string[]).includes(text);
}
