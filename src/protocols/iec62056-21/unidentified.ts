import { toLatin1 } from '../../common/bytes.ts';
import { requestMessage } from './address.ts';
import { byteBuffer } from './byte-buffer.ts';
import type { DataMessage } from './data-message.ts';
import { readAnswer, seconds, step, type Dialogue } from './dialogue.ts';
import { iecError, iecErrorCode } from './errors.ts';
import { interrupted } from './find-rate.ts';
import { isText } from './noise.ts';
import { parityTally } from './parity-tally.ts';
import { receiverFor } from './receiver.ts';
import { noteParity, sendRequest } from './sign-on.ts';
import { softwareParity } from '../../line/framing.ts';

/** No list of columns is so long; more is noise, or another kind of message. */
const MAX_TEXT = 4096;

/**
 * Asks a meter that never identifies itself: its data comes right behind the request, at a rate that somebody has to know
 * (Kamstrup 66: `/#1` at 300 Bd, the answer at 1200). A data message is taken as any other; anything else is text up to
 * the silence behind it, kept as it came. Throws a MeterError where nothing came, or a message broke off.
 */
export async function askUnidentified(dialogue: Dialogue, rate: number): Promise<DataMessage> {
  const { line, settings, address } = dialogue;
  await sendRequest(dialogue, requestMessage(address.address, settings.customRequest, true));
  await line.change({ baudRate: rate });
  dialogue.dataRate = rate;
  step(dialogue, 'receiving', `receiving at ${rate} Bd, without an identification`);

  const receiver = receiverFor(dialogue);
  dialogue.receiver = receiver;
  const received = byteBuffer(MAX_TEXT);
  const parity = parityTally(softwareParity(line.framing));
  let unprintable = 0;
  const end = await readAnswer(
    dialogue,
    (byte, parityOk) => {
      if (isText(byte)) parity.add(byte, parityOk);
      else if (byte !== 0) unprintable++;
      return received.push(byte) ? receiver.accept(byte, parityOk) : 'done';
    },
    { firstByteMs: settings.timeoutMs, interByteMs: settings.interCharacterMs },
  );
  if (end === 'no answer') throw nothingCame(rate, settings.timeoutMs);
  noteParity(dialogue);
  const text = toLatin1(received.view()).replace(/^[\0\r\n]+|[\0\r\n]+$/g, '');
  if (end === 'gap' && text.includes('(')) throw interrupted(dialogue);
  const message =
    end === 'done'
      ? receiver.result()
      : plainText(text, received.view(), parity.judge(dialogue.parity).wrong, unprintable);
  dialogue.message = message;
  // Silence ended it: nobody knows whether more should have come.
  if (end !== 'done') dialogue.borneOut = false;
  return message;
}

function plainText(block: string, raw: Uint8Array, parityErrors: number, invalidCharacters: number): DataMessage {
  if (!/\d/.test(block) && parityErrors + invalidCharacters === 0)
    throw iecError('message timeout', `The meter answered with “${block}”, in which there is no figure.`, {
      hint: 'Is the request the right one for this meter?',
    });
  const isDamaged = parityErrors + invalidCharacters > 0;
  return {
    block,
    blockCheck: 'absent',
    crc: false,
    ownSum: false,
    framed: false,
    more: false,
    complete: true,
    parityErrors,
    invalidCharacters,
    errorCode: isDamaged ? iecErrorCode('block character') : 0,
    deviations: [
      'text without identification, addresses and check character, kept as it came',
      ...(parityErrors > 0 ? [`wrong parity in ${parityErrors} characters`] : []),
      ...(invalidCharacters > 0 ? [`${invalidCharacters} unprintable characters`] : []),
    ],
    raw: raw.slice(),
    range: { start: 0, end: raw.length },
  };
}

function nothingCame(rate: number, waitedMs: number): Error {
  return iecError(
    'message timeout',
    `The head sent the request, and nothing came at ${rate} Bd in ${seconds(waitedMs)}.`,
    {
      hint: 'Is the head on the right eye? Does this meter want another request, first rate or rate of the answer? Some want a key pressed first.',
    },
  );
}
