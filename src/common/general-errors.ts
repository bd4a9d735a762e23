import { again, headCheck, type ErrorRow } from './error-row.ts';

/** Codes 0–4 of the SmartCOM, the same for every protocol (its manual, 3.8). */
export const generalErrors: readonly ErrorRow[] = [
  {
    code: 0,
    text: 'No error',
    headline: 'All is well.',
    advice: '',
    remedies: [],
    repeat: 'never',
  },
  {
    code: 1,
    text: 'What was to be read could not be handed to the protocol',
    headline: 'The settings of this read do not fit.',
    advice: 'Check the address and the parameters of the read.',
    remedies: [],
    repeat: 'never',
  },
  {
    code: 2,
    text: 'What was read could not be taken over from the protocol',
    headline: 'The reading could not be kept.',
    advice: 'Read again; if it stays, copy the trace and report it.',
    remedies: [again],
    repeat: 'worth it',
  },
  {
    code: 3,
    text: 'This protocol cannot be used on this port',
    headline: 'This port cannot do that.',
    advice: 'Choose another port, or another protocol for this one.',
    remedies: [],
    repeat: 'never',
  },
  {
    code: 4,
    text: 'The read was not started',
    headline: 'The port did not open.',
    advice: 'Check that the port is connected and not in use by another program or window.',
    remedies: [again, headCheck],
    repeat: 'worth it',
  },
];
