import type { ErrorEntry } from './meter-error.ts';

/** Codes 0–4 of the SmartCOM, the same for every protocol (its manual, 3.8). */
export const generalErrors: readonly ErrorEntry[] = [
  { code: 0, text: 'No error', advice: '' },
  {
    code: 1,
    text: 'What was to be read could not be handed to the protocol',
    advice: 'Check the address and the parameters of the read.',
  },
  {
    code: 2,
    text: 'What was read could not be taken over from the protocol',
    advice: 'Read again; if it stays, copy the trace and report it.',
  },
  {
    code: 3,
    text: 'This protocol cannot be used on this port',
    advice: 'Choose another port, or another protocol for this one.',
  },
  {
    code: 4,
    text: 'The read was not started',
    advice: 'Check that the port is connected and not in use by another program or window.',
  },
];
