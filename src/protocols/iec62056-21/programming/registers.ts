import { MeterError } from '../../../common/meter-error.ts';
import { step } from '../dialogue.ts';
import { iecError } from '../errors.ts';
import type { Collected } from './collected.ts';
import { readCommand, type ReadCommand } from './command.ts';
import { ask, type Session } from './exchange.ts';
import type { Reply } from './reply.ts';
import { registerCommands } from './habits.ts';

export interface Register {
  readonly address: string;
  /** How many locations, or how many bytes, at meters that want it: `798001(10)`. */
  readonly inBrackets: string;
  readonly text: string;
}

/** Number, clock, and what most meters count. */
const USUAL = '0.0.0, 0.9.1, 0.9.2, 1.8.0, 1.8.1, 1.8.2, 2.8.0';
const MOST_REGISTERS = 200;
/** A register that ended a session in silence twice is left out. */
const MOST_SILENCES = 2;

/** `1.8.0, 2.8.0 798001(10)`; empty: the usual ones. Throws code 1 for what is no register. */
export function parseRegisters(text: string): readonly Register[] {
  const items = (text.trim() === '' ? USUAL : text).split(/[\s,;]+/).filter((item) => item !== '');
  if (items.length > MOST_REGISTERS) throw notRegisters(`${items.length} registers are more than a read takes.`);
  return [...new Set(items)].map((item) => {
    const [, address = '', inBrackets = ''] = /^(["-'*-.0-~]{1,32})(?:\((["-'*-.0-~]{0,32})\))?$/.exec(item) ?? [];
    if (address === '') throw notRegisters(`“${item.slice(0, 40)}” is no register.`);
    return { address, inBrackets, text: item };
  });
}

const notRegisters = (seen: string) =>
  new MeterError(1, seen, { hint: 'Write registers as the meter names them, with commas between: 1.8.0, 2.8.0.' });

/** Asks for each register that is not there yet; one that the meter does not have stops nothing. */
export async function readRegisters(
  session: Session,
  registers: readonly Register[],
  collected: Collected,
  onLine: () => void,
): Promise<void> {
  const { dialogue } = session;
  for (const register of registers) {
    const { text } = register;
    if (collected.registers.has(text)) continue;
    step(dialogue, 'receiving', `reading ${text}`);
    const silences = collected.silent.get(text) ?? 0;
    if (silences >= MOST_SILENCES) {
      dialogue.notes.add(`${text}: no answer, left out`);
      collected.registers.set(text, undefined);
      continue;
    }
    // Taken back where it is answered, with a break even.
    collected.silent.set(text, silences + 1);
    collected.registers.set(text, lineOf(session, register, await askRegister(session, register, collected)));
    onLine();
  }
  if (![...collected.registers.values()].some((line) => line !== undefined)) {
    const notes = [...dialogue.notes].filter((note) => /:/.test(note)).slice(0, 3);
    throw iecError('message timeout', `The meter gave none of the registers asked for (${notes.join('; ')}).`, {
      hint: 'Does it name them otherwise (1.8.0 or 1-0:1.8.0)? Read the whole table once and take the names from it.',
    });
  }
}

/** By the command that worked, or else by each that the meter may know until one does. */
async function askRegister(session: Session, register: Register, collected: Collected): Promise<Reply> {
  const { address, inBrackets } = register;
  const candidates: readonly ReadCommand[] = collected.command
    ? [collected.command]
    : registerCommands(session.dialogue);
  let last: Reply = { kind: 'silence' };
  for (const command of candidates) {
    last = await ask(session, readCommand(command, address, session.check, inBrackets));
    if (last.kind === 'data') collected.command = command;
    if (last.kind === 'data' || last.kind === 'cut') break;
  }
  return last;
}

/** As received; the address that was asked for stands in front where the meter leaves it out. */
function lineOf(session: Session, { address, text }: Register, reply: Reply): string | undefined {
  const { notes } = session.dialogue;
  switch (reply.kind) {
    case 'data':
    case 'error': {
      const said = reply.text.trim();
      if (said === '' || said === '()') {
        notes.add(`${text}: the meter has no value`);
        return undefined;
      }
      if (reply.kind === 'error') notes.add(`${text}: the meter answered ${reply.words}`);
      return `${said.startsWith('(') ? address : ''}${said}\r\n`;
    }
    case 'ACK':
    case 'NAK':
      notes.add(`${text}: the meter does not give it (${reply.kind})`);
      return undefined;
    case 'other':
      notes.add(`${text}: the meter answered with something else, left out`);
      return undefined;
    case 'cut':
      throw iecError('block check', `The answer for ${text} stayed damaged: ${reply.reason}.`, {
        hint: 'Hold the head still, keep lamps and sunlight away, and read again.',
      });
    case 'silence':
      throw iecError('message timeout', `The meter did not answer when ${text} was asked for.`);
  }
}
