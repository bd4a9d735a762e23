import {
  again,
  changeAddress,
  findMeters,
  headCheck,
  otherRates,
  type ErrorRow,
  type Remedy,
} from '../../common/error-row.ts';
import { MeterError, type MeterErrorDetails } from '../../common/meter-error.ts';

/** Gateways and large devices need more than a second. */
const wait: Remedy = { label: 'Wait longer', atLeast: { timeoutMs: 3000 } };
/** Two devices on one bus time out in turn without it. */
const rest: Remedy = { label: 'Longer rest between frames', atLeast: { turnaroundMs: 100 } };
const even: Remedy = { label: 'With even parity', where: { framing: ['', '8N1', '8O1'] }, set: { framing: '8E1' } };
// The second stop bit is a pause to whoever expects one only.
const none: Remedy = { label: 'Without parity', where: { framing: ['8E1'] }, set: { framing: '8N2' } };

const remedies = {
  plain: [again, headCheck],
  address: [changeAddress],
  silence: [again, wait, even, none, otherRates, rest, findMeters],
  damaged: [again, rest, even, none, otherRates],
  refused: [again, changeAddress],
} as const satisfies Record<string, readonly Remedy[]>;

/** Modbus rows of the error-code table (SmartCOM manual, 3.8), in our words. */
export const modbusErrors: readonly ErrorRow[] = [
  {
    code: 196608,
    text: 'Internal error of the Modbus module',
    headline: 'The read broke off.',
    advice: 'Read again; if it comes back, report it with the trace.',
    remedies: remedies.plain,
    repeat: 'worth it',
  },
  {
    code: 196609,
    text: 'Reading ended by the user',
    headline: 'Stopped.',
    advice: 'Nothing is wrong; read again when you are ready.',
    remedies: [],
    repeat: 'never',
    stopped: true,
  },
  {
    code: 196610,
    text: 'The address text is not in the Modbus form',
    headline: 'This address cannot be sent.',
    advice: 'Write <address>@<baud>[<size>,<command>:<memory>:<count>,…], e.g. 1@9600[2,04:0000:2].',
    remedies: remedies.address,
    repeat: 'never',
  },
  {
    code: 196611,
    text: 'The port could not be set up',
    headline: 'The port did not take the settings.',
    advice: 'Check that the adapter is plugged in, granted and not used by another program.',
    remedies: remedies.plain,
    repeat: 'worth it',
  },
  {
    code: 196612,
    text: 'The request could not be sent',
    headline: 'The port did not send.',
    advice: 'Unplug the adapter and plug it in again.',
    remedies: remedies.plain,
    repeat: 'worth it',
  },
  {
    code: 196613,
    text: 'The request did not leave the port in time',
    headline: 'The port did not send.',
    advice: 'Another program may block the port, or the adapter hangs; plug it in again.',
    remedies: remedies.plain,
    repeat: 'worth it',
  },
  {
    code: 196614,
    text: 'The meter did not answer in time',
    headline: 'No answer at {rate}.',
    advice: 'Check unit address, baud rate, parity and the A/B wires; one wrong setting is enough for silence.',
    remedies: remedies.silence,
    repeat: 'worth it',
  },
  {
    code: 196615,
    text: 'The answer was damaged (length or CRC)',
    headline: 'The answer is damaged.',
    advice: 'Check parity and stop bits, termination and cable; two units with the same address answer at once.',
    remedies: remedies.damaged,
    repeat: 'worth it',
  },
  {
    code: 196616,
    text: 'The result is larger than a record may be',
    headline: 'This is too much for one reading.',
    advice: 'Ask for fewer registers in one reading.',
    remedies: remedies.address,
    repeat: 'never',
  },
  {
    code: 196640,
    text: 'The answer is in no known Modbus form',
    headline: 'The meter does not give that.',
    advice:
      'The meter may refuse the function or register: look at the exception code in the trace and at its register map.',
    remedies: remedies.refused,
    repeat: 'worth it',
  },
];

const byCode = new Map(modbusErrors.map((row) => [row.code, row]));

/** The MeterError of a row of the table; `seen` says what this case looks like and replaces the row's text. */
export function modbusError(code: number, seen?: string, details: MeterErrorDetails = {}): MeterError {
  const row = byCode.get(code);
  return new MeterError(code, seen ?? (row ? `${row.text}.` : ''), { hint: row?.advice ?? '', ...details });
}
