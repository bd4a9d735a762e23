import { MeterError } from '../../../common/meter-error.ts';
import type { Span } from '../../protocol.ts';
import { titleIn } from '../security/ciphered.ts';

const [CONTROL_BYTES, NUMBER_BYTES] = [1, 4] as const;

/** The parts of an envelope, or the message as a whole. */
export function explainPush(bytes: Uint8Array): readonly Span[] {
  const whole: Span = { start: 0, end: bytes.length, text: 'message of a DLMS meter' };
  try {
    const envelope = titleIn(bytes);
    if (!envelope) return [whole];
    const title = 2 + envelope.title.length;
    const long = bytes[title] ?? 0;
    const control = title + 1 + (long > 0x80 ? long - 0x80 : 0);
    const number = control + CONTROL_BYTES;
    const text = number + NUMBER_BYTES;
    return [
      { start: 0, end: 2, text: 'general ciphering, length of the title' },
      { start: 2, end: title, text: 'system title of the meter' },
      { start: title, end: control, text: 'length' },
      { start: control, end: number, text: 'security control' },
      { start: number, end: text, text: 'invocation counter' },
      { start: text, end: bytes.length, text: 'enciphered message, and its tag where it has one' },
    ];
  } catch (error) {
    if (error instanceof MeterError) return [whole];
    throw error;
  }
}
