import { acknowledgeByte, nakMessage } from './control.ts';
import type { DataMessage } from './data-message.ts';
import { step, type Dialogue } from './dialogue.ts';
import { wholeLines } from './enough.ts';
import { iecError, iecErrorCode } from './errors.ts';
import { findRate, interrupted, missingData, type Expectation } from './find-rate.ts';
import { hearMessage } from './hear-message.ts';
import { ourReaction } from './reaction.ts';
import { isRefusal } from './read-value.ts';
import { receiverFor } from './receiver.ts';

/** Repeats asked with NAK before a bad message is given up. */
const MAX_REPEATS = 2;
/** All blocks together; more is no readout. */
const MAX_CHARACTERS = 256 * 1024;

/** Noted where the data carries no check character, and nothing but its parity may vouch for it. */
export const NO_CHECK = 'the meter sends no check character: nothing would show that a character was lost';

/** Noted of a readout whose beginning nobody heard. */
export const START_MISSED = 'the first characters were missed';

/**
 * Receives the data message at the first of the expected rates, looks for it at the others when what comes makes no
 * sense there (a meter that announces 9600 and stays at 300: pwitab#33), asks with NAK for a repeat when it was faulty
 * or its beginning was missed, and for the next block where the meter sends its data in parts. The last message is
 * returned even when it stayed faulty; what is no data at all is thrown: an error message, an empty block.
 */
export async function receiveData(dialogue: Dialogue, expectation: Expectation): Promise<DataMessage> {
  const found = await findRate(dialogue, expectation);
  const first = found === 'missed' ? undefined : finish(dialogue);
  const missedStart = found === 'missed' || (found === 'midway' && isWithoutBeginning(first));
  let message = await repeatWhileBad(dialogue, first, missedStart);
  if (!message) throw missingData(dialogue, expectation, true);
  while (message.more && message.errorCode === 0) message = await nextBlock(dialogue, message);
  if (dialogue.settings.blockCheck === 'warn' && message.blockCheck === 'bad') {
    dialogue.notes.add('the block check is wrong; kept by your setting');
  }
  if (message.blockCheck === 'absent') dialogue.notes.add(NO_CHECK);
  return withContent(message);
}

/** STX is a beginning, and the check sum of a telegram covers its identification; a block check begins wherever we do. */
function isWithoutBeginning(message: DataMessage | undefined): boolean {
  return message?.framed !== true && !(message?.blockCheck === 'ok' && message.crc);
}

async function repeatWhileBad(
  dialogue: Dialogue,
  first: DataMessage | undefined,
  startMissed: boolean,
): Promise<DataMessage | undefined> {
  let message = first;
  let missedStart = startMissed;
  let wasDamaged = false;
  for (let repeat = 1; repeat <= MAX_REPEATS && isWorthRepeating(message, missedStart); repeat++) {
    // It is still sending, and hears nothing.
    if (dialogue.endedEarly) break;
    step(dialogue, 'retrying', `${reasonToRepeat(message, missedStart)}: asking for a repeat`);
    wasDamaged ||= !missedStart;
    const answer = await exchange(dialogue, nakMessage);
    if (answer === 'no answer') {
      dialogue.notes.add('the meter did not repeat its data after NAK');
      dialogue.repeatRefused = true;
      break;
    }
    dialogue.sameTwice = answer.blockCheck === 'bad' && answer.block === message?.block;
    message = answer;
    missedStart = false;
  }
  if (wasDamaged && message?.errorCode === 0 && isBlindToPairs(dialogue, message)) {
    dialogue.notes.add(
      'the line damages characters and the meter sends no parity: two damaged alike leave its block check as it was; read again and compare',
    );
  }
  if (!missedStart || !message) return message;
  dialogue.startMissed = true;
  dialogue.notes.add(START_MISSED);
  // Nothing vouches for a message without its beginning, whatever its block check says.
  return { ...message, complete: false, errorCode: message.errorCode || iecErrorCode('block check') };
}

/** The same bit flipped in two characters leaves an XOR as it was; only parities would tell, or a CRC. */
function isBlindToPairs({ line }: Dialogue, { blockCheck, crc }: DataMessage): boolean {
  return blockCheck === 'ok' && !crc && ['none', 'mark', 'mixed'].includes(line.receivedParity);
}

/** A block that is too long will be so again. */
function isWorthRepeating(message: DataMessage | undefined, missedStart: boolean): boolean {
  if (message?.errorCode === iecErrorCode('block too long')) return false;
  return missedStart || message?.errorCode !== 0;
}

function reasonToRepeat(message: DataMessage | undefined, missedStart: boolean): string {
  if (missedStart) return 'the beginning was missed';
  return message?.errorCode === iecErrorCode('block check') ? 'the block check is wrong' : 'the data is damaged';
}

/** Sends a single character after the reaction time and receives the message that answers it. */
async function exchange(dialogue: Dialogue, request: Uint8Array): Promise<DataMessage | 'no answer'> {
  const { line } = dialogue;
  await line.pause(ourReaction(dialogue));
  await line.write(request);
  const receiver = receiverFor(dialogue);
  const { end } = await hearMessage(dialogue, receiver);
  if (end === 'no answer') return 'no answer';
  dialogue.receiver = receiver;
  if (end !== 'done') throw interrupted(dialogue);
  return finish(dialogue);
}

/** A block closed by EOT is a part; the meter waits for an acknowledge to send the next. */
async function nextBlock(dialogue: Dialogue, message: DataMessage): Promise<DataMessage> {
  const before = dialogue.earlierBlocks + message.block;
  step(dialogue, 'receiving', 'the data comes in blocks: asking for the next');
  const answer = await exchange(dialogue, acknowledgeByte);
  dialogue.earlierBlocks = before;
  if (answer === 'no answer') {
    dialogue.receiver = undefined;
    throw iecError('message timeout', 'The meter announced another block of data and did not send it.', {
      hint: 'What came is kept. Read again.',
    });
  }
  const next = await repeatWhileBad(dialogue, answer, false);
  if (!next || before.length + next.block.length > MAX_CHARACTERS) {
    throw iecError('block too long', `The meter sends block after block: ${before.length} characters so far.`);
  }
  return next;
}

/**
 * What a meter answers in place of data: text in brackets without an address, unless it holds a figure (the value alone
 * may answer a request of one's own), or its error word without brackets. Empty for brackets with nothing in them.
 */
function refusalIn(block: string): string | undefined {
  const bracketed = /^\s*\(\s*([^()]*?)\s*\)\s*$/.exec(block)?.[1];
  if (bracketed === undefined) return isRefusal(block) ? block.trim() : undefined;
  return /^[-+]?\d/.test(bracketed) ? undefined : bracketed;
}

/** The answer of a meter that refuses, and a block with nothing in it, are no readouts. */
function withContent(message: DataMessage): DataMessage {
  if (message.errorCode !== 0) return message;
  const refusal = refusalIn(message.block);
  if (refusal !== undefined && refusal !== '') {
    throw iecError('message timeout', `The meter answered with the error message “${refusal}” instead of data.`, {
      hint: 'The meter refuses this kind of reading. Is the address right, or does it want another request or mode?',
    });
  }
  if (refusal === undefined && (message.block.includes('(') || (message.framed && message.block.trim() !== '')))
    return message;
  throw iecError('message timeout', 'The meter sent a data message with nothing in it.', {
    hint: 'Read again; if it stays, the meter may have no list of values to send, or wants another request.',
  });
}

/** What was wanted is there; its check character never came. */
function earlyMessage({ notes, settings }: Dialogue, message: DataMessage): DataMessage {
  const isDamaged = message.parityErrors > 0 || message.invalidCharacters > 0;
  notes.add(
    `ended behind ${settings.until ?? ''}, as set: no check character vouches for it, and the meter hears nothing before it has sent the rest`,
  );
  return {
    ...message,
    block: wholeLines(message.block),
    blockCheck: 'not checked',
    more: false,
    complete: false,
    errorCode: isDamaged ? iecErrorCode('block character') : 0,
    deviations: [],
  };
}

function finish(dialogue: Dialogue): DataMessage {
  const receiver = dialogue.receiver;
  if (!receiver) throw iecError('internal error', 'No data message was under way.');
  const message = dialogue.endedEarly ? earlyMessage(dialogue, receiver.result()) : receiver.result();
  dialogue.message = message;
  dialogue.options.onProgress?.({ kind: 'data', data: dialogue.earlierBlocks + message.block });
  return message;
}
