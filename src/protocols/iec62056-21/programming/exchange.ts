import { softwareParity } from '../../../line/framing.ts';
import type { MeterError } from '../../../common/meter-error.ts';
import { acknowledgeByte, nakMessage } from '../control.ts';
import { readAnswer, step, type Dialogue } from '../dialogue.ts';
import { iecError } from '../errors.ts';
import { ourReaction } from '../reaction.ts';
import { answerReceiver, errorIn, errorWords, type Answer, type AnswerOptions } from './answer.ts';
import { answersTo } from './answers-to.ts';
import type { Check, Command } from './command.ts';
import type { Reply } from './reply.ts';

/** A session in programming mode. */
export interface Session {
  readonly dialogue: Dialogue;
  readonly check: Check;
  readonly isChecked: boolean;
  /** Its end came as it should: the meter was silent, and waits. */
  isDone: boolean;
  /** The meter has ended it. */
  isOver: boolean;
  /** A wrong check character was right in the other way of computing it. */
  isOtherCheck: boolean;
  /** What P0 held, once it was heard. */
  operand: string | undefined;
  /** So many commands were given up as unanswered: their answers may still come, and would be taken for that to another. */
  owed: number;
}

/** Repeats asked for, or given, before it is left at that. */
const MOST_REPEATS = 3;
/** Answers to something else in a row, before it is left at that. */
const MOST_OTHERS = 3;
/** By the standard 1.5 s; meters that search in a profile take up to five. */
const LONGEST_REACTION_MS = 5000;
/** Of one answer, all blocks together. */
const MOST_CHARACTERS = 512 * 1024;
const PROGRESS_MS = 100;
/** An adapter holds characters back for so long. */
const SILENCE_MS = 50;
/** Noise does not end by waiting. */
const LONGEST_REST_MS = 10_000;

export interface Hearing extends Pick<AnswerOptions, 'awaits'> {
  readonly firstByteMs?: number;
  /** What of the answer is there already, for the progress. */
  readonly before?: string;
}

/** The next thing the meter says; undefined where nothing came that could be one. */
export async function hear(session: Session, { awaits, firstByteMs, before }: Hearing): Promise<Answer | undefined> {
  const { dialogue, check, isChecked } = session;
  const { line, settings, parity, options, earlierBlocks } = dialogue;
  const receiver = answerReceiver({
    check,
    isChecked,
    awaits,
    parity: { ours: softwareParity(line.framing), known: parity },
  });
  let shownAt = line.clock.monotonic();
  await readAnswer(
    dialogue,
    (byte, parityOk) => {
      const state = receiver.accept(byte, parityOk);
      const now = line.clock.monotonic();
      if (before !== undefined && now - shownAt >= PROGRESS_MS) {
        shownAt = now;
        options.onProgress?.({ kind: 'data', data: earlierBlocks + before + receiver.text });
      }
      return state;
    },
    {
      firstByteMs: firstByteMs ?? Math.max(settings.timeoutMs, LONGEST_REACTION_MS),
      interByteMs: settings.interCharacterMs,
    },
  );
  const answer = receiver.result();
  if (answer?.kind === 'damaged') session.isOtherCheck ||= answer.isOtherCheck;
  return answer;
}

/**
 * Sends a command and takes its answer, block by block where the meter sends it so. What came damaged is asked for again,
 * what the meter did not understand is sent again; 'once': it is not. An answer that names something else than was asked
 * for is passed over. Throws where the meter ends the session.
 */
export async function ask(session: Session, command: Command, repeats: 'several' | 'once' = 'several'): Promise<Reply> {
  const { dialogue } = session;
  const most = repeats === 'once' ? 0 : MOST_REPEATS;
  let text = '';
  let hasBlocks = false;
  let refused = 0;
  let damaged = 0;
  let silent = 0;
  let others = 0;
  let next: Uint8Array | undefined = command.bytes;
  let hidden = command.hidden;
  const say = (bytes: Uint8Array) => {
    next = bytes;
    hidden = bytes === command.bytes ? command.hidden : [];
  };
  await letLateCome(session);
  for (;;) {
    if (next) await send(session, next, hidden);
    const answer = await hear(session, { awaits: 'answer', before: text });
    switch (answer?.kind) {
      case undefined:
        session.owed++;
        // Whether an acknowledge was lost, or the block behind it, nobody knows: a repeat might be either.
        if (hasBlocks) return { kind: 'cut', text, loose: '', reason: 'the next block did not come' };
        if (silent++ > 0 || most === 0) return { kind: others > 0 ? 'other' : 'silence' };
        say(command.bytes);
        break;
      case 'NAK':
        if (++refused > most)
          return hasBlocks ? cut(text, '', 'the meter did not send the next block') : { kind: 'NAK' };
        break;
      case 'ACK':
        return { kind: 'ACK' };
      case 'damaged':
        if (++damaged > most) return cut(text, answer.text, answer.reason);
        say(nakMessage);
        break;
      case 'data':
        text += answer.text;
        if (text.length > MOST_CHARACTERS) {
          throw iecError('block too long', `The meter sends block after block: ${text.length} characters so far.`);
        }
        if (!answer.more && !answersTo(command.address ?? '', text)) {
          dialogue.notes.add(
            `an answer to something else came when ${command.address ?? ''} was asked for: passed over`,
          );
          if (++others > MOST_OTHERS) {
            session.owed++;
            return { kind: 'other' };
          }
          session.owed = Math.max(0, session.owed - 1);
          text = '';
          hasBlocks = false;
          next = undefined;
          break;
        }
        if (!answer.more) return replyOf(text);
        hasBlocks = true;
        damaged = refused = 0;
        say(acknowledgeByte);
        break;
      case 'break':
        throw sessionEnded(session);
      case 'operand':
        session.operand = answer.operand;
        session.owed++;
        return cut(text, '', 'the meter began the session anew');
      case 'readout':
        return cut(text, '', 'the meter began the session anew');
    }
  }
}

/** Waits until what was given up has come, or nothing comes any more. */
export async function letLateCome(session: Session): Promise<void> {
  if (session.owed > 0) step(session.dialogue, 'listening', 'waiting for late answers');
  while (session.owed > 0) {
    const late = await hear(session, { awaits: 'answer', firstByteMs: LONGEST_REACTION_MS });
    if (late?.kind === 'break') throw sessionEnded(session);
    session.owed = late ? session.owed - 1 : 0;
  }
}

const cut = (text: string, loose: string, reason: string): Reply => ({ kind: 'cut', text, loose, reason });

function replyOf(text: string): Reply {
  const error = errorIn(text);
  return error === undefined ? { kind: 'data', text } : { kind: 'error', text, words: errorWords(error) };
}

/** Waits out the reaction time first. A break that was glued behind the last answer comes to light in it. */
async function send(session: Session, bytes: Uint8Array, hidden: Command['hidden']): Promise<void> {
  const { dialogue, check } = session;
  const { line } = dialogue;
  const reaction = ourReaction(dialogue);
  const firstByteMs = Math.max(0, line.lastReceivedAt + reaction - line.clock.monotonic());
  const interByteMs = Math.max(reaction, SILENCE_MS);
  const receiver = answerReceiver({ check, isChecked: true, awaits: 'operand', parity: { ours: undefined } });
  // What is still coming belongs to an answer that was spoilt: the meter hears nothing before its end.
  const accept = (byte: number, parityOk: boolean) => {
    receiver.accept(byte, parityOk);
    return 'more' as const;
  };
  await line.read(accept, { firstByteMs, interByteMs, totalMs: LONGEST_REST_MS });
  if (receiver.result()?.kind === 'break') throw sessionEnded(session);
  await line.write(bytes, hidden);
}

export function sessionEnded(session: Session): MeterError {
  session.isOver = true;
  return iecError('message timeout', 'The meter ended the session (break, B0).', {
    hint: 'It does so when it is busy, does not know a command, or wants a password. Read again, or read the whole table.',
  });
}
