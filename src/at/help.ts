import type { AtAction, AtCommand, AtParameter } from './command.ts';
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
  readonly parameters: readonly AtParameter[];
  readonly examples: readonly string[];
  readonly destructive: boolean;
}

export function helpPage(): readonly HelpSection[] {
  return commands.map((command) => {
    const title = `AT${command.name}${command.numbers ? '<n>' : ''}`;
    return {
      title,
      help: command.help,
      aliases: (command.aliases ?? []).map((alias) => `AT${alias}`),
      entries: [
        ...entry(command.execute, title, isBasic(command) ? '' : ','),
        ...entry(command.read, `${title}?`, ','),
        ...entry(command.set, `${title}=`, ','),
        ...(command.subcommands ?? []).flatMap((each) => entry(each, `${title}="${each.name}"`, ',')),
      ],
    };
  });
}

export function isBasic(command: AtCommand): boolean {
  return /^&?[A-Z]$/.test(command.name);
}

function entry(action: AtAction | undefined, start: string, separator: string): readonly HelpEntry[] {
  if (!action) return [];
  const parameters = action.parameters ?? [];
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
      destructive: action.destructive === true,
    },
  ];
}
