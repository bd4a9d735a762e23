import type { DataMessage } from './data-message.ts';
import { readAnswer, seconds, step, type Dialogue } from './dialogue.ts';
import { iecError } from './errors.ts';
import { identificationReceiver } from './identification.ts';
import { receiveData } from './receive-data.ts';
import { noteParity } from './sign-on.ts';

/** The standard has mode D at 2400 Bd; real meters push at 9600, some at 300 or 115200 (facts 4.2). */
const PUSH_RATES = [2400, 9600, 300, 4800, 19200, 115200];
/** Characters heard before a rate is judged. */
const SAMPLE = 24;

/** Mode D: the meter pushes its identification and data by itself; we only listen, at the first rate that makes sense. */
export async function listenForPush(dialogue: Dialogue): Promise<DataMessage> {
  const { line, settings } = dialogue;
  dialogue.mode = 'D';
  const rates = [dialogue.firstRate, ...PUSH_RATES.filter((rate) => rate !== dialogue.firstRate)];
  const until = line.clock.monotonic() + settings.listenMs;

  for (let hop = 0; ; hop = (hop + 1) % rates.length) {
    const rate = rates[hop] ?? dialogue.firstRate;
    await line.changeBaud(rate);
    step(dialogue, 'listening', `listening at ${rate} Bd for the meter's next push`);
    const receiver = identificationReceiver();
    let heard = 0;
    let senseless = false;
    const remaining = Math.max(0, until - line.clock.monotonic());
    const end = await readAnswer(
      dialogue,
      (byte, parityOk) => {
        heard++;
        const state = receiver.accept(byte, parityOk);
        // The first characters of a push that was under way may be text without an identification: that is no garbage.
        senseless = state !== 'done' && heard >= SAMPLE && (line.receivedParity === 'mixed' || !isText(receiver.raw));
        return senseless ? 'done' : state;
      },
      { firstByteMs: remaining, interByteMs: remaining, totalMs: remaining },
    );
    if (end === 'done' && !senseless) {
      const message = receiver.message();
      dialogue.identification = message;
      for (const deviation of message.deviations) dialogue.notes.add(deviation);
      noteParity(dialogue);
      step(dialogue, 'identified', `${message.manufacturer}, pushing at ${rate} Bd`);
      return await receiveData(dialogue, { rates: [rate], missing: 'message timeout' });
    }
    if (end !== 'done') {
      throw iecError(
        'identification timeout',
        heard === 0
          ? `Nothing came in ${seconds(settings.listenMs)}.`
          : `${heard} characters came, but no identification message in ${seconds(settings.listenMs)}.`,
        { hint: 'Does this meter push by itself? If not, choose automatic mode. Is the head on the right eye?' },
      );
    }
  }
}

/** Mostly printable characters and line ends? */
function isText(bytes: Uint8Array): boolean {
  const sample = bytes.subarray(-SAMPLE);
  const printable = sample.filter((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0d || byte === 0x0a);
  return printable.length * 10 >= sample.length * 9;
}
