import type { AtAction, AtCommand, AtDevice } from './command.ts';
import { commands, findCommand } from './commands/index.ts';

/** What can be offered for the word before the caret. */
export interface Completion {
  /** Position in the line at which the word begins; a candidate replaces the text from there to the caret. */
  readonly start: number;
  readonly candidates: readonly Candidate[];
}

export interface Candidate {
  readonly text: string;
  readonly help: string;
}

const none: Completion = { start: 0, candidates: [] };

/** @param line the text up to the caret */
export function complete(line: string, device: AtDevice): Completion {
  // The last command of the line: what follows the last semicolon outside quotes.
  const [head = ''] = /^[^A-Z]*AT(?:(?:[^;"]|"[^"]*")*;)*\s*/i.exec(line) ?? [];
  if (head === '')
    return 'AT'.startsWith(line.trimStart().toUpperCase()) ? offer(line, 0, [{ text: 'AT', help: '' }]) : none;
  const [, name = '', equals, values = ''] = /^([^=?"\s]*)(=?)(.*)$/s.exec(line.slice(head.length)) ?? [];
  if (equals !== '=') return offer(line, head.length, names());
  const found = findCommand(name.toUpperCase());
  return found ? completeValue(line, found.command, values, device) : none;
}

function completeValue(line: string, command: AtCommand, values: string, device: AtDevice): Completion {
  const written = values.match(/(?:[^,"]|"[^"]*"?)+|(?<=,)(?=,)|^(?=,)/g) ?? [];
  const isNew = values === '' || /,\s*$/.test(values);
  const word = isNew ? '' : (written.at(-1) ?? '').trimStart();
  const position = isNew ? written.length : written.length - 1;
  const start = line.length - word.length;
  if (!command.subcommands) return offer(line, start, valuesOf(command.set, position, device));
  if (position === 0) {
    return offer(
      line,
      start,
      command.subcommands.map((each) => ({ text: `"${each.name}"`, help: each.help })),
    );
  }
  const first = written[0]?.replaceAll('"', '').trim().toUpperCase();
  return offer(
    line,
    start,
    valuesOf(
      command.subcommands.find((each) => each.name === first),
      position - 1,
      device,
    ),
  );
}

function names(): readonly Candidate[] {
  return commands.flatMap((command) => {
    const name = `${command.name}${command.numbers?.min ?? ''}`;
    const { help } = command;
    return [
      ...(command.execute ? [{ text: name, help }] : []),
      ...(command.read ? [{ text: `${name}?`, help: command.read.help }] : []),
      ...(command.set || command.subcommands ? [{ text: `${name}=`, help }] : []),
    ];
  });
}

function valuesOf(action: AtAction | undefined, position: number, device: AtDevice): readonly Candidate[] {
  const { help = '', values = [] } = action?.parameters?.[position] ?? {};
  const words = typeof help === 'string' ? help : help(device);
  return (typeof values === 'function' ? values(device) : values).map((text) => ({ text, help: words }));
}

/** Those that go on from what is typed, in either case and whether or not the quote is typed. */
function offer(line: string, start: number, candidates: readonly Candidate[]): Completion {
  const typed = line.slice(start).toUpperCase();
  const goesOn = (text: string) => text.toUpperCase().startsWith(typed) || text.toUpperCase().startsWith(`"${typed}`);
  return { start, candidates: candidates.filter(({ text }) => text.toUpperCase() !== typed && goesOn(text)) };
}
