import { MeterError } from '../../common/meter-error.ts';
import { checkOf, type Check } from './checks.ts';
import { itemsOf, numberOf, octetsOf, readElement, type Element } from './element.ts';
import { smlError } from './errors.ts';

/** One SML message. Positions are those of the payload. */
export interface Message {
  readonly start: number;
  readonly end: number;
  /** Its six elements. */
  readonly whole: Element;
  readonly tag: number;
  readonly body: Element;
  readonly check: Check;
}

export interface Messages {
  readonly messages: readonly Message[];
  /** Why what follows the last of them could not be read; absent where it all could. */
  readonly fault?: MeterError;
}

const ELEMENTS = 6;
const [BODY, CHECK] = [3, 4];

export const OPEN_RESPONSE = 0x0101;
export const LIST_RESPONSE = 0x0701;
export const PROFILE_RESPONSE = 0x0401;
export const ATTENTION = 0xff01;

/** By tag, what a message is. */
export const messageNames: Readonly<Record<number, string>> = {
  0x0100: 'open request',
  [OPEN_RESPONSE]: 'open response',
  0x0200: 'close request',
  0x0201: 'close response',
  0x0300: 'profile pack request',
  0x0301: 'profile pack response',
  0x0400: 'profile list request',
  [PROFILE_RESPONSE]: 'profile list response',
  0x0500: 'parameter request',
  0x0501: 'parameter response',
  0x0600: 'parameter setting request',
  0x0700: 'list request',
  [LIST_RESPONSE]: 'list response',
  [ATTENTION]: 'attention response',
};

/** Every message in the payload, up to the first that can't be read. Never throws. */
export function messagesIn(payload: Uint8Array): Messages {
  const messages: Message[] = [];
  let at = 0;
  try {
    while (at < payload.length) {
      // Between messages some meters have a zero too many.
      if (payload[at] === 0) {
        at++;
        continue;
      }
      const message = messageAt(payload, at);
      messages.push(message);
      at = message.end;
    }
    return { messages };
  } catch (error) {
    if (!(error instanceof MeterError)) throw error;
    return { messages, fault: error };
  }
}

function messageAt(payload: Uint8Array, start: number): Message {
  const whole = readElement(payload, start);
  const items = itemsOf(whole);
  const check = items[CHECK];
  const [choice, body] = itemsOf(items[BODY]);
  const tag = numberOf(choice);
  if (items.length !== ELEMENTS || !body || tag === undefined || check?.kind !== 'integer')
    throw smlError('form', `At byte ${start} of the messages: no message begins here.`);
  // A zero in front may be left out, as with any integer.
  const bytes = payload.subarray(check.end - check.size, check.end);
  const [first, second] = check.size === 1 ? [0, bytes[0] ?? 0] : [bytes[0] ?? 0, bytes[1] ?? 0];
  const verdict = check.size > 2 ? 'bad' : checkOf(payload.subarray(start, check.start), first, second);
  return { start, end: whole.end, whole, tag, body, check: verdict };
}

/** Whose message it is: of a list, a parameter, a profile or the opening. */
export function serverIdOf({ tag, body }: Message): Uint8Array | undefined {
  const items = itemsOf(body);
  if (tag === OPEN_RESPONSE) return octetsOf(items[3]);
  if (tag === LIST_RESPONSE) return octetsOf(items[1]);
  return tag === 0x0301 || tag === PROFILE_RESPONSE || tag === 0x0501 || tag === ATTENTION
    ? octetsOf(items[0])
    : undefined;
}
