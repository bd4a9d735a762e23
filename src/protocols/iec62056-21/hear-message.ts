import { softwareParity, wireTime } from '../../line/framing.ts';
import { STX } from './control.ts';
import type { DataMessageReceiver } from './data-message.ts';
import { readAnswer, type Dialogue } from './dialogue.ts';
import { enoughOf } from './enough.ts';
import { iecError } from './errors.ts';
import { isText, noiseMeter } from './noise.ts';
import { parityTally } from './parity-tally.ts';

/**
 * Characters that can't be right before the rate is doubted, and how many characters' time at the slowest rate they must
 * go on: less may be the glitch of our own baud switch, or the stray characters some meters send first.
 */
const DOUBT = 4;
const DOUBT_TIME = 3;
const CONFIDENCE = 8;
const PROGRESS_MS = 100;

const HDLC_FLAG = 0x7e;

export interface Heard {
  readonly end: 'done' | 'no answer' | 'gap' | 'garbage' | 'hdlc';
  /** Monotonic milliseconds of the first character, whatever it was; undefined where none came. */
  readonly firstAt: number | undefined;
}

/**
 * Feeds the receiver, tells the progress, and notices early when the line is at the wrong rate. Throws 66049 when what
 * came turns into noise, 66050 when the time of the read is over.
 */
export async function hearMessage(dialogue: Dialogue, receiver: DataMessageReceiver): Promise<Heard> {
  const { line, settings, options } = dialogue;
  dialogue.dataRate = line.baudRate;
  const ours = softwareParity(line.framing);
  const parity = parityTally(ours);
  const noise = noiseMeter(ours, dialogue.parity);
  let heard = 0;
  let unprintable = 0;
  let doubtful = Infinity;
  const bad = () => unprintable + parity.judge(dialogue.parity).wrong;
  const slowest = Math.min(dialogue.firstRate, line.baudRate);
  let firstAt: number | undefined;
  let verdict: 'open' | 'settled' | 'garbage' | 'hdlc' | 'noise' = 'open';
  const isEnough = enoughOf(dialogue);
  let shownLines = -1;
  let shownAt = -Infinity;

  function judge(byte: number, parityOk: boolean): void {
    const before = bad();
    if (isText(byte)) parity.add(byte, parityOk);
    else unprintable++;
    const wrong = bad();
    const good = ++heard - wrong;
    if (before === 0 && wrong > 0) doubtful = line.clock.monotonic() + wireTime(DOUBT_TIME, slowest, line.framing);
    if (byte === HDLC_FLAG && heard === 1 && wrong === 0) verdict = 'hdlc';
    else if ((byte === STX && wrong === before) || (good >= CONFIDENCE && good > 4 * wrong)) verdict = 'settled';
    else if (wrong >= DOUBT && wrong >= good && line.clock.monotonic() >= doubtful) verdict = 'garbage';
  }

  const end = await readAnswer(
    dialogue,
    (byte, parityOk) => {
      firstAt ??= line.lastReceivedAt;
      if (verdict === 'open') judge(byte, parityOk);
      else if (noise.add(byte, parityOk)) verdict = 'noise';
      if (verdict !== 'open' && verdict !== 'settled') return 'done';
      const state = receiver.accept(byte, parityOk);
      if (state !== 'done' && isEnough(receiver)) {
        dialogue.endedEarly = true;
        return 'done';
      }
      const now = line.clock.monotonic();
      if (receiver.lines !== shownLines && now - shownAt >= PROGRESS_MS) {
        shownLines = receiver.lines;
        shownAt = now;
        options.onProgress?.({ kind: 'data', data: dialogue.earlierBlocks + receiver.text });
      }
      return state;
    },
    { firstByteMs: settings.timeoutMs, interByteMs: settings.interCharacterMs },
  );
  // The verdict was set inside the callback, which control flow analysis does not see.
  const reached = verdict as 'open' | 'settled' | 'garbage' | 'hdlc' | 'noise';
  if (reached === 'noise') throw turnedIntoNoise(receiver);
  if (reached === 'garbage' || reached === 'hdlc') return { end: reached, firstAt };
  if (end === 'done' || end === 'no answer') return { end, firstAt };
  // A few characters without sense and then silence: nothing of a message, so look elsewhere.
  return { end: reached === 'open' && heard - bad() < CONFIDENCE ? 'garbage' : 'gap', firstAt };
}

function turnedIntoNoise({ text }: DataMessageReceiver): Error {
  return iecError('block character', `After ${text.length} characters of data nothing but noise came.`, {
    hint: 'Is the head firmly on the eye, away from lamps and sunlight? Is only one meter on the line? Read again.',
  });
}
