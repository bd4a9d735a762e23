import { toLatin1 } from '../../../common/bytes.ts';
import { MeterError } from '../../../common/meter-error.ts';
import { acknowledge } from '../acknowledge.ts';
import { step, type Dialogue } from '../dialogue.ts';
import { iecError } from '../errors.ts';
import { memoryKey } from '../memory.ts';
import { ourReaction } from '../reaction.ts';
import { PortError } from '../../../line/port.ts';
import { breakCommand, passwordCommand, readCommand, type Check, type Command } from './command.ts';
import { ask, hear, sessionEnded, type Session } from './exchange.ts';
import { algorithmOf } from './password.ts';

/** Before a sign-off that ends a broken answer: the meter hears nothing while it sends. */
const SILENCE_MS = 500;
/** An adapter holds characters back for so long. */
const HELD_BACK_MS = 50;
const LONGEST_SILENCE_WAIT_MS = 5000;
const LONGEST_PAUSE_MS = 1600;
const DRAIN_MS = 60;
/** A meter that ended the session by itself is asked again after so long. */
const REST_MS = 2000;
/** The readout a meter begins that did not hear the acknowledge comes after this time at the latest. */
const FALLBACK_MS = 400;

/** A password, where the meter wants one. */
export interface Access {
  readonly password?: Uint8Array;
}

/**
 * Goes to programming mode with `0 Z 1` behind the identification, runs the task, and signs off however it ends.
 * `readout`: what is done where the meter sends its table instead; `ahead` of it has come already.
 */
export async function inProgrammingMode<T>(
  dialogue: Dialogue,
  offer: { readonly z: string; readonly offered: number },
  { password }: Access,
  task: { readonly run: (session: Session) => Promise<T>; readonly readout: (ahead: readonly number[]) => Promise<T> },
): Promise<T> {
  const session = sessionOf(dialogue);
  let rate = offer.offered;
  try {
    const acknowledged = await acknowledge(dialogue, offer.z, offer.offered, '1');
    if ('ahead' in acknowledged) return await task.readout(acknowledged.ahead);
    rate = dialogue.dataRate = acknowledged.rate;
    await enter(session, rate);
    if (password) await sendPassword(session, password);
    const result = await task.run(session);
    session.isDone = true;
    return result;
  } catch (error) {
    if (!session.isOtherCheck || !(error instanceof MeterError)) throw error;
    throw iecError('block check', error.message, {
      hint: 'The meter computes its check character in another way: choose “Seven-bit sum”, or “Strict” where that is chosen.',
      cause: error,
    });
  } finally {
    if (dialogue.acknowledgedAt !== undefined) await signOff(session, rate);
  }
}

function sessionOf(dialogue: Dialogue): Session {
  const { blockCheck } = dialogue.settings;
  const check: Check = blockCheck === 'sum7' ? 'sum7' : 'xor';
  return {
    dialogue,
    check,
    isChecked: blockCheck !== 'none' && blockCheck !== 'warn',
    isDone: false,
    isOver: false,
    isOtherCheck: false,
    operand: undefined,
    owed: 0,
  };
}

/**
 * Waits for P0. One that does not come may have been missed: any answer to a command shows that the
 * meter is there, at the rate that was agreed or, where it stays there whatever it announced, at the first one.
 */
async function enter(session: Session, rate: number): Promise<void> {
  const { dialogue } = session;
  const { line, settings, firstRate } = dialogue;
  step(dialogue, 'listening', `waiting for programming mode at ${rate} Bd`);
  const first = await hear(session, { awaits: 'operand', firstByteMs: settings.timeoutMs });
  if (first?.kind === 'operand') {
    session.operand = first.operand;
    return;
  }
  if (first?.kind === 'break') throw sessionEnded(session);
  if (first?.kind === 'readout') throw noProgramming(session);
  // Something that makes no sense comes from a meter at another rate.
  const isGarbled = first === undefined && line.lastReceivedAt > (dialogue.acknowledgedAt ?? Infinity);
  if (!isGarbled && (await answersAt(session))) return;
  if (rate === firstRate) throw noProgramming(session);
  step(dialogue, 'listening', `nothing at ${rate} Bd, trying ${firstRate}`);
  await line.change({ baudRate: firstRate });
  // What comes at the other rate is nothing here.
  session.owed = 0;
  const heard = await line.read(() => 'done', { firstByteMs: FALLBACK_MS, interByteMs: FALLBACK_MS });
  if (heard === 'done' || !(await answersAt(session))) throw noProgramming(session);
  dialogue.staysAtFirstRate = true;
  dialogue.dataRate = firstRate;
  dialogue.notes.add(`announced a higher rate but stayed at ${firstRate} Bd`);
  const { identification, address, options } = dialogue;
  if (identification) {
    const key = memoryKey(address.address, identification.raw);
    options.memory?.remember(key, { staysAtFirstRate: true, learnedAt: line.trace.startedAt });
  }
}

/** Whatever it says to a harmless command. */
async function answersAt(session: Session): Promise<boolean> {
  const reply = await ask(session, readCommand('R5', '0.9.1', session.check));
  return reply.kind !== 'silence';
}

function noProgramming({ dialogue }: Session): MeterError {
  if (dialogue.collected) dialogue.collected.takesNoCommands = true;
  return iecError('acknowledge timeout', 'The meter did not go to programming mode.', {
    hint: `Read the whole table instead (“What to read”)${
      dialogue.line.baudRate === 300 ? '' : ', or choose “Stay at the first rate”'
    }.`,
  });
}

/** What is refused here is not tried again: some meters lock after a few wrong ones (L+G E350 for a minute). */
async function sendPassword(session: Session, password: Uint8Array): Promise<void> {
  const { dialogue, check, operand } = session;
  const algorithm = algorithmOf(dialogue.identification?.manufacturer ?? '');
  if (algorithm && operand === undefined) {
    dialogue.notes.add('the password was not sent: the key it is computed with (P0) was missed, or came damaged');
    return;
  }
  const secret = algorithm ? algorithm(operand ?? '', password) : toLatin1(password);
  if (secret === undefined) {
    throw new MeterError(1, `The meter's key (${operand?.length ?? 0} digits) and the password do not fit together.`, {
      hint: 'This make wants a password of eight characters.',
    });
  }
  step(dialogue, 'asking', 'sending the password');
  const said = await answerTo(session, passwordCommand(algorithm ? 'P2' : 'P1', secret, check));
  const { secretSaid } = dialogue.options;
  if (said === 'ACK') return await secretSaid?.('password', 'taken');
  // Else the line may have spoiled it.
  if (session.isOver || said.startsWith('answered')) await secretSaid?.('password', 'refused');
  throw new MeterError(1, `The meter got the password and ${said}.`, {
    hint: 'Check the password before it is sent again: many meters lock for a minute and longer after wrong ones.',
  });
}

/** How a password was received: ACK, or in words. */
async function answerTo(session: Session, command: Command): Promise<string> {
  try {
    const reply = await ask(session, command, 'once');
    if (reply.kind === 'ACK') return 'ACK';
    if (reply.kind === 'error') return `answered ${reply.words}`;
    return reply.kind === 'NAK' ? 'refused it' : 'did not acknowledge it';
  } catch (error) {
    // Told as what it is: another session would only send it again.
    if (session.isOver) return 'ended the session';
    throw error;
  }
}

/** B0, whatever happened. Not where the meter has ended the session itself, or the port is gone. */
async function signOff(session: Session, rate: number): Promise<void> {
  const { dialogue, check } = session;
  const { line } = dialogue;
  if (session.isOver) {
    // It wants some time before it is asked anew.
    if (!line.signal.aborted) await line.pause(REST_MS);
    return;
  }
  const bytes = breakCommand(check);
  const send = async () => {
    // A whole answer ends by its check character; what broke off may go on.
    const silence = session.isDone ? ourReaction(dialogue) : SILENCE_MS;
    await line.read(() => 'more', {
      firstByteMs: Math.max(0, Math.min(silence, line.lastReceivedAt + silence - line.clock.monotonic())),
      interByteMs: Math.max(silence, HELD_BACK_MS),
      totalMs: LONGEST_SILENCE_WAIT_MS,
    });
    await line.write(bytes);
    // Adapters lose what is in them when they are closed.
    await line.pause(DRAIN_MS);
    if (session.isDone) return;
    // A meter that paused in the middle of an answer did not hear it; one that was sought at its first rate may be at the other.
    await line.pause(LONGEST_PAUSE_MS);
    await line.change({ baudRate: rate });
    await line.write(bytes);
    await line.pause(DRAIN_MS);
  };
  try {
    await send();
  } catch (error) {
    // Stop is told once; then there are some seconds left to say so to the meter.
    if (error === line.signal.reason) await send();
    else if (error instanceof PortError)
      dialogue.notes.add('the session could not be ended: the meter may be deaf for two minutes');
    else throw error;
  }
}
