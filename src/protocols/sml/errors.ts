import { again, anyMeter, headCheck, otherRates, type ErrorRow } from '../../common/error-row.ts';
import { MeterError, type MeterErrorDetails } from '../../common/meter-error.ts';

const position =
  'Turn the head a little, lift it a millimeter or two, keep lamps and sunlight away, and let the cable hang down. Then look at the cable.';

const rows = {
  failed: {
    code: 4390912,
    text: 'Internal error of the SML module',
    headline: 'The read broke off.',
    advice: 'Read again; if it comes back, report it with the trace.',
    remedies: [again, headCheck],
    repeat: 'worth it',
  },
  stopped: {
    code: 4390913,
    text: 'Listening ended by the user',
    headline: 'Stopped.',
    advice: 'Nothing is wrong; listen again when you are ready.',
    remedies: [],
    repeat: 'never',
    stopped: true,
  },
  address: {
    code: 4390914,
    text: 'The address text is wrong',
    headline: 'This address cannot be.',
    advice: 'Write the number on the plate, a rate, or nothing: 1EMH0011261482, @9600.',
    remedies: [anyMeter],
    repeat: 'never',
  },
  port: {
    code: 4390915,
    text: 'The port failed',
    headline: 'The port failed.',
    advice: 'Unplug the adapter and plug it in again; no other program may use the port.',
    remedies: [again, headCheck],
    repeat: 'worth it',
  },
  silent: {
    code: 4390916,
    text: 'The meter sent nothing',
    headline: 'Nothing comes from this meter.',
    advice:
      'Look for the blinking infrared diode with the camera of a phone, and put the head on that one. Meters at the upper diode may need their PIN first.',
    remedies: [again, headCheck, otherRates],
    repeat: 'worth it',
  },
  noise: {
    code: 4390917,
    text: 'What came is no SML',
    headline: 'Something speaks, but not SML.',
    advice: position,
    remedies: [again, otherRates, headCheck],
    repeat: 'worth it',
  },
  damaged: {
    code: 4390918,
    text: 'Every transmission was damaged',
    headline: 'The meter is heard badly.',
    advice: position,
    remedies: [again, headCheck],
    repeat: 'worth it',
  },
  other: {
    code: 4390919,
    text: 'Another meter spoke',
    headline: 'That is another meter.',
    advice: 'Compare the number with the plate, or listen without one.',
    remedies: [anyMeter, again],
    repeat: 'worth it',
  },
  form: {
    code: 4390920,
    text: 'The transmission cannot be understood',
    headline: 'The transmission is not as the standard says.',
    advice: 'Listen again; if it comes back, report it with the trace.',
    remedies: [again],
    repeat: 'worth it',
  },
} as const satisfies Record<string, ErrorRow>;

export type SmlFailure = keyof typeof rows;

/** Codes above 67 · 65536: a number of our own, since the SmartCOM has none for SML. */
export const smlErrors: readonly ErrorRow[] = Object.values(rows);

/** The MeterError of a row; `seen` says what this case looks like and replaces the row's text. */
export function smlError(failure: SmlFailure, seen?: string, details: MeterErrorDetails = {}): MeterError {
  const { code, text, advice } = rows[failure];
  return new MeterError(code, seen ?? `${text}.`, { hint: advice, ...details });
}
