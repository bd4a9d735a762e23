import { toHex, toLatin1 } from '../../../common/bytes.ts';
import { HIDDEN } from '../../../common/hidden.ts';
import { MeterError } from '../../../common/meter-error.ts';
import type { Secret } from '../../../common/secret.ts';
import type { Hidden, Line } from '../../../line/line.ts';
import type { TraceEntry } from '../../../line/trace.ts';
import type { MeterAccess } from '../../meter-access.ts';
import type { ChangedFrame, ChangeTask, Plan, PlannedFrame } from '../../change.ts';
import { parseIecAddress } from '../address.ts';
import { iecDialogue } from '../ask.ts';
import { offeredMode } from '../baud.ts';
import { beginDialogue, type Dialogue } from '../dialogue.ts';
import { iecError, iecErrorCode } from '../errors.ts';
import { endOldSession, settle } from '../recover.ts';
import { iecSettings } from '../settings.ts';
import { signOn } from '../sign-on.ts';
import { iecChangeOf, type IecChange } from './change-task.ts';
import { readCommand, type Command, type ReadCommand } from './command.ts';
import { ask, type Session } from './exchange.ts';
import { registerCommands } from './habits.ts';
import type { Reply } from './reply.ts';
import { inProgrammingMode } from './session.ts';

/** A change on its way: what is known, and what was sent. */
export interface Changing {
  readonly change: IecChange;
  readonly dialogue: Dialogue;
  readonly password: Secret | undefined;
  readonly frames: ChangedFrame[];
  readonly known: {
    /** The command may have reached the meter, and nobody knows what became of it. */
    isUnsure: boolean;
    /** The command that this meter gives registers to. */
    read?: ReadCommand;
  };
}

/** A meter in programming mode. */
export interface Asked extends Changing {
  readonly session: Session;
}

/** The password is looked up before the meter is asked: it waits for nothing. */
export async function beginChanging(line: Line, task: ChangeTask, access: MeterAccess): Promise<Changing> {
  const change = iecChangeOf(task);
  const settings = iecSettings(task.settings);
  const dialogue = beginDialogue(line, {
    address: parseIecAddress(task.address),
    settings,
    options: access,
    longestMs: settings.longestMs,
  });
  dialogue.firstRate = iecDialogue.lineOf(task).baudRate;
  const password = change.place === 'none' ? undefined : await access.secret?.('password');
  return { change, dialogue, password, frames: [], known: { isUnsure: false } };
}

/**
 * One session with the meter; it is signed off however the work ends.
 *
 * @param proof of the meter that is meant: one that calls itself otherwise gets no password
 */
export async function inSession<T>(
  changing: Changing,
  work: (asked: Asked) => Promise<T>,
  proof?: Plan['proof'],
): Promise<T> {
  const { dialogue, change, password } = changing;
  beginAnew(dialogue);
  await dialogue.line.change({ baudRate: dialogue.firstRate });
  const identification = await signedOn(dialogue);
  if (proof && identificationOf(dialogue) !== proof['identification']) throw stranger(identificationOf(dialogue));
  const { modes, baudRate = dialogue.firstRate } = offeredMode(identification);
  if (!modes.includes('C')) throw noCommands();
  const access = password && change.place === 'P1' ? { password: password.bytes } : {};
  const offer = { z: identification.baudCharacter, offered: baudRate };
  return await inProgrammingMode<T>(dialogue, offer, access, {
    run: async (session) => await work({ ...changing, session }),
    readout: () => Promise.reject(noCommands()),
  });
}

const noCommands = () =>
  iecError('unsupported mode', 'The meter sends its table and waits for no command.', {
    hint: 'It cannot be changed over its optical port, or only in a way of its make.',
  });

function beginAnew(dialogue: Dialogue): void {
  dialogue.identification = dialogue.acknowledgedAt = undefined;
}

/** A meter that was left in a session is deaf for a minute or two: it is asked once more behind a break. */
async function signedOn(dialogue: Dialogue) {
  try {
    return await signOn(dialogue);
  } catch (error) {
    const isSilent = error instanceof MeterError && error.code === iecErrorCode('identification timeout');
    if (!isSilent || !(await settle(dialogue))) throw error;
    await endOldSession(dialogue);
    await dialogue.line.change({ baudRate: dialogue.firstRate });
    return await signOn(dialogue);
  }
}

/** One command and what came back to it. What changes the meter is sent once. */
export async function exchanged(asked: Asked, command: Command, text: string, isCommand = false): Promise<Reply> {
  const { session, frames, dialogue } = asked;
  const { line } = dialogue;
  const from = line.trace.entries.length;
  const planned = { hex: hexOf(command), baudRate: line.baudRate, text, isCommand };
  if (isCommand) asked.known.isUnsure = true;
  try {
    const reply = await ask(session, command, isCommand ? 'once' : 'several');
    frames.push({ ...planned, answer: answerWords(reply), answerHex: receivedSince(line.trace.entries, from) });
    return reply;
  } catch (error) {
    const answer = session.isOver ? '! ended the session (B0)' : '! not known';
    frames.push({ ...planned, answer, answerHex: receivedSince(line.trace.entries, from) });
    throw error;
  }
}

/** What stands in a register, by the command that worked; undefined where the meter does not give it. */
export async function valueOf(asked: Asked, address: string, text: string): Promise<string | undefined> {
  for (const name of readsFor(asked)) {
    const reply = await exchanged(asked, readCommand(name, address, asked.session.check), text);
    if (reply.kind === 'data') {
      asked.known.read = name;
      const value = /\(([^()]*)\)/.exec(reply.text)?.[1]?.trim();
      return value === '' ? undefined : value;
    }
    if (reply.kind === 'silence')
      throw iecError('message timeout', `The meter did not answer when ${address} was asked for.`);
  }
  return undefined;
}

/** First the one that goes with the command that writes. */
function readsFor({ change, dialogue, known }: Changing): readonly ReadCommand[] {
  if (known.read) return [known.read];
  const own: readonly ReadCommand[] =
    change.kind === 'write' && /^W[256]$/.test(change.command) ? [`R${change.command.slice(1)}` as ReadCommand] : [];
  return [...new Set([...own, ...registerCommands(dialogue)])];
}

/**
 * The meter ended the session over the command, or says nothing more in it, as one does that begins anew: what became of
 * the command is seen in another session.
 */
export function isCutOff({ session, known }: Asked, error: unknown): boolean {
  const isSilent = error instanceof MeterError && error.code === iecErrorCode('message timeout');
  return session.isOver || (known.isUnsure && isSilent);
}

/** Who it is: by what it calls itself, and its number. */
export interface Identity {
  readonly identification: string;
  /** Empty where it names none. */
  readonly number: string;
}

const NUMBERS = ['0.0.0', 'C.1.0'];

export async function identityOf(asked: Asked): Promise<Identity> {
  const { dialogue, session } = asked;
  const identification = identificationOf(dialogue);
  for (const address of NUMBERS) {
    const number = await valueOf(asked, address, `read the meter’s number (${address})`);
    if (number !== undefined) return { identification, number };
  }
  const { operand = '' } = session;
  return { identification, number: /^\d{4,16}$/.test(operand) && !/^0+$/.test(operand) ? operand : '' };
}

const identificationOf = ({ identification }: Dialogue) => toLatin1(identification?.raw ?? new Uint8Array(0)).trim();

export function whoWords({ identification, number }: Identity): string {
  return number === '' ? `${identification}, which names no number` : `${identification}, number ${number}`;
}

/** The same meter, by all it says of itself. */
export function sameAs(proof: Plan['proof'], { identification, number }: Identity): void {
  if (identification === proof['identification'] && number === proof['number']) return;
  throw stranger(whoWords({ identification, number }));
}

const stranger = (who: string) =>
  iecError('identification timeout', 'Another meter answers than the one the change was shown for.', {
    hint: `It calls itself ${who}. Look at the change again.`,
  });

/** In hex, with dots for what nobody is to see. */
export const hexOf = ({ bytes, hidden }: Pick<Command, 'bytes'> & { readonly hidden: Hidden }): string =>
  [...bytes]
    .map((byte, i) => (hidden.some(([start, end]) => i >= start && i < end) ? HIDDEN : toHex(Uint8Array.of(byte))))
    .join('');

export const plannedFrame = (command: Command, baudRate: number, text: string, isCommand = false): PlannedFrame => ({
  hex: hexOf(command),
  baudRate,
  text,
  isCommand,
});

function receivedSince(entries: readonly TraceEntry[], from: number): string {
  const received = entries.slice(from).filter(({ direction }) => direction === 'received');
  return received.map(({ bytes, hidden = [] }) => hexOf({ bytes, hidden: hidden.map((at) => [at, at + 1]) })).join('');
}

/** What came back, in words; the bytes stand beside it. */
function answerWords(reply: Reply): string {
  switch (reply.kind) {
    case 'ACK':
      return '✓ acknowledged';
    case 'data':
      return '✓ answered';
    case 'error':
      return `! ${reply.words}`;
    case 'NAK':
      return '! not understood, or refused (NAK)';
    case 'cut':
      return `! damaged: ${reply.reason}`;
    case 'other':
      return '! an answer to something else';
    case 'silence':
      return '! silence';
  }
}
