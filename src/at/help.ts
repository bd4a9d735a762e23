import { type AtAction, type AtCommand, type AtDevice, type AtEffect } from './command.ts';
import { commands } from './commands/index.ts';

/** The help page, drawn from the command table. */
export interface HelpSection {
  /** "AT^SCAMS" */
  readonly title: string;
  readonly help: string;
  readonly aliases: readonly string[];
  readonly entries: readonly HelpEntry[];
}

export interface HelpEntry {
  /** `AT^SCAMS="RETRY"[,<retry_count>]` */
  readonly syntax: string;
  readonly help: string;
  readonly parameters: readonly HelpParameter[];
  readonly examples: readonly string[];
  /** The most it does, with all its values. */
  readonly effect: AtEffect;
}

export interface HelpParameter {
  readonly name: string;
  readonly help: string;
  readonly optional: boolean;
}

export function helpPage(device: AtDevice): readonly HelpSection[] {
  return commands.map((command) => {
    const title = `AT${command.name}${command.numbers ? '<n>' : ''}`;
    return {
      title,
      help: command.help,
      aliases: (command.aliases ?? []).map((alias) => `AT${alias}`),
      entries: [
        ...entry(device, command.execute, title, isBasic(command) ? '' : ','),
        ...entry(device, command.read, `${title}?`, ','),
        ...entry(device, command.set, `${title}=`, ','),
        ...(command.subcommands ?? []).flatMap((each) => entry(device, each, `${title}="${each.name}"`, ',')),
      ],
    };
  });
}

function isBasic(command: AtCommand): boolean {
  return /^&?[A-Z]$/.test(command.name);
}

function entry(device: AtDevice, action: AtAction | undefined, start: string, separator: string): readonly HelpEntry[] {
  if (!action) return [];
  const parameters = (action.parameters ?? []).map(({ name, help, optional = false }) => ({
    name,
    help: typeof help === 'string' ? help : help(device),
    optional,
  }));
  const written = parameters.map(({ name, optional }, i) => {
    const before = i === 0 && start.endsWith('=') ? '' : separator;
    return optional ? `[${before}<${name}>]` : `${before}<${name}>`;
  });
  return [
    {
      syntax: start + written.join(''),
      help: action.help,
      parameters,
      examples: action.examples ?? [],
      effect: action.effect ?? 'tells',
    },
  ];
}
