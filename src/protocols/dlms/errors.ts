import { again, changeAddress, findMeters, headCheck, otherRates, type ErrorRow } from '../../common/error-row.ts';
import { MeterError, type MeterErrorDetails } from '../../common/meter-error.ts';
import { PortError } from '../../line/port.ts';

const addressForm = 'Write <server>[/<physical>[/4]][@<baud>][|<object>,…], e.g. 1/17@9600|1-0:1.8.0,8:0-0:1.0.0.';
const silence =
  'Check head or wires, rate and server address. Some meters answer one length of address only: try 1, 1/17 and 1/17/4. After a read that broke off a meter may be deaf for two minutes.';

const rows = {
  failed: {
    code: 4325376,
    text: 'Internal error of the DLMS module',
    headline: 'The read broke off.',
    advice: 'Read again; if it comes back, report it with the trace.',
    remedies: [again, headCheck],
    repeat: 'worth it',
  },
  stopped: {
    code: 4325377,
    text: 'Reading ended by the user',
    headline: 'Stopped.',
    advice: 'Nothing is wrong; read again when you are ready.',
    remedies: [],
    repeat: 'never',
    stopped: true,
  },
  address: {
    code: 4325378,
    text: 'The address text is wrong',
    headline: 'This address cannot be sent.',
    advice: addressForm,
    remedies: [changeAddress],
    repeat: 'never',
  },
  port: {
    code: 4325379,
    text: 'The port failed',
    headline: 'The port failed.',
    advice: 'Unplug the adapter and plug it in again; no other program may use the port.',
    remedies: [again, headCheck],
    repeat: 'worth it',
  },
  silent: {
    code: 4325380,
    text: 'The meter did not answer',
    headline: 'The meter is silent.',
    advice: silence,
    remedies: [again, findMeters, otherRates, changeAddress, headCheck],
    repeat: 'worth it',
  },
  link: {
    code: 4325381,
    text: 'The meter refused a frame',
    headline: 'The meter and we lost step.',
    advice: 'Read again. If it comes back, the meter may take shorter frames only, or another client talks to it.',
    remedies: [again, changeAddress],
    repeat: 'worth it',
  },
  form: {
    code: 4325382,
    text: 'The answer cannot be understood',
    headline: 'The answer is not as the standard says.',
    advice: 'Read again; if it comes back, report it with the trace.',
    remedies: [again],
    repeat: 'worth it',
  },
  association: {
    code: 4325383,
    text: 'The meter refused the association',
    headline: 'The meter does not let us in.',
    advice:
      'Its password is kept at Settings, Passwords and keys. Or another client is wanted: 16 is the public one, 1 the management.',
    remedies: [again, findMeters, changeAddress],
    repeat: 'never',
  },
  access: {
    code: 4325384,
    text: 'The meter refused a request',
    headline: 'The meter refused what was asked.',
    advice: 'This client may not have the right, or the meter has no such object.',
    remedies: [again, changeAddress],
    repeat: 'never',
  },
  security: {
    code: 4325385,
    text: 'The answer could not be deciphered, or its tag is wrong',
    headline: 'A key does not fit.',
    advice: 'Compare the encryption key and the authentication key with those of the meter’s operator.',
    remedies: [again],
    repeat: 'never',
  },
  opening: {
    code: 4325386,
    text: 'The meter does not offer DLMS through its optical head',
    headline: 'The meter does not offer mode E.',
    advice: 'Read it with IEC 62056-21, or without the opening: some optical ports are in HDLC at once.',
    remedies: [{ label: 'Without the opening', set: { opening: 'direct' } }, again],
    repeat: 'never',
  },
  counter: {
    code: 4325387,
    text: 'The meter refused the number of our message',
    headline: 'The meter wants another message number.',
    advice:
      'Others read this meter with the same key, or it was given a new one. Its counter is read first by the public client (16), where it lets that.',
    remedies: [again],
    repeat: 'never',
  },
  'no key': {
    code: 4325388,
    text: 'A key of the meter is not known, or has another length',
    headline: 'A key is missing.',
    advice: 'Put it at Settings, Passwords and keys, for this meter or its group. Nothing was sent.',
    remedies: [again],
    repeat: 'never',
  },
} as const satisfies Record<string, ErrorRow>;

export type DlmsFailure = keyof typeof rows;

/** Codes above 66 · 65536: a number of our own, since the SmartCOM has none for DLMS. */
export const dlmsErrors: readonly ErrorRow[] = Object.values(rows);

/** The MeterError of a row; `seen` says what this case looks like and replaces the row's text. */
export function dlmsError(failure: DlmsFailure, seen?: string, details: MeterErrorDetails = {}): MeterError {
  const { code, text, advice } = rows[failure];
  return new MeterError(code, seen ?? `${text}.`, { hint: advice, ...details });
}

/** Every failure of a dialogue as a MeterError with a code of the table. */
export function asDlmsError(error: unknown, signal: AbortSignal): MeterError {
  if (error instanceof MeterError) return error;
  if (signal.aborted) return dlmsError('stopped', undefined, { cause: error });
  if (!(error instanceof PortError)) throw error;
  const hint = error.failure === 'lost' ? 'Is the cable still plugged in? What came before is kept.' : undefined;
  return dlmsError('port', `The port failed: ${error.message}`, { cause: error, ...(hint ? { hint } : {}) });
}
