import { MeterError } from '../../common/meter-error.ts';
import type { MeterErrorDetails } from '../../common/meter-error.ts';
import {
  again,
  anyMeter,
  changeAddress,
  headCheck,
  otherRates,
  type ErrorRow,
  type Remedy,
} from '../../common/error-row.ts';

/** Nothing is sent to a meter that pushes. */
const ASKING = ['auto', 'A', 'B', 'C'];

const wake: Remedy = { label: 'Try waking', set: { wakeUp: 'standard' }, where: { wakeUp: ['none'], mode: ASKING } };
const wakeAtOnce: Remedy = {
  label: 'Wake without a pause',
  set: { wakeUp: 'immediate' },
  where: { wakeUp: ['standard'], mode: ASKING },
};
const stay: Remedy = { label: 'Stay at {rate}', set: { denyHigherRate: true }, unless: '%R' };
/** How long the slowest meters have needed. */
const wait: Remedy = { label: 'Wait longer', atLeast: { timeoutMs: 5000, interCharacterMs: 4000 } };
/** Loses nothing where the meter computes its check sum in its own way. */
const onlyWarn: Remedy = {
  label: 'Read and only warn',
  set: { blockCheck: 'warn' },
  where: { blockCheck: ['strict', 'sum7'] },
  seen: 'ownCheck',
};

const remedies = {
  plain: [again, headCheck],
  address: [changeAddress],
  silence: [anyMeter, again, wake, wakeAtOnce, otherRates, wait, headCheck],
  broken: [again, wait, headCheck],
  stay: [again, stay, wait, headCheck],
  rates: [again, otherRates, headCheck],
  check: [again, onlyWarn, headCheck],
} as const satisfies Record<string, readonly Remedy[]>;

/** Code, meaning and advice by a name that reads well where an error is raised (codes: SmartCOM manual, 3.8). */
const table = {
  'internal error': {
    code: 65536,
    text: 'Internal error of the protocol module',
    headline: 'The read broke off.',
    advice: 'Read again; if it stays, copy the trace and report it.',
    remedies: remedies.plain,
    repeat: 'worth it',
  },
  'stopped by user': {
    code: 65537,
    text: 'The readout was stopped by the user',
    headline: 'Stopped.',
    advice: 'Start it again when you are ready.',
    remedies: [],
    repeat: 'never',
    stopped: true,
  },
  'bad address': {
    code: 65538,
    text: 'The address of the meter is not written as it must be',
    headline: 'This address cannot be sent.',
    advice: 'Write it as <address>[@<baud rate>][%R]: at most 32 characters, without / ? and !.',
    remedies: remedies.address,
    repeat: 'never',
  },
  'unsupported baud character': {
    code: 65539,
    text: 'The meter names its baud rate by a character that stands for none',
    headline: 'The meter offers a rate nobody knows.',
    advice: 'Read once more; if it stays, choose “Stay at the first rate” (switch %R).',
    remedies: remedies.stay,
    repeat: 'worth it',
  },
  'baud rate not set': {
    code: 65540,
    text: 'The port could not be set to the first baud rate',
    headline: 'The port did not take the rate.',
    advice: 'Check that the adapter is plugged in, not used elsewhere, and able to do this rate.',
    remedies: remedies.plain,
    repeat: 'worth it',
  },
  'identification timeout': {
    code: 65541,
    text: 'No identification message came from the meter in time',
    headline: 'No answer at {rate}.',
    advice:
      'Check the seat of the head, the address, the first baud rate and whether the meter must be woken up (button, lamp or wake-up message).',
    remedies: remedies.silence,
    repeat: 'worth it',
  },
  'unsupported mode': {
    code: 65542,
    text: 'The meter uses a protocol mode that is not supported',
    headline: 'The meter speaks another mode.',
    advice: 'Choose the mode by hand in the settings of the meter.',
    remedies: remedies.plain,
    repeat: 'never',
  },
  'acknowledge timeout': {
    code: 65543,
    text: 'No answer to the acknowledgement/option select message in time',
    headline: 'Silence after the acknowledge.',
    advice:
      'Choose “Stay at the first rate” (switch %R), or lengthen the wait before the acknowledge and before the baud change.',
    remedies: remedies.stay,
    repeat: 'worth it',
  },
  'new baud rate not set': {
    code: 65544,
    text: 'The port could not be switched to the baud rate agreed with the meter',
    headline: 'The port did not take the rate.',
    advice: 'Choose “Stay at the first rate” (switch %R) or use another adapter.',
    remedies: remedies.plain,
    repeat: 'worth it',
  },
  'character timeout': {
    code: 65545,
    text: 'The message broke off: too long a pause between two characters',
    headline: 'The answer broke off.',
    advice: 'Check the seat of the head and keep it still; lengthen “Gap between characters” for a slow meter.',
    remedies: remedies.broken,
    repeat: 'worth it',
  },
  'message timeout': {
    code: 65546,
    text: 'The next message did not come in time',
    headline: 'The data did not come.',
    advice: 'Read again; wait longer if the meter is slow.',
    remedies: remedies.stay,
    repeat: 'worth it',
  },
  'manufacturer character': {
    code: 65793,
    text: 'A character in the manufacturer field of the identification message is not allowed there',
    headline: 'The identification is garbled.',
    advice: 'Check the seat of the head, the first baud rate and the parity, then read again.',
    remedies: remedies.rates,
    repeat: 'worth it',
  },
  'baud rate character': {
    code: 65794,
    text: 'A character in the baud rate field of the identification message is not allowed there',
    headline: 'The identification is garbled.',
    advice: 'Check the seat of the head and the parity, then read again.',
    remedies: remedies.rates,
    repeat: 'worth it',
  },
  'identification character': {
    code: 65795,
    text: 'A character in the identification field of the identification message is not allowed there',
    headline: 'The identification is garbled.',
    advice: 'Check the seat of the head and the parity, then read again.',
    remedies: remedies.rates,
    repeat: 'worth it',
  },
  'identification end': {
    code: 65796,
    text: 'The identification message does not end with CR LF',
    headline: 'The identification is garbled.',
    advice: 'Check the seat of the head, then read again.',
    remedies: remedies.rates,
    repeat: 'worth it',
  },
  'block character': {
    code: 66049,
    text: 'A character in the data block is not allowed there',
    headline: 'The data is garbled.',
    advice: 'Check the seat of the head and the parity, then read again; the data was kept.',
    remedies: remedies.plain,
    repeat: 'worth it',
  },
  'block too long': {
    code: 66050,
    text: 'The data block is longer than the buffer',
    headline: 'More data than fits.',
    advice: 'Read single registers or a shorter profile, or raise the limit.',
    remedies: remedies.plain,
    repeat: 'never',
  },
  'block end': {
    code: 66051,
    text: "Something other than CR LF follows the closing '!' of the data message",
    headline: 'The data is garbled.',
    advice: 'Read again; the data was kept.',
    remedies: remedies.plain,
    repeat: 'worth it',
  },
  ETX: {
    code: 66052,
    text: 'Something other than ETX stands at the end of the data message',
    headline: 'The data is garbled.',
    advice: 'Read again; the data was kept.',
    remedies: remedies.plain,
    repeat: 'worth it',
  },
  'block check': {
    code: 66053,
    text: 'The block check character does not match the data',
    headline: 'The check character does not match.',
    advice:
      'Read again. If it fails every time, the meter computes it in its own way: choose “Warn and keep the data” or “Seven-bit sum” for its check character.',
    remedies: remedies.check,
    repeat: 'worth it',
  },
} as const satisfies Record<string, ErrorRow>;

export type IecErrorName = keyof typeof table;

/** The protocol's rows of the error-code table, ascending. */
export const iecErrors: readonly ErrorRow[] = Object.values(table);

export function iecErrorCode(name: IecErrorName): number {
  return table[name].code;
}

/**
 * A MeterError with the named code. `seen` says what was seen; the hint is the table's advice unless a better one is given.
 * `iecError('identification timeout', 'Nothing came in within 2500 ms')`
 */
export function iecError(name: IecErrorName, seen: string, details: MeterErrorDetails = {}): MeterError {
  return new MeterError(table[name].code, seen, { hint: table[name].advice, ...details });
}
