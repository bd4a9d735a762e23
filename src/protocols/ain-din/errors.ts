import { again, changeAddress, type ErrorRow, type Remedy } from '../../common/error-row.ts';
import { MeterError, type MeterErrorDetails } from '../../common/meter-error.ts';

const plain: readonly Remedy[] = [again];
const damaged = 'Unplug the input module and plug it in again; check cable and baud rate.';
const isDamaged = {
  headline: 'The input module’s answer is damaged.',
  advice: damaged,
  remedies: plain,
  repeat: 'worth it',
} as const;
const isNotSent = { headline: 'The port did not send.', remedies: plain, repeat: 'worth it' } as const;

/** A/D input rows of the error-code table (SmartCOM manual, 3.8), in our words. */
export const ainDinErrors: readonly ErrorRow[] = [
  {
    code: 8388608,
    text: 'Internal error of the A/D input module',
    headline: 'The read broke off.',
    advice: 'Read again; if it comes back, report it with the trace.',
    remedies: plain,
    repeat: 'worth it',
  },
  {
    code: 8388609,
    text: 'Reading ended by the user',
    headline: 'Stopped.',
    advice: 'Nothing is wrong; read again when you are ready.',
    remedies: [],
    repeat: 'never',
    stopped: true,
  },
  {
    code: 8388610,
    text: 'The address text is not in the form of an input',
    headline: 'This address is no input.',
    advice: 'Write <1–3>/ADC/CAL, <1–3>/ADC/ABS, <1–3>/DIN, <1–3>/PULSE/ABS or <1–3>/PULSE/REL.',
    remedies: [changeAddress],
    repeat: 'never',
  },
  {
    code: 8388611,
    text: 'The request to the input module could not be sent',
    advice: 'Check that the module is plugged in and granted.',
    ...isNotSent,
  },
  {
    code: 8388612,
    text: 'The request did not leave for the input module in time',
    advice: 'Another program may block it; plug it in again.',
    ...isNotSent,
  },
  {
    code: 8388613,
    text: 'The input module did not answer in time',
    headline: 'Nothing from the input module.',
    advice: 'Wait five seconds after plugging in: the board restarts when it is opened.',
    remedies: plain,
    repeat: 'worth it',
  },
  {
    code: 8388865,
    text: 'The input module sent an answer of the wrong type',
    headline: 'The input module does not give that.',
    advice: 'Check that the board runs the expected firmware (StandardFirmata).',
    remedies: [again, changeAddress],
    repeat: 'worth it',
  },
  { code: 8388866, text: 'The answer of the input module is out of sequence', ...isDamaged, advice: 'Read again.' },
  { code: 8388867, text: 'The answer of the input module is too long', ...isDamaged },
  { code: 8388868, text: 'The checksum of the input module’s answer is wrong', ...isDamaged },
  { code: 8388869, text: 'The end of the input module’s answer is wrong', ...isDamaged },
];

const byCode = new Map(ainDinErrors.map((row) => [row.code, row]));

/** The MeterError of a row of the table; `seen` says what this case looks like and replaces the row's text. */
export function inputsError(code: number, seen?: string, details: MeterErrorDetails = {}): MeterError {
  const row = byCode.get(code);
  return new MeterError(code, seen ?? (row ? `${row.text}.` : ''), { hint: row?.advice ?? '', ...details });
}
