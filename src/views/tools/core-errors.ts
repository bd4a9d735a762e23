import type { ErrorEntry } from '../../protocols/common/meter-error.ts';

/** General AMS core errors, 0–4 (seed 001, "AMS Error Codes in Data Reading Lists"). */
export const coreErrors: readonly ErrorEntry[] = [
  { code: 0, text: 'No error', advice: 'Nothing to do.' },
  {
    code: 1,
    text: 'The protocol was given parameters it cannot use',
    advice: 'Check the address and the settings of the meter.',
  },
  {
    code: 2,
    text: 'The protocol could not hand over what it read',
    advice: 'Read again; if it stays, export the trace and report it.',
  },
  { code: 3, text: 'The protocol cannot be used on this port', advice: 'Choose another port for this meter.' },
  { code: 4, text: 'The read was not started', advice: 'Read again when the port is free.' },
];
