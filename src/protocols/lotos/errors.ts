import type { ErrorEntry } from '../../common/meter-error.ts';

/** LOTOS rows of the error-code table (SmartCOM manual, 3.8), in our words. */
export const lotosErrors: readonly ErrorEntry[] = [
  {
    code: 4259840,
    text: 'Internal error of the LOTOS module',
    advice: 'Read again; if it comes back, report it with the trace.',
  },
  { code: 4259841, text: 'Reading ended by the user', advice: 'Nothing is wrong; read again when you are ready.' },
  { code: 4259842, text: 'The address text is not empty', advice: 'A LOTOS 301 has no address: leave the text empty.' },
  {
    code: 4259843,
    text: 'The address text is in the wrong form',
    advice: 'A LOTOS 301 has no address: leave the text empty.',
  },
  {
    code: 4259844,
    text: 'The port could not be set up',
    advice: 'Check that the adapter is plugged in, granted and not used by another program.',
  },
  {
    code: 4259845,
    text: 'The meter is heard, but not all its values have come yet',
    advice: 'Wait for a whole cycle of the meter and read again.',
  },
  {
    code: 4259846,
    text: 'The result is larger than a record may be',
    advice: 'Check the line pattern: it may take noise for values.',
  },
  {
    code: 4259847,
    text: 'Nothing is heard from the meter',
    advice: 'The meter sends by itself: check its power, the wires, the baud rate and the framing.',
  },
];
