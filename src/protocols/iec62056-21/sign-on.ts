import { softwareParity, wireTime } from '../../line/framing.ts';
import type { Accept } from '../../line/line.ts';
import { concatBytes } from '../../common/bytes.ts';
import { requestMessage } from './address.ts';
import { readAnswer, seconds, step, type Dialogue } from './dialogue.ts';
import { iecError } from './errors.ts';
import { identificationReceiver, type IdentificationMessage } from './identification.ts';
import { sentParity } from './parity-tally.ts';

/** NULs of the standard's wake-up: 2.3 s at 300 Bd, the upper end of 2.1–2.3 s. */
const STANDARD_NULS_AT_300 = 69;
/** Silence between the wake-up and the request, 1.5–1.7 s. */
const STANDARD_PAUSE_MS = 1600;
/** UH50 and T550 want 1.33 s of NULs and the request right behind. */
const IMMEDIATE_NULS = 40;
/** Longer than any identification message, garbage before it included; beyond, it is noise. */
const LONGEST_ANSWER = 300;

/** So many printable characters ahead of an identification are no noise but the rest of another message. */
const STRAY_TEXT = 16;

const SLASH = 0x2f;

/** Wakes the meter if it wants that, sends the request and receives the identification message. */
export async function signOn(dialogue: Dialogue): Promise<IdentificationMessage> {
  const request = requestMessage(dialogue.address.address, dialogue.settings.customRequest);
  await sendRequest(dialogue, request);
  return await identify(dialogue, request.length, dialogue.line.clock.monotonic());
}

/** Wakes the meter if it wants that, and sends the request; settles when its last bit has left. */
export async function sendRequest(dialogue: Dialogue, request: Uint8Array): Promise<void> {
  const { line, settings, firstRate } = dialogue;
  if (settings.pollDelayMs > 0) await line.pause(settings.pollDelayMs);
  line.flush();

  if (settings.wakeUp === 'standard') {
    const count = settings.wakeUpNuls ?? Math.round((STANDARD_NULS_AT_300 * firstRate) / 300);
    step(
      dialogue,
      'waking',
      `waking the meter for ${seconds(Math.round(wireTime(count, firstRate, line.framing) / 100) * 100)}`,
    );
    await line.write(new Uint8Array(count));
    await line.pause(STANDARD_PAUSE_MS);
    line.flush();
  }
  step(dialogue, 'asking', `asking at ${firstRate} Bd`);
  if (settings.wakeUp === 'immediate') {
    // One write: the gap between NULs and request must stay below 5 ms (pwitab PR#20).
    await line.write(concatBytes(new Uint8Array(settings.wakeUpNuls ?? IMMEDIATE_NULS), request));
  } else {
    await line.write(request);
  }
}

async function identify(
  dialogue: Dialogue,
  requestLength: number,
  requestedAt: number,
): Promise<IdentificationMessage> {
  const { line, settings, firstRate, address } = dialogue;
  const receiver = identificationReceiver();
  let answeredAt: number | undefined;
  const accept: Accept = (byte, parityOk) => {
    // The last one: echoes and second sign-ons begin in the same way.
    if (byte === SLASH) answeredAt = line.lastReceivedAt - wireTime(1, firstRate, line.framing);
    return receiver.accept(byte, parityOk);
  };
  const end = await readAnswer(dialogue, accept, {
    firstByteMs: settings.timeoutMs,
    interByteMs: settings.interCharacterMs,
    totalMs: settings.timeoutMs + wireTime(LONGEST_ANSWER, firstRate, line.framing),
  });
  if (end === 'no answer') {
    throw iecError(
      'identification timeout',
      `The head sent the request (${requestLength} bytes at ${firstRate} Bd) and ${
        line.echo === 'echoes' ? 'only its own echo came back' : 'nothing came back'
      } in ${seconds(settings.timeoutMs)}${
        line.early > 0 ? `; ${line.early} characters had come before it had left` : ''
      }.`,
      {
        // That some meters want their number would be the opposite of the cause.
        hint:
          address.address !== ''
            ? hintOfNamed(address.address)
            : 'Is the head on the right eye of the meter? Some meters want their number as address, battery meters want waking, some push by themselves (mode D).',
      },
    );
  }
  if (end !== 'done') {
    const count = receiver.raw.length;
    throw end === 'gap' && receiver.raw.includes(0x2f)
      ? iecError('character timeout', `The identification broke off after ${count} characters.`, {
          hint: 'Hold the head still and read again.',
        })
      : iecError(
          'identification timeout',
          `${count} characters came at ${firstRate} Bd, but no identification message.`,
          {
            hint: 'The meter may use another rate or parity, or push its data by itself: try other rates, or mode D.',
          },
        );
  }
  // The line sets apart what came before the request had left: this came after it.
  if (countPrintable(receiver.raw.subarray(0, receiver.skipped)) > STRAY_TEXT && !receiver.sawEcho) {
    // A `/` within a readout ("imp/kWh") would pass for an identification.
    throw iecError('identification timeout', 'The meter was in the middle of sending something when it was asked.', {
      hint: 'It may still answer an earlier request, or push its data by itself (mode D). Wait a moment and read again.',
    });
  }
  const received = receiver.message();
  noteParity(dialogue);
  const inOurParity = dialogue.parity !== undefined && dialogue.parity === softwareParity(line.framing);
  const message = { ...received, baudCharacterDamaged: received.baudCharacterDamaged && inOurParity };
  dialogue.identification = message;
  dialogue.identifiedAt = line.lastReceivedAt;
  dialogue.reactionMs = answeredAt === undefined ? undefined : Math.max(0, answeredAt - requestedAt);
  for (const deviation of message.deviations) dialogue.notes.add(deviation);
  if (inOurParity && receiver.parityErrors > 0) {
    dialogue.notes.add(`wrong parity in ${receiver.parityErrors} characters of the identification message`);
  }
  return message;
}

/**
 * What the meter does with bit 7. One that answers with another parity than expected understood our request all the
 * same: we go on speaking as before and take no offence (pwitab#16, openhab-addons#14840).
 */
export function noteParity(dialogue: Dialogue): void {
  const parity = sentParity(dialogue.line.receivedParity);
  dialogue.parity = parity;
  if (parity === undefined || parity === softwareParity(dialogue.line.framing)) return;
  dialogue.notes.add(`the meter sends ${parity === 'none' ? 'without parity (8N1)' : `${parity} parity`}`);
}

function countPrintable(bytes: Uint8Array): number {
  return bytes.reduce((count, byte) => (byte > 0x20 && byte < 0x7f ? count + 1 : count), 0);
}

const hintOfNamed = (number: string) =>
  `Only the meter with the number ${number} answers this request: is it this one? Else ask without the address. Is the head on the right eye, and is the meter awake?`;
