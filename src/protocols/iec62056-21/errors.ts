import { MeterError } from '../../common/meter-error.ts';
import type { ErrorEntry, MeterErrorDetails } from '../../common/meter-error.ts';

/** Code, meaning and advice by a name that reads well where an error is raised (codes: SmartCOM manual, 3.8). */
const table = {
  'internal error': {
    code: 65536,
    text: 'Internal error of the protocol module',
    advice: 'Read again; if it stays, copy the trace and report it.',
  },
  'stopped by user': {
    code: 65537,
    text: 'The readout was stopped by the user',
    advice: 'Start it again when you are ready.',
  },
  'bad address': {
    code: 65538,
    text: 'The address of the meter is not written as it must be',
    advice: 'Write it as <address>[@<baud rate>][%R]: at most 32 characters, without / ? and !.',
  },
  'unsupported baud character': {
    code: 65539,
    text: 'The meter names its baud rate by a character that stands for none',
    advice: 'Read once more; if it stays, choose “Stay at the first rate” (switch %R).',
  },
  'baud rate not set': {
    code: 65540,
    text: 'The port could not be set to the first baud rate',
    advice: 'Check that the adapter is plugged in, not used elsewhere, and able to do this rate.',
  },
  'identification timeout': {
    code: 65541,
    text: 'No identification message came from the meter in time',
    advice:
      'Check the seat of the head, the address, the first baud rate and whether the meter must be woken up (button, lamp or wake-up message).',
  },
  'unsupported mode': {
    code: 65542,
    text: 'The meter uses a protocol mode that is not supported',
    advice: 'Choose the mode by hand in the settings of the meter.',
  },
  'acknowledge timeout': {
    code: 65543,
    text: 'No answer to the acknowledgement/option select message in time',
    advice:
      'Choose “Stay at the first rate” (switch %R), or lengthen the wait before the acknowledge and before the baud change.',
  },
  'new baud rate not set': {
    code: 65544,
    text: 'The port could not be switched to the baud rate agreed with the meter',
    advice: 'Choose “Stay at the first rate” (switch %R) or use another adapter.',
  },
  'character timeout': {
    code: 65545,
    text: 'The message broke off: too long a pause between two characters',
    advice: 'Check the seat of the head and keep it still; lengthen “Gap between characters” for a slow meter.',
  },
  'message timeout': {
    code: 65546,
    text: 'The next message did not come in time',
    advice: 'Read again; wait longer if the meter is slow.',
  },
  'manufacturer character': {
    code: 65793,
    text: 'A character in the manufacturer field of the identification message is not allowed there',
    advice: 'Check the seat of the head, the first baud rate and the parity, then read again.',
  },
  'baud rate character': {
    code: 65794,
    text: 'A character in the baud rate field of the identification message is not allowed there',
    advice: 'Check the seat of the head and the parity, then read again.',
  },
  'identification character': {
    code: 65795,
    text: 'A character in the identification field of the identification message is not allowed there',
    advice: 'Check the seat of the head and the parity, then read again.',
  },
  'identification end': {
    code: 65796,
    text: 'The identification message does not end with CR LF',
    advice: 'Check the seat of the head, then read again.',
  },
  'block character': {
    code: 66049,
    text: 'A character in the data block is not allowed there',
    advice: 'Check the seat of the head and the parity, then read again; the data was kept.',
  },
  'block too long': {
    code: 66050,
    text: 'The data block is longer than the buffer',
    advice: 'Read single registers or a shorter profile, or raise the limit.',
  },
  'block end': {
    code: 66051,
    text: "Something other than CR LF follows the closing '!' of the data message",
    advice: 'Read again; the data was kept.',
  },
  ETX: {
    code: 66052,
    text: 'Something other than ETX stands at the end of the data message',
    advice: 'Read again; the data was kept.',
  },
  'block check': {
    code: 66053,
    text: 'The block check character does not match the data',
    advice:
      'Read again. If it fails every time, the meter computes it in its own way: choose “Warn and keep the data” or “Seven-bit sum” for its check character.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type IecErrorName = keyof typeof table;

/** The protocol's rows of the error-code table, ascending. */
export const iecErrors: readonly ErrorEntry[] = Object.values(table);

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
