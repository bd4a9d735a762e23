import { toHex } from '../../common/bytes.ts';
import type { MeterError } from '../../common/meter-error.ts';
import type { LineSettings } from '../../line/line.ts';
import { modbusError } from './errors.ts';
import { exceptionAdvice, exceptionText } from './exceptions.ts';
import { REFUSED } from './frame.ts';
import { expectedData, type Reception } from './receiver.ts';

export type Answer =
  | { readonly kind: 'data'; readonly frame: Uint8Array }
  /** The device understood, and will not. */
  | { readonly kind: 'refused'; readonly frame: Uint8Array; readonly exception: number; readonly error: MeterError }
  | {
      readonly kind: 'silence' | 'other' | 'damaged';
      /** What came, as far as it is of an answer. */
      readonly bytes: Uint8Array;
      readonly error: MeterError;
    };

interface Waited {
  readonly line: LineSettings;
  readonly timeoutMs: number;
}

/** @param waited the longest wait for it, milliseconds, with what the line was set to */
export function answerOf(reception: Reception, request: Uint8Array, waited: Waited): Answer {
  const [unit = 0] = request;
  const none = new Uint8Array(0);
  switch (reception.kind) {
    case 'answer': {
      const { frame } = reception;
      if ((frame[1] ?? 0) < REFUSED) return { kind: 'data', frame };
      const exception = frame[2] ?? 0;
      return { kind: 'refused', frame, exception, error: refusal(request, exception) };
    }
    case 'silence': {
      const { line, timeoutMs } = waited;
      const error = modbusError(
        196614,
        `Unit ${unit} did not answer within ${timeoutMs} ms at ${line.baudRate} Bd ${line.framing}.`,
      );
      return { kind: 'silence', bytes: none, error };
    }
    case 'incomplete': {
      const of = reception.expected === undefined ? '' : ` of ${reception.expected}`;
      const error = modbusError(196615, `The answer stopped after ${reception.bytes.length}${of} bytes.`);
      return { kind: 'damaged', bytes: none, error };
    }
    case 'damaged':
      return { kind: 'damaged', bytes: reception.bytes, error: damage(reception) };
    case 'noise':
      return { kind: 'damaged', bytes: none, error: noise(reception.bytes) };
    case 'other':
      return { kind: 'other', bytes: reception.frame, error: otherError(reception, request) };
  }
}

/** "Unit 5 refuses 03 at 0100: it has no such address (exception 02)." */
function refusal(request: Uint8Array, exception: number): MeterError {
  const [unit = 0, command = 0] = request;
  const where = command <= 6 || command === 15 || command === 16 ? ` at ${toHex(request.subarray(2, 4))}` : '';
  return modbusError(
    196640,
    `Unit ${unit} refuses ${toHex(Uint8Array.of(command))}${where}: ${exceptionText(exception)}.`,
    { hint: exceptionAdvice(exception) },
  );
}

function damage({ bytes, badParity }: Extract<Reception, { kind: 'damaged' }>): MeterError {
  const why = badParity > 0 ? `${badParity} characters came with wrong parity` : 'its check (CRC) is wrong';
  return modbusError(196615, `${bytes.length} bytes of an answer came, and ${why}.`);
}

function noise(bytes: Uint8Array): MeterError {
  const constant = bytes.every((byte) => byte === bytes[0]) && (bytes[0] === 0 || bytes[0] === 0xff);
  return modbusError(
    196615,
    `${bytes.length} bytes came that are no answer: ${toHex(bytes.subarray(0, 16))}.`,
    constant ? { hint: 'A and B may be swapped, or the bus lacks its bias resistors.' } : {},
  );
}

function otherError({ frame, why }: Extract<Reception, { kind: 'other' }>, request: Uint8Array): MeterError {
  const [unit = 0, command = 0] = request;
  switch (why) {
    case 'echo':
      return modbusError(196614, 'Only the request itself came back: the adapter echoes, and no meter answered.');
    case 'unit':
      return modbusError(196614, `Unit ${frame[0] ?? 0} answered instead of unit ${unit}.`, {
        hint: 'A late answer of another meter, or a second master on the bus: make the rest between frames longer.',
      });
    case 'request':
      return modbusError(196614, `Unit ${unit} did not answer, and another master asks on this line.`, {
        hint: 'Only one may ask: end the other one, or read through it.',
      });
    case 'function':
      return modbusError(
        196640,
        `Unit ${unit} answered function ${toHex(frame.subarray(1, 2))} instead of ${toHex(Uint8Array.of(command))}.`,
      );
    case 'length': {
      const expected = expectedData(request);
      const seen =
        expected === undefined ? 'other values than were sent' : `${frame[2] ?? 0} data bytes instead of ${expected}`;
      return modbusError(196640, `Unit ${unit} answered with ${seen}.`, {
        hint: 'A late answer to an earlier request, or a device whose registers are not two bytes wide.',
      });
    }
  }
}
