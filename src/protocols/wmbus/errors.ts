import { again, anyMeter, type ErrorRow } from '../../common/error-row.ts';
import { MeterError, type MeterErrorDetails } from '../../common/meter-error.ts';

const rows = {
  stopped: {
    code: 4456449,
    text: 'Listening ended by the user',
    headline: 'Stopped.',
    advice: 'Nothing is wrong; listen again when you are ready.',
    remedies: [],
    repeat: 'never',
    stopped: true,
  },
  address: {
    code: 4456450,
    text: 'The address text is wrong',
    headline: 'This address cannot be.',
    advice:
      'Write the number that the meter sends, eight digits, with the letters of its maker in front or without, or nothing: 12345678.',
    remedies: [anyMeter],
    repeat: 'never',
  },
  port: {
    code: 4456451,
    text: 'The port failed',
    headline: 'The port failed.',
    advice: 'Unplug the stick, wait for five seconds and plug it in again; no other program may use the port.',
    remedies: [again],
    repeat: 'worth it',
  },
  noStick: {
    code: 4456452,
    text: 'No radio stick answers on this port',
    headline: 'No radio stick answers.',
    advice:
      'Is it one of IMST, Amber, Würth, Radiocrafts, Embit or a CUL with firmware for wireless M-Bus? Unplug it, wait for five seconds and plug it in again.',
    remedies: [again],
    repeat: 'worth it',
  },
  refused: {
    code: 4456453,
    text: 'The stick refused to hear this mode',
    headline: 'The stick does not take this mode.',
    advice: 'Choose another radio mode in the settings, or look for newer firmware.',
    remedies: [{ label: 'Hear mode T', set: { linkMode: 'T' } }, again],
    repeat: 'never',
  },
  silent: {
    code: 4456454,
    text: 'No meter was heard',
    headline: 'No meter was heard.',
    advice: 'Go nearer, try another radio mode, or listen longer: some meters sleep at night and on weekends.',
    remedies: [again, { label: 'Hear mode S', set: { linkMode: 'S' } }],
    repeat: 'worth it',
  },
  other: {
    code: 4456455,
    text: 'Other meters spoke, and not this one',
    headline: 'Others were heard, and not this meter.',
    advice:
      'The number that a meter sends may be another one than the one on its plate. Listen without a number, or longer.',
    remedies: [anyMeter, again],
    repeat: 'worth it',
  },
} as const satisfies Record<string, ErrorRow>;

type Failure = keyof typeof rows;

/** Codes above 68 · 65536: a number of our own, since the SmartCOM has wireless M-Bus in a module of its own. */
export const wmbusErrors: readonly ErrorRow[] = Object.values(rows);

/** The MeterError of a row; `seen` says what this case looks like and replaces the row's text. */
export function wmbusError(failure: Failure, seen?: string, details: MeterErrorDetails = {}): MeterError {
  const { code, text, advice } = rows[failure];
  return new MeterError(code, seen ?? `${text}.`, { hint: advice, ...details });
}
