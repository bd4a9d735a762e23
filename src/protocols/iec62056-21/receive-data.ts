import { softwareParity, wireTime } from '../../line/framing.ts';
import type { ReadEnd } from '../../line/line.ts';
import { ACK, CR, ETX, LF, nakMessage, STX } from './control.ts';
import { dataMessageReceiver, type DataMessage, type DataMessageReceiver } from './data-message.ts';
import { readAnswer, seconds, step, type Dialogue } from './dialogue.ts';
import { iecError, iecErrorCode, type IecErrorName } from './errors.ts';
import { parityTally } from './parity-tally.ts';
import { reactionTime } from './sign-on.ts';

/** Repeats asked with NAK before a bad message is given up. */
const MAX_REPEATS = 2;
/** Times the rate is changed to look for a meter that went to the other one. */
const MAX_HOPS = 3;
/**
 * Characters that can't be right before the rate is doubted, and how many characters' time at the slowest rate they must
 * go on: less may be the glitch of our own baud switch, or the stray characters some meters send first.
 */
const DOUBT = 4;
const DOUBT_TIME = 3;
const CONFIDENCE = 8;
const PROGRESS_MS = 100;

const HDLC_FLAG = 0x7e;

/** Noted of a readout whose beginning nobody heard. */
export const START_MISSED = 'the first characters were missed';

export interface Expectation {
  /** Rates the data may come at, most likely first. */
  readonly rates: readonly number[];
  /** What it is called when nothing comes. */
  readonly missing: IecErrorName;
  /** Characters that arrived ahead, while we waited to speak. */
  readonly ahead?: readonly number[];
}

/**
 * Receives the data message at the first of the expected rates, looks for it at the others when what comes makes no
 * sense there (a meter that announces 9600 and stays at 300: pwitab#33), and asks with NAK for a repeat when it was
 * faulty or its beginning was missed. The last message is returned even when it stayed faulty.
 */
export async function receiveData(dialogue: Dialogue, expectation: Expectation): Promise<DataMessage> {
  const { line, settings, options } = dialogue;
  const found = await findRate(dialogue, expectation);
  let message = found === 'missed' ? undefined : finish(dialogue);
  let missedStart = found === 'missed' || (found === 'midway' && !message?.framed);
  for (let repeat = 1; repeat <= MAX_REPEATS && (missedStart || message?.errorCode !== 0); repeat++) {
    // Modes A to C repeat a data message on NAK; a pushing meter (D) listens to nobody.
    if (dialogue.mode === 'D') break;
    step(
      dialogue,
      'retrying',
      missedStart ? 'the beginning was missed: asking for a repeat' : 'the block check is wrong: asking for a repeat',
    );
    await line.pause(reactionTime(dialogue), options.signal);
    await line.write(nakMessage, options.signal);
    const receiver = newReceiver(dialogue);
    const end = await listen(dialogue, receiver);
    if (end === 'no answer') {
      dialogue.notes.add('the meter did not repeat its data after NAK');
      dialogue.repeatRefused = true;
      break;
    }
    if (end !== 'done') throw interrupted(dialogue);
    dialogue.receiver = receiver;
    message = finish(dialogue);
    missedStart = false;
  }
  if (!message) throw missingData(dialogue, expectation, true);
  if (settings.blockCheck === 'warn' && message.blockCheck === 'bad') {
    dialogue.notes.add('the block check is wrong; kept by your setting');
  }
  if (!missedStart) return message;
  dialogue.notes.add(START_MISSED);
  // Nothing vouches for a message without its beginning, whatever its block check says.
  return { ...message, complete: false, errorCode: message.errorCode || iecErrorCode('block check') };
}

/**
 * Leaves the dialogue with a receiver that has heard a message to its end, or throws. 'midway': it was joined after
 * its beginning; 'missed': it went by while the rate was looked for, and may be asked for again.
 */
async function findRate(dialogue: Dialogue, expectation: Expectation): Promise<'whole' | 'midway' | 'missed'> {
  const { line } = dialogue;
  const { rates, ahead = [] } = expectation;
  let heardGarbage = false;
  for (let hop = 0; ; hop++) {
    const receiver = newReceiver(dialogue);
    dialogue.receiver = receiver;
    if (hop === 0) for (const character of ahead) receiver.accept(character, true);
    const end = await listen(dialogue, receiver);
    if (end === 'done') {
      if (hop > 0) learnRate(dialogue);
      return heardGarbage ? 'midway' : 'whole';
    }
    if (end === 'gap') throw interrupted(dialogue);
    if (end === 'hdlc') {
      throw iecError('unsupported mode', 'The meter answered in HDLC (mode E) instead of text.', {
        hint: 'This meter speaks DLMS on this interface; deny the higher rate in the meter settings to try mode C.',
      });
    }
    const quietAfterGarbage = heardGarbage && end === 'no answer';
    if (end === 'garbage') heardGarbage = true;
    const next = rates[(hop + 1) % rates.length];
    const exhausted = next === undefined || next === line.baudRate || hop + 1 > MAX_HOPS;
    if (quietAfterGarbage && rates[0] !== undefined) {
      await line.changeBaud(rates[0]);
      return 'missed';
    }
    if (exhausted || (hop + 1 >= rates.length && end === 'no answer')) {
      throw missingData(dialogue, expectation, heardGarbage);
    }
    const seen = end === 'garbage' ? 'no sense' : 'nothing';
    step(dialogue, 'receiving', `${seen} at ${line.baudRate} Bd, trying ${next}`);
    await line.changeBaud(next);
  }
}

function missingData({ settings }: Dialogue, { rates, missing }: Expectation, heardGarbage: boolean): Error {
  return iecError(
    missing,
    heardGarbage
      ? `What came after the identification makes no sense at ${rates.join(' or ')} Bd.`
      : `The meter sent its identification, but no data within ${seconds(settings.timeoutMs)}.`,
    { hint: 'Hold the head still and read again. If it stays, deny the higher rate in the meter settings.' },
  );
}

/** A meter found at its first rate although it announced another: next time it is asked there at once. */
function learnRate(dialogue: Dialogue): void {
  const { line, identification, address, options } = dialogue;
  if (line.baudRate !== dialogue.firstRate || !identification) return;
  dialogue.staysAtFirstRate = true;
  dialogue.notes.add(`announced a higher rate but stayed at ${line.baudRate} Bd`);
  options.memory?.remember(memoryKey(address.address, identification.raw), { staysAtFirstRate: true });
}

/** Key under which a meter's habits are remembered: the address it was asked with and its identification. */
export function memoryKey(address: string, identification: Uint8Array): string {
  return `${address}|${String.fromCharCode(...identification).trim()}`;
}

type DataEnd = 'done' | 'no answer' | 'gap' | 'garbage' | 'hdlc';

/** Feeds the receiver, tells the progress, and notices early when the line is at the wrong rate. */
async function listen(dialogue: Dialogue, receiver: DataMessageReceiver): Promise<DataEnd> {
  const { line, settings, options } = dialogue;
  dialogue.dataRate = line.baudRate;
  const parity = parityTally(softwareParity(line.framing));
  let heard = 0;
  let unprintable = 0;
  let doubtful = Infinity;
  const bad = () => unprintable + parity.wrong(dialogue.parity);
  const slowest = Math.min(dialogue.firstRate, line.baudRate);
  let verdict: 'open' | 'settled' | 'garbage' | 'hdlc' = 'open';
  let shownLines = -1;
  let shownAt = -Infinity;

  const end: ReadEnd = await readAnswer(
    dialogue,
    (byte, parityOk) => {
      if (verdict === 'open') {
        const before = bad();
        if (isText(byte)) parity.add(byte, parityOk);
        else unprintable++;
        const wrong = bad();
        const good = ++heard - wrong;
        if (before === 0 && wrong > 0) doubtful = line.clock.monotonic() + wireTime(DOUBT_TIME, slowest, line.framing);
        if (byte === HDLC_FLAG && heard === 1 && wrong === 0) verdict = 'hdlc';
        else if ((byte === STX && wrong === before) || (good >= CONFIDENCE && good > 4 * wrong)) verdict = 'settled';
        else if (wrong >= DOUBT && wrong >= good && line.clock.monotonic() >= doubtful) verdict = 'garbage';
        if (verdict === 'hdlc' || verdict === 'garbage') return 'done';
      }
      const state = receiver.accept(byte, parityOk);
      const now = line.clock.monotonic();
      if (receiver.lines !== shownLines && now - shownAt >= PROGRESS_MS) {
        shownLines = receiver.lines;
        shownAt = now;
        options.onProgress?.({ kind: 'data', data: receiver.text });
      }
      return state;
    },
    { firstByteMs: settings.timeoutMs, interByteMs: settings.interCharacterMs },
  );
  // The verdict was set inside the callback, which control flow analysis does not see.
  const reached = verdict as 'open' | 'settled' | 'garbage' | 'hdlc';
  if (reached === 'garbage' || reached === 'hdlc') return reached;
  if (end === 'done') return 'done';
  line.trace.event('timeout', line.baudRate);
  if (end === 'no answer') return 'no answer';
  // A few characters without sense and then silence: nothing of a message, so look elsewhere.
  return reached === 'open' && heard - bad() < CONFIDENCE ? 'garbage' : 'gap';
}

function newReceiver(dialogue: Dialogue): DataMessageReceiver {
  return dataMessageReceiver({
    blockCheck: dialogue.settings.blockCheck,
    parity: {
      ours: softwareParity(dialogue.line.framing),
      ...(dialogue.parity ? { known: dialogue.parity } : {}),
    },
    ...(dialogue.identification ? { preamble: dialogue.identification.raw } : {}),
  });
}

function finish(dialogue: Dialogue): DataMessage {
  const receiver = dialogue.receiver;
  if (!receiver) throw iecError('internal error', 'No data message was under way.');
  const message = receiver.result();
  dialogue.message = message;
  dialogue.options.onProgress?.({ kind: 'data', data: message.block });
  return message;
}

function interrupted({ settings, receiver }: Dialogue): Error {
  const { lines = 0, text = '' } = receiver ?? {};
  return iecError(
    'character timeout',
    `The meter stopped in mid-message: ${lines} lines (${text.length} characters) came, then nothing for ${seconds(settings.interCharacterMs)}.`,
    { hint: 'Did the head slip? Hold it still and read again. What came is kept.' },
  );
}

function isText(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || [CR, LF, STX, ETX, ACK].includes(byte);
}
