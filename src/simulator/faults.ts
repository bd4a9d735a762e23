/** What can go wrong at a simulated meter, its head or its adapter, and what it is called where people choose it. */
export const faultLabels = {
  silent: 'The meter does not answer',
  echo: 'The head echoes what is sent',
  noise: 'The line is noisy: a bit is wrong now and then',
  'wrong-bcc-once': 'The block check is wrong the first time, right when repeated',
  'wrong-bcc': 'The block check is always wrong',
  'stays-at-first-rate': 'The meter announces a higher rate and stays at its first one',
  'stops-in-mid-readout': 'The meter stops in the middle of the readout',
  'port-lost': 'The adapter is pulled out in the middle of the readout',
  'wrong-parity': 'The meter sends odd parity',
  'no-parity': 'The meter sends no parity (8N1)',
  'garbage-before-answer': 'Stray characters come before every answer',
  'slow-reaction': 'The meter takes 1.4 s to answer',
  'ignores-acknowledge': 'The meter does not hear the acknowledge and reads out at its first rate',
  'long-gap': 'The meter pauses for 2 s in the middle of the readout',
} as const;

export type Fault = keyof typeof faultLabels;

export const faults = Object.keys(faultLabels) as readonly Fault[];

/** Asked whenever it matters, so that a fault takes hold the moment it is switched on. */
export type Faults = () => ReadonlySet<Fault>;

export function isFault(text: string): text is Fault {
  return Object.hasOwn(faultLabels, text);
}
