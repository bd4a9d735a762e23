import { softwareParity } from '../../line/framing.ts';
import type { Deadlines } from '../../line/line.ts';
import { MeterError } from '../../common/meter-error.ts';
import type { DataMessage } from './data-message.ts';
import { readAnswer, seconds, step, type Dialogue } from './dialogue.ts';
import { iecError } from './errors.ts';
import { notTextWords } from './ciphers.ts';
import { parseIdentification, type IdentificationMessage } from './identification.ts';
import { isText, noiseMeter } from './noise.ts';
import { parityTally } from './parity-tally.ts';
import { pushJudge, type PushJudge, type Telegram } from './push-judge.ts';
import { receiverFor } from './receiver.ts';
import { noteParity } from './sign-on.ts';

/** The standard has mode D at 2400 Bd; real meters push at 9600, DSMR 4 and later at 115200, some at 300. */
const PUSH_RATES = [9600, 115_200, 2400, 300, 4800, 19_200, 38_400, 57_600];
/** So many characters that can't be right, at least one in three, and the rate is another. */
const DOUBT = 6;
const DOUBTFUL_SHARE = 3;
/** Fewer will do when nothing follows: at a rate that is much too low a whole telegram makes a handful of characters. */
const DOUBT_BEFORE_SILENCE = 2;
/** Nothing but garbage, so many times round all rates, is no question of the rate. */
const MAX_ROUNDS = 3;

export type Heard = Telegram | 'garbage' | 'noise' | 'over';

/**
 * Mode D: the meter pushes its identification and data by itself; we only listen, at the first rate that makes sense.
 * Telegrams that are damaged, torn or joined are dropped and the next is awaited; one without a check sum has to be
 * borne out by the next. When the time is over the best that came is returned, and says what is wrong with it.
 */
export async function listenForPush(dialogue: Dialogue): Promise<DataMessage> {
  const { line, settings } = dialogue;
  dialogue.mode = 'D';
  const until = line.clock.monotonic() + settings.listenMs;
  const judge = pushJudge(settings.blockCheck);
  const ear = newEar(dialogue);

  for (;;) {
    const remaining = Math.max(0, until - line.clock.monotonic());
    const waits = { firstByteMs: remaining, interByteMs: remaining, totalMs: remaining };
    const heard = await hearNext(dialogue, ear, judge.expectsCrc, waits);
    if (heard === 'over') break;
    if (heard === 'noise' || heard === 'garbage') continue;
    const taken = judge.add(heard);
    if (taken) return take(dialogue, taken, judge);
  }
  const best = judge.best();
  if (best) return take(dialogue, best, judge);
  throw nothingHeard(dialogue, ear.characters);
}

interface Ear {
  /** What is tried, one after the other. */
  readonly rates: readonly number[];
  /** Over all rates. */
  characters: number;
  /** Times the rate was found to be wrong. */
  garbage: number;
  /** Text came at this rate: it is the right one. */
  settled: boolean;
  /** The telegram under way may have begun before we listened. */
  joined: boolean;
  /** A readable identification and what came with it at this rate. */
  head: string | undefined;
  /** What was taken with the telegram before and belongs to the next. */
  rest: Uint8Array;
}

/** Of somebody who has heard nothing of this line yet. */
export function newEar({ firstRate }: Pick<Dialogue, 'firstRate'>): Ear {
  const rates = [...new Set([firstRate, ...PUSH_RATES])];
  return { rates, characters: 0, garbage: 0, settled: false, joined: true, head: undefined, rest: new Uint8Array(0) };
}

/**
 * What comes next, at the rate that is believed in; after garbage the next one is tried. Throws a MeterError where a
 * telegram is no text, and where nothing makes sense at any rate.
 */
export async function hearNext(dialogue: Dialogue, ear: Ear, expectsCrc: boolean, waits: Deadlines): Promise<Heard> {
  const { rates } = ear;
  const rate = rates[ear.garbage % rates.length] ?? dialogue.firstRate;
  await dialogue.line.change({ baudRate: rate });
  step(dialogue, 'listening', `listening at ${rate} Bd for the meter's next push`);
  const heard = await hearTelegram(dialogue, ear, expectsCrc, waits);
  if (heard === 'garbage') {
    ear.joined = true;
    ear.head = undefined;
    if (++ear.garbage >= MAX_ROUNDS * rates.length) throw onlyGarbage(ear.characters);
  }
  return heard;
}

async function hearTelegram(dialogue: Dialogue, ear: Ear, expectsCrc: boolean, waits: Deadlines): Promise<Heard> {
  const { line } = dialogue;
  const receiver = receiverFor({ ...dialogue, identification: undefined }, expectsCrc);
  for (const byte of ear.rest) receiver.accept(byte, true);
  ear.rest = new Uint8Array(0);
  const ours = softwareParity(line.framing);
  const parity = parityTally(ours);
  const noise = noiseMeter(ours, dialogue.parity);
  dialogue.receiver = receiver;
  dialogue.dataRate = line.baudRate;
  let head = '';
  let heard = 0;
  let unprintable = 0;
  let doubtful = false;
  let verdict: 'open' | 'garbage' | 'noise' = 'open';

  const end = await readAnswer(
    dialogue,
    (byte, parityOk) => {
      ear.characters++;
      heard++;
      if (head.length < HEAD) head += String.fromCharCode(byte);
      if (isText(byte)) parity.add(byte, parityOk);
      else unprintable++;
      const bad = unprintable + parity.judge(dialogue.parity).wrong;
      if (noise.add(byte, parityOk)) verdict = 'noise';
      if (!ear.settled && bad >= DOUBT && DOUBTFUL_SHARE * bad >= heard) verdict = 'garbage';
      if (heard - bad > 4 * DOUBT && bad * 4 < heard) ear.settled = true;
      doubtful = !ear.settled && bad >= DOUBT_BEFORE_SILENCE && DOUBTFUL_SHARE * bad >= heard;
      if (verdict !== 'open') return 'done';
      const state = receiver.accept(byte, parityOk);
      return state === 'more' && doubtful ? 'enough' : state;
    },
    waits,
  );
  if (!receiver.text.includes('(')) dialogue.receiver = undefined;
  if (isIdentified(head)) ear.head = head;
  // Set inside the callback, which control flow analysis does not see.
  const reached = verdict as 'open' | 'garbage' | 'noise';
  const isNoText = reached !== 'open' || (end !== 'done' && unprintable >= DOUBT);
  if (isNoText && ear.head !== undefined) {
    dialogue.receiver = undefined;
    throw notText(ear.head);
  }
  if (reached !== 'open') return reached;
  if (end !== 'done') return 'over';
  if (doubtful) return 'garbage';
  ear.rest = receiver.rest;
  const message = receiver.result();
  const identification = message.head && identify(message.head);
  const joined = ear.joined && !message.head;
  ear.joined = false;
  // What is left of a telegram that was under way when we began is nobody's fault.
  if (joined) return 'noise';
  noteParity(dialogue);
  return { message, identification, at: line.clock.monotonic() };
}

/** Enough of a telegram to see its identification and what follows. */
const HEAD = 64;
const isIdentified = (head: string) => /^\/[A-Za-z]{3}[ -~]+\r\n/.test(head);

function identify(raw: Uint8Array): IdentificationMessage | undefined {
  try {
    return parseIdentification(raw);
  } catch (error) {
    // The data may be whole all the same; that its identification is not becomes a remark.
    if (error instanceof MeterError) return undefined;
    throw error;
  }
}

function take(dialogue: Dialogue, { message, identification }: Telegram, judge: PushJudge): DataMessage {
  const { options, line, notes } = dialogue;
  dialogue.identification = identification;
  dialogue.message = message;
  dialogue.borneOut = judge.borneOut;
  for (const remark of [...(identification?.deviations ?? []), ...judge.remarks()]) notes.add(remark);
  if (identification) {
    const { manufacturer, identification: text } = identification;
    step(dialogue, 'identified', `${manufacturer}, pushing at ${line.baudRate} Bd`);
    options.onProgress?.({ kind: 'identification', manufacturer, identification: text, baudRate: line.baudRate });
  } else notes.add('the identification was missing or spoilt');
  options.onProgress?.({ kind: 'data', data: message.block });
  return message;
}

function notText(head: string): Error {
  return iecError('block character', notTextWords(head), {
    hint: 'Encrypted telegrams can be read with the key of the meter only, which the grid operator gives out; OpenHHU cannot decipher them yet.',
  });
}

function onlyGarbage(characters: number): Error {
  return iecError('identification timeout', `${characters} characters came, and they make no sense at any rate.`, {
    hint: 'Is the line inverted (P1 ports need an inverting adapter)? Is it another protocol, or another framing than the one chosen?',
  });
}

function nothingHeard({ settings }: Dialogue, characters: number): Error {
  return iecError(
    'identification timeout',
    characters === 0
      ? `Nothing came in ${seconds(settings.listenMs)}.`
      : `${characters} characters came, but no whole telegram in ${seconds(settings.listenMs)}.`,
    {
      hint:
        characters === 0
          ? 'Does this meter push by itself? If not, choose the mode “Recognize” in the meter settings. Is the head on the right eye?'
          : 'Listen longer: some meters push every ten seconds or less often. Is the head firmly on the eye?',
    },
  );
}
