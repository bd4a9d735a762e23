import { again, changeAddress, headCheck, otherRates, type ErrorRow, type Remedy } from '../../common/error-row.ts';
import { MeterError, type MeterErrorDetails } from '../../common/meter-error.ts';

const addressForm = 'Write <address>[@<baud>]|<command>,…, e.g. 5@9600|S:F:12.';
const sending = 'Unplug the adapter and plug it in again; no other program may use the port.';
const silence = 'Check station address (0–63), 9600 Bd 8E1, the wires and the power of the unit.';
const otherStation = 'Another station may answer; make sure that every address on the line is used once.';
const damaged = 'Check parity (even), termination and cable; two stations may talk at once.';
const oversize = 'Ask for less with one command.';

/** Stations drop a request whose check sum is wrong to them. */
const otherSum: Remedy = { label: 'With the other check sum', set: { checkSum: 'ones' } };
const wait: Remedy = { label: 'Wait longer', atLeast: { timeoutMs: 3000 } };
const rest: Remedy = { label: 'Longer rest before requests', atLeast: { turnaroundMs: 100 } };
const even: Remedy = { label: 'With even parity', where: { framing: ['8N1', '8O1'] }, set: { framing: '8E1' } };
// The second stop bit is a pause to whoever expects one only.
const none: Remedy = { label: 'Without parity', where: { framing: ['8E1'] }, set: { framing: '8N2' } };

const remedies = {
  plain: [again, headCheck],
  address: [changeAddress],
  silence: [again, wait, none, otherSum, otherRates],
  damaged: [again, rest, even, none, otherRates],
  other: [again, rest],
  form: [again, changeAddress],
} as const satisfies Record<string, readonly Remedy[]>;

/** INMAT rows of the error-code table (SmartCOM manual, 3.8), in our words. */
export const inmatErrors: readonly ErrorRow[] = [
  {
    code: 4194304,
    text: 'Internal error of the INMAT module',
    headline: 'The read broke off.',
    advice: 'Read again; if it comes back, report it with the trace.',
    remedies: remedies.plain,
    repeat: 'worth it',
  },
  {
    code: 4194305,
    text: 'Reading ended by the user',
    headline: 'Stopped.',
    advice: 'Nothing is wrong; read again when you are ready.',
    remedies: [],
    repeat: 'never',
    stopped: true,
  },
  {
    code: 4194306,
    text: 'The address text is empty or too long',
    headline: 'This address cannot be sent.',
    advice: addressForm,
    remedies: remedies.address,
    repeat: 'never',
  },
  {
    code: 4194307,
    text: 'The station address or baud rate in the address text is wrong',
    headline: 'This address cannot be sent.',
    advice: addressForm,
    remedies: remedies.address,
    repeat: 'never',
  },
  {
    code: 4194308,
    text: 'A command in the address text is wrong',
    headline: 'A command cannot be sent.',
    advice: 'Commands are I, S:type:INX, E:type:INX:IY:IX, B:type:INX:IY:IX:NY:NX and M:offset:segment:count.',
    remedies: remedies.address,
    repeat: 'never',
  },
  {
    code: 4194309,
    text: 'The port could not be set up',
    headline: 'The port did not take the settings.',
    advice: 'Check that the adapter is plugged in, granted and not used by another program.',
    remedies: remedies.plain,
    repeat: 'worth it',
  },
  {
    code: 4194310,
    text: 'The status request could not be sent',
    headline: 'The port did not send.',
    advice: sending,
    remedies: remedies.plain,
    repeat: 'worth it',
  },
  {
    code: 4194311,
    text: 'The status request did not leave the port in time',
    headline: 'The port did not send.',
    advice: sending,
    remedies: remedies.plain,
    repeat: 'worth it',
  },
  {
    code: 4194312,
    text: 'No answer to the status request',
    headline: 'No answer at {rate}.',
    advice: silence,
    remedies: remedies.silence,
    repeat: 'worth it',
  },
  {
    code: 4194313,
    text: 'The answer to the status request is of the wrong frame type',
    headline: 'Something else answers.',
    advice: otherStation,
    remedies: remedies.other,
    repeat: 'worth it',
  },
  {
    code: 4194314,
    text: 'The answer to the status request is meant for another station',
    headline: 'The answer is for another station.',
    advice: otherStation,
    remedies: remedies.other,
    repeat: 'worth it',
  },
  {
    code: 4194315,
    text: 'The answer to the status request comes from another station',
    headline: 'Another station answers.',
    advice: otherStation,
    remedies: remedies.other,
    repeat: 'worth it',
  },
  {
    code: 4194316,
    text: 'The answer to the status request has an unexpected frame control',
    headline: 'The station is not ready.',
    advice: 'The station is not ready; wait and read again.',
    remedies: remedies.other,
    repeat: 'worth it',
  },
  {
    code: 4194317,
    text: 'The station signals an unknown error in answer to a data request',
    headline: 'The station signals an error.',
    advice: 'Look at the frame control in the trace.',
    remedies: remedies.form,
    repeat: 'worth it',
  },
  {
    code: 4194318,
    text: 'The data answer has an unexpected frame control',
    headline: 'The answer is in no known form.',
    advice: 'Look at the frame control in the trace.',
    remedies: remedies.form,
    repeat: 'worth it',
  },
  {
    code: 4194319,
    text: 'The data request could not be sent',
    headline: 'The port did not send.',
    advice: sending,
    remedies: remedies.plain,
    repeat: 'worth it',
  },
  {
    code: 4194320,
    text: 'The data request did not leave the port in time',
    headline: 'The port did not send.',
    advice: sending,
    remedies: remedies.plain,
    repeat: 'worth it',
  },
  {
    code: 4194321,
    text: 'No answer to the data request',
    headline: 'The station does not answer the request.',
    advice: 'The station answered before: check the command, then the line.',
    remedies: remedies.silence,
    repeat: 'worth it',
  },
  {
    code: 4194322,
    text: 'The data answer is meant for another station',
    headline: 'The answer is for another station.',
    advice: otherStation,
    remedies: remedies.other,
    repeat: 'worth it',
  },
  {
    code: 4194323,
    text: 'The data answer comes from another station',
    headline: 'Another station answers.',
    advice: otherStation,
    remedies: remedies.other,
    repeat: 'worth it',
  },
  {
    code: 4194324,
    text: 'The data answer has an unexpected response code',
    headline: 'The answer is in no known form.',
    advice: 'Check variable index and type against the list of the station’s program.',
    remedies: remedies.form,
    repeat: 'never',
  },
  {
    code: 4194325,
    text: 'The result is larger than a record may be',
    headline: 'This is too much for one reading.',
    advice: oversize,
    remedies: remedies.address,
    repeat: 'never',
  },
  {
    code: 4194561,
    text: 'The answer does not begin with a start character',
    headline: 'The answer is damaged.',
    advice: damaged,
    remedies: remedies.damaged,
    repeat: 'worth it',
  },
  {
    code: 4194562,
    text: 'The second start character of the answer is wrong',
    headline: 'The answer is damaged.',
    advice: damaged,
    remedies: remedies.damaged,
    repeat: 'worth it',
  },
  {
    code: 4194563,
    text: 'The end character of the answer is wrong',
    headline: 'The answer is damaged.',
    advice: damaged,
    remedies: remedies.damaged,
    repeat: 'worth it',
  },
  {
    code: 4194564,
    text: 'The checksum of the answer is wrong',
    headline: 'The answer is damaged.',
    advice: damaged,
    remedies: remedies.damaged,
    repeat: 'worth it',
  },
  {
    code: 4194565,
    text: 'The two length characters of the answer differ',
    headline: 'The answer is damaged.',
    advice: damaged,
    remedies: remedies.damaged,
    repeat: 'worth it',
  },
  {
    code: 4194566,
    text: 'The length of the answer is impossible',
    headline: 'The answer is damaged.',
    advice: damaged,
    remedies: remedies.damaged,
    repeat: 'worth it',
  },
  {
    code: 4194567,
    text: 'The answer is longer than a frame may be',
    headline: 'The line does not fall silent.',
    advice: oversize,
    remedies: remedies.damaged,
    repeat: 'worth it',
  },
];

const byCode = new Map(inmatErrors.map((row) => [row.code, row]));

/** The MeterError of a row of the table; `seen` says what this case looks like and replaces the row's text. */
export function inmatError(code: number, seen?: string, details: MeterErrorDetails = {}): MeterError {
  const row = byCode.get(code);
  return new MeterError(code, seen ?? (row ? `${row.text}.` : ''), { hint: row?.advice ?? '', ...details });
}
