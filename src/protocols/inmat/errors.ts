import type { ErrorEntry } from '../../common/meter-error.ts';

/** INMAT rows of the error-code table (SmartCOM manual, 3.8), in our words. */
const addressForm = 'Write <address>[@<baud>]|<command>,…, e.g. 5@9600|S:F:12.';
const sending = 'Unplug the adapter and plug it in again; no other program may use the port.';
const silence = 'Check station address (0–63), 9600 Bd 8E1, the wires and the power of the unit.';
const otherStation = 'Another station may answer; make sure that every address on the line is used once.';
const damaged = 'Check parity (even), termination and cable; two stations may talk at once.';
const oversize = 'Ask for less with one command.';

export const inmatErrors: readonly ErrorEntry[] = [
  {
    code: 4194304,
    text: 'Internal error of the INMAT module',
    advice: 'Read again; if it comes back, report it with the trace.',
  },
  { code: 4194305, text: 'Reading ended by the user', advice: 'Nothing is wrong; read again when you are ready.' },
  { code: 4194306, text: 'The address text is empty or too long', advice: addressForm },
  { code: 4194307, text: 'The station address or baud rate in the address text is wrong', advice: addressForm },
  {
    code: 4194308,
    text: 'A command in the address text is wrong',
    advice: 'Commands are I, S:type:INX, E:type:INX:IY:IX, B:type:INX:IY:IX:NY:NX and M:offset:segment:count.',
  },
  {
    code: 4194309,
    text: 'The port could not be set up',
    advice: 'Check that the adapter is plugged in, granted and not used by another program.',
  },
  { code: 4194310, text: 'The status request could not be sent', advice: sending },
  { code: 4194311, text: 'The status request did not leave the port in time', advice: sending },
  { code: 4194312, text: 'No answer to the status request', advice: silence },
  { code: 4194313, text: 'The answer to the status request is of the wrong frame type', advice: otherStation },
  { code: 4194314, text: 'The answer to the status request is meant for another station', advice: otherStation },
  { code: 4194315, text: 'The answer to the status request comes from another station', advice: otherStation },
  {
    code: 4194316,
    text: 'The answer to the status request has an unexpected frame control',
    advice: 'The station is not ready; wait and read again.',
  },
  {
    code: 4194317,
    text: 'The station signals an unknown error in answer to a data request',
    advice: 'Look at the frame control in the trace.',
  },
  {
    code: 4194318,
    text: 'The data answer has an unexpected frame control',
    advice: 'Look at the frame control in the trace.',
  },
  { code: 4194319, text: 'The data request could not be sent', advice: sending },
  { code: 4194320, text: 'The data request did not leave the port in time', advice: sending },
  {
    code: 4194321,
    text: 'No answer to the data request',
    advice: 'The station answered before: check the command, then the line.',
  },
  { code: 4194322, text: 'The data answer is meant for another station', advice: otherStation },
  { code: 4194323, text: 'The data answer comes from another station', advice: otherStation },
  {
    code: 4194324,
    text: 'The data answer has an unexpected response code',
    advice: 'Check variable index and type against the list of the station’s program.',
  },
  { code: 4194325, text: 'The result is larger than a record may be', advice: oversize },
  { code: 4194561, text: 'The answer does not begin with a start character', advice: damaged },
  { code: 4194562, text: 'The second start character of the answer is wrong', advice: damaged },
  { code: 4194563, text: 'The end character of the answer is wrong', advice: damaged },
  { code: 4194564, text: 'The checksum of the answer is wrong', advice: damaged },
  { code: 4194565, text: 'The two length characters of the answer differ', advice: damaged },
  { code: 4194566, text: 'The length of the answer is impossible', advice: damaged },
  { code: 4194567, text: 'The answer is longer than a frame may be', advice: oversize },
];
