import type { ErrorEntry } from '../../common/meter-error.ts';

/** Modbus rows of the error-code table (SmartCOM manual, 3.8), in our words. */
export const modbusErrors: readonly ErrorEntry[] = [
  {
    code: 196608,
    text: 'Internal error of the Modbus module',
    advice: 'Read again; if it comes back, report it with the trace.',
  },
  { code: 196609, text: 'Reading ended by the user', advice: 'Nothing is wrong; read again when you are ready.' },
  {
    code: 196610,
    text: 'The address text is not in the Modbus form',
    advice: 'Write <address>@<baud>[<size>,<command>:<memory>:<count>,…], e.g. 1@9600[1,04:0000:2].',
  },
  {
    code: 196611,
    text: 'The port could not be set up',
    advice: 'Check that the adapter is plugged in, granted and not used by another program.',
  },
  { code: 196612, text: 'The request could not be sent', advice: 'Unplug the adapter and plug it in again.' },
  {
    code: 196613,
    text: 'The request did not leave the port in time',
    advice: 'Another program may block the port, or the adapter hangs; plug it in again.',
  },
  {
    code: 196614,
    text: 'The meter did not answer in time',
    advice: 'Check unit address, baud rate, parity and the A/B wires; one wrong setting is enough for silence.',
  },
  {
    code: 196615,
    text: 'The answer was damaged (length or CRC)',
    advice: 'Check parity and stop bits, termination and cable; two units with the same address answer at once.',
  },
  {
    code: 196616,
    text: 'The result is larger than a record may be',
    advice: 'Ask for fewer registers in one reading.',
  },
  {
    code: 196640,
    text: 'The answer is in no known Modbus form',
    advice:
      'The meter may refuse the function or register: look at the exception code in the trace and at its register map.',
  },
];
