import { parseDecimal, subtractDecimals } from '../../../common/decimal.ts';
import type { MeterError } from '../../../common/meter-error.ts';
import type { Line } from '../../../line/line.ts';
import type { MeterAccess } from '../../meter-access.ts';
import type { Changer, ChangeResult, ChangeTask, Plan } from '../../change.ts';
import { iecDialogue } from '../ask.ts';
import { asMeterError } from '../dialogue.ts';
import { iecError } from '../errors.ts';
import { commandsOf, framesOf, passwordText, registerOf, textOf } from './change-frames.ts';
import {
  beginChanging,
  exchanged,
  identityOf,
  inSession,
  isCutOff,
  sameAs,
  valueOf,
  whoWords,
  type Asked,
  type Changing,
} from './change-session.ts';
import { iecChangeOf, type IecChange } from './change-task.ts';
import { clockPlan, setClock } from './clock-change.ts';
import type { Reply } from './reply.ts';

/** Changing a meter in programming mode. Each command goes out once, and what it did is read back. */
export const iecChanger: Changer = {
  preview: (task) => framesOf(iecChangeOf(task), task),
  title(task) {
    const change = iecChangeOf(task);
    switch (change.kind) {
      case 'write':
        return `Write “${change.value}” to ${change.address}`;
      case 'execute':
        return `Have ${change.dataSet} executed`;
      case 'clock':
        return 'Set the clock of the meter';
    }
  },
  warnings: (task) => WARNINGS[iecChangeOf(task).kind],
  lineOf: (task) => iecDialogue.lineOf(task),
  prove: (line, task, access = {}) =>
    carryOut(line, task, access, async (changing) => {
      const plan = await inSession(changing, (asked) => planOf(asked, task));
      return { headline: 'It is proved whom the change meets.', plan };
    }),
  change: (line, task, plan, access = {}) =>
    carryOut(line, task, access, (changing) =>
      changing.change.kind === 'clock' ? setClock(changing, changing.change, plan) : makeChange(changing, plan),
    ),
};

const WARNINGS: Readonly<Record<IecChange['kind'], readonly string[]>> = {
  write: [
    'What the register means is up to the make: see its manual.',
    'Many meters lock for a minute and longer after a wrong password.',
  ],
  execute: ['What it does is up to the make, and may not be undone: a reset of the billing period counts one on.'],
  clock: [
    'A meter marks the row of its load profile in which its clock was set. Set over the end of a period, a row is missing or comes twice.',
    'The time is that of this device, and nobody has checked how right that is: compare it with a clock that is.',
  ],
};

interface Done {
  readonly headline: string;
  readonly message?: string;
  readonly plan?: Plan;
}

/** Never rejects for what a meter does. */
async function carryOut(
  line: Line,
  task: ChangeTask,
  access: MeterAccess,
  work: (changing: Changing) => Promise<Done>,
): Promise<ChangeResult> {
  let changing: Changing | undefined;
  try {
    changing = await beginChanging(line, task, access);
    const { headline, message = '', plan } = await work(changing);
    const { frames } = changing;
    return { errorCode: 0, headline, message, hint: '', frames, ...(plan ? { plan } : {}) };
  } catch (cause) {
    const { code, message, hint } = asMeterError(cause, line.signal);
    const isUnsure = changing?.known.isUnsure === true;
    const headline = isUnsure ? 'It is not sure what the meter has now.' : 'Nothing was changed.';
    return { errorCode: code, headline, message, hint, frames: changing?.frames ?? [] };
  }
}

async function planOf(asked: Asked, task: ChangeTask): Promise<Plan> {
  const { change } = asked;
  const identity = await identityOf(asked);
  if (change.kind === 'clock') {
    const { words, proof, commands } = await clockPlan(asked, change);
    return {
      frames: framesOf(change, task, asked, commands),
      meter: `${whoWords(identity)}; ${words}${withoutPassword(asked)}`,
      proof: { ...identity, ...proof },
    };
  }
  const old = await presentOf(asked);
  const shown = registerOf(change);
  const holds = shown === undefined ? '' : `; ${shown}: ${old === undefined ? 'is not given to read' : `“${old}”`}`;
  return {
    frames: framesOf(change, task, asked),
    meter: whoWords(identity) + holds + withoutPassword(asked),
    proof: { ...identity, old: old ?? '', isRead: old !== undefined },
  };
}

const withoutPassword = ({ change, password }: Asked) =>
  change.place === 'none' || password ? '' : '; no password is kept for it, and none is sent';

async function presentOf(asked: Asked, text = 'as it is'): Promise<string | undefined> {
  const register = registerOf(asked.change);
  return register === undefined ? undefined : await valueOf(asked, register, `read ${register} ${text}`);
}

async function makeChange(changing: Changing, { proof }: Plan): Promise<Done> {
  const { change, known } = changing;
  const said = await inSession(
    changing,
    async (asked) => {
      sameAs(proof, await identityOf(asked));
      const now = await presentOf(asked);
      if (change.kind === 'write' && (now ?? '') !== proof['old'])
        throw iecError(
          'message timeout',
          `${change.address} holds “${now ?? ''}” now, and not “${String(proof['old'])}”.`,
          {
            hint: 'It was changed in between, or changes by itself: such a one is not written here. Look at the change again.',
          },
        );
      return await sendOnce(asked);
    },
    proof,
  );
  // In a session of its own: the one before may be over.
  const lookAgain = async (asked: Asked) => {
    sameAs(proof, await identityOf(asked));
    return await presentOf(asked, 'back');
  };
  const after = said.after ?? (said.isRead ? undefined : await inSession(changing, lookAgain, proof));
  return conclude(change, said, after, proof, () => (known.isUnsure = false));
}

interface Said {
  /** In words. */
  readonly words: string;
  readonly isTaken: boolean;
  /** It said itself that it did not do it. */
  readonly isRefused: boolean;
  readonly isRead: boolean;
  readonly after?: string | undefined;
}

/** Block by block; one that is not acknowledged is the last. */
async function sendOnce(asked: Asked): Promise<Said> {
  const { change, session, password } = asked;
  let said: Pick<Said, 'words' | 'isTaken' | 'isRefused'> = { words: '', isTaken: false, isRefused: false };
  try {
    const commands = commandsOf(change, session.check, passwordText(asked, password));
    for (const [i, command] of commands.entries()) {
      const reply = await exchanged(asked, command, textOf(change, i, commands.length), true);
      said = saidOf(reply);
      // What came in blocks before may be kept.
      if (i > 0) said = { ...said, isRefused: false };
      if (!said.isTaken) break;
    }
    return { ...said, isRead: true, after: await presentOf(asked, 'back') };
  } catch (error) {
    if (!isCutOff(asked, error)) throw error;
    return said.words !== ''
      ? { ...said, isRead: false }
      : { words: 'ended the session', isTaken: false, isRefused: false, isRead: false };
  }
}

function saidOf(reply: Reply): Pick<Said, 'words' | 'isTaken' | 'isRefused'> {
  switch (reply.kind) {
    case 'ACK':
      return { words: 'acknowledged it', isTaken: true, isRefused: false };
    case 'NAK':
      return { words: 'refused it, or did not understand it (NAK)', isTaken: false, isRefused: true };
    case 'error':
      return { words: `answered ${reply.words}`, isTaken: false, isRefused: true };
    case 'silence':
      return { words: 'did not answer', isTaken: false, isRefused: false };
    default:
      return { words: 'answered with something else', isTaken: false, isRefused: false };
  }
}

/** What is there afterwards counts, whatever the meter said. */
function conclude(
  change: IecChange,
  said: Said,
  after: string | undefined,
  proof: Plan['proof'],
  sure: () => void,
): Done {
  const register = registerOf(change);
  const old = proof['isRead'] === true ? String(proof['old']) : undefined;
  if (change.kind === 'write' && after !== undefined) {
    if (!isSame(after, change.value)) {
      if (after === old) sure();
      throw notTaken(said, `it holds “${after}” in ${change.address}${after === old ? ' as before' : ''}`);
    }
    sure();
    return {
      headline: `The meter now has “${after}” in ${change.address}.`,
      ...(said.isTaken ? {} : { message: `It ${said.words}, and has the new value.` }),
    };
  }
  if (!said.isTaken) {
    const shown =
      after === undefined
        ? ''
        : `; ${register ?? ''} is “${after}”${after === old ? ' as before' : ` and was “${old ?? ''}”`}`;
    const isOther = after !== undefined && after !== old;
    if (said.isRefused && !isOther) sure();
    throw notTaken(said, said.isRefused && !isOther ? 'nothing was done' : `nobody can say what it did${shown}`);
  }
  sure();
  const seen =
    after === undefined ? 'It cannot be read back.' : `${register ?? ''}: “${after}”, before “${old ?? ''}”.`;
  return { headline: 'The meter acknowledged the command.', message: seen };
}

function notTaken({ words, isTaken }: Said, seen: string): MeterError {
  return iecError('message timeout', `The meter ${words}; ${seen}.`, {
    hint: isTaken
      ? 'Some meters take a value only at the end of the session, or in another form: read the register once more.'
      : 'Does it want a password (Settings, Passwords and keys), in another place, or a switch under the seal? Another command (W1, W5)? It was sent once.',
  });
}

/** A unit that only one of them names, and zeros in front say nothing. */
function isSame(read: string, wanted: string): boolean {
  const value = (text: string) => text.split('*')[0]?.trim() ?? '';
  const [unit = '', wantedUnit = ''] = [read, wanted].map((text) => text.split('*')[1]?.trim());
  if (unit !== '' && wantedUnit !== '' && unit.toLowerCase() !== wantedUnit.toLowerCase()) return false;
  const [one, other] = [value(read), value(wanted)];
  if (one === other) return true;
  const [a, b] = [parseDecimal(one), parseDecimal(other)];
  return a !== undefined && b !== undefined && Number(subtractDecimals(a, b).coefficient) === 0;
}
