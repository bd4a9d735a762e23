import type { AtAction, AtCommand } from '../command.ts';
import type { AtValue, CommandItem } from '../command-line.ts';
import { general } from './general.ts';
import { scams } from './scams.ts';
import { scamsadd } from './scamsadd.ts';
import { scdata } from './scdata.ts';
import { scport } from './scport.ts';

/** Every command there is. */
export const commands: readonly AtCommand[] = [...general, scams, scamsadd, scdata, scport];

export interface FoundCommand {
  readonly command: AtCommand;
  /** Number behind the name of a numbered command, otherwise 0. */
  readonly number: number;
}

/** By the name after AT, in upper case; undefined for an unknown one. */
export function findCommand(name: string): FoundCommand | undefined {
  const plain = commands.find(
    (command) => !command.numbers && (command.name === name || command.aliases?.includes(name)),
  );
  if (plain) return { command: plain, number: 0 };
  const [, stem, digits] = /^(.*\D)0*(\d{1,3})$/.exec(name) ?? [];
  const command = commands.find((each) => each.numbers && each.name === stem);
  const number = Number(digits);
  if (!command?.numbers || number < command.numbers.min || number > command.numbers.max) return undefined;
  return { command, number };
}

/** What an item of a command line asks for. */
export type Request =
  | { readonly kind: 'action'; readonly action: AtAction; readonly number: number; readonly values: readonly AtValue[] }
  | { readonly kind: 'test'; readonly lines: readonly string[] };

/** Undefined for an unknown command or one that has no such form. */
export function resolve(item: Exclude<CommandItem, { kind: 'mistake' }>): Request | undefined {
  const found = findCommand(item.name);
  if (!found) return undefined;
  const { command, number } = found;
  if (item.kind === 'basic') return toRequest(command.execute, number, [item.value]);
  switch (item.operation) {
    case 'execute':
      return toRequest(command.execute, number, []);
    case 'read':
      return toRequest(command.read, number, []);
    case 'test': {
      const name = found.number === 0 ? command.name : `${command.name}${number}`;
      const lines = testLines(command);
      return lines && { kind: 'test', lines: lines.map((line) => `${name}: ${line}`) };
    }
    case 'set': {
      if (!command.subcommands) return toRequest(command.set, number, item.values);
      const [first, ...values] = item.values;
      const subcommand = command.subcommands.find(({ name }) => name === first?.text.toUpperCase());
      return toRequest(subcommand, number, values);
    }
  }
}

/** The lines of the =? answer, without the name; an empty answer (OK alone) for commands that only tell something. */
function testLines(command: AtCommand): readonly string[] | undefined {
  if (command.test) return command.test;
  if (command.subcommands) return command.subcommands.map(({ test }) => test);
  return command.execute ? [] : undefined;
}

function toRequest(action: AtAction | undefined, number: number, values: readonly AtValue[]): Request | undefined {
  return action && { kind: 'action', action, number, values };
}
