import type { Fault } from '../../simulator/faults.ts';

/** The simulator's faults as switches; a fault without words here does not compile. */
export const faultWords: Readonly<Record<Fault, string>> = {
  silent: 'The meter does not answer',
  echo: 'The head echoes what is sent',
  noise: 'A bit is wrong now and then',
  'wrong-bcc-once': 'Check character wrong the first time',
  'wrong-bcc': 'Check character always wrong',
  'stays-at-first-rate': 'Announces a rate and stays at its first one',
  'stops-in-mid-readout': 'Stops in the middle of the readout',
  'port-lost': 'Adapter is pulled out in the middle of the readout',
  'wrong-parity': 'Sends odd parity',
  'no-parity': 'Sends no parity (8N1)',
  'garbage-before-answer': 'Stray characters before every answer',
  'slow-reaction': 'Takes 1.4 s to answer',
  'ignores-acknowledge': 'Does not hear the acknowledge',
  'other-firmware': 'The board runs another program',
  'contact-bounce': 'Contacts bounce',
  'long-gap': 'Pauses for 2 s in the middle of the readout',
};
