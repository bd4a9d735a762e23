import type { ErrorEntry } from '../../common/meter-error.ts';

/** A/D input rows of the error-code table (SmartCOM manual, 3.8), in our words. */
const damaged = 'Unplug the input module and plug it in again; check cable and baud rate.';

export const ainDinErrors: readonly ErrorEntry[] = [
  {
    code: 8388608,
    text: 'Internal error of the A/D input module',
    advice: 'Read again; if it comes back, report it with the trace.',
  },
  { code: 8388609, text: 'Reading ended by the user', advice: 'Nothing is wrong; read again when you are ready.' },
  {
    code: 8388610,
    text: 'The address text is not in the form of an input',
    advice: 'Write <1–3>/ADC/CAL, <1–3>/ADC/ABS, <1–3>/DIN, <1–3>/PULSE/ABS or <1–3>/PULSE/REL.',
  },
  {
    code: 8388611,
    text: 'The request to the input module could not be sent',
    advice: 'Check that the module is plugged in and granted.',
  },
  {
    code: 8388612,
    text: 'The request did not leave for the input module in time',
    advice: 'Another program may block it; plug it in again.',
  },
  {
    code: 8388613,
    text: 'The input module did not answer in time',
    advice: 'Wait five seconds after plugging in: the board restarts when it is opened.',
  },
  {
    code: 8388865,
    text: 'The input module sent an answer of the wrong type',
    advice: 'Check that the board runs the expected firmware (StandardFirmata).',
  },
  { code: 8388866, text: 'The answer of the input module is out of sequence', advice: 'Read again.' },
  { code: 8388867, text: 'The answer of the input module is too long', advice: damaged },
  { code: 8388868, text: 'The checksum of the input module’s answer is wrong', advice: damaged },
  { code: 8388869, text: 'The end of the input module’s answer is wrong', advice: damaged },
];
