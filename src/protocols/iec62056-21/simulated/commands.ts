import { BREAK, ETX, SOH, STX, blockCheckOf } from './messages.ts';

/** What a meter knows in programming mode. */
export interface CommandSpec {
  /** Of its P0. */
  readonly operand: string;
  /** Values by address, with unit, at this wall clock time. */
  readonly registers: (time: number) => Readonly<Record<string, string>>;
  readonly registerCommand: 'R1' | 'R5';
  /** The address stands in the answer. */
  readonly repeatsAddress: boolean;
  /** Load profile and log book by address. */
  readonly lists: Readonly<Record<string, (from: string, to: string, time: number) => string>>;
  readonly profileCommand: 'R5' | 'R6';
  /** Wanted for the profile. */
  readonly password?: string;
}

/** EOT: there are more blocks. */
const EOT = '\x04';
const BLOCK = 120;
const ERROR = '(ERROR)';

export interface CommandAnswerer {
  readonly greeting: string;
  /** The answer to a message with its check character, or to ACK; undefined where it says nothing. 'break': it ends. */
  answer(message: string, time: number): string | undefined;
  readonly acknowledge: () => string | undefined;
}

const checked = (text: string) => text + blockCheckOf(text.slice(1), 'xor');
const data = (content: string) => checked(STX + content + ETX);

/** What a command is answered with; written apart from the reader's codec, as all of the simulated meters. */
export function commandAnswerer(spec: CommandSpec): CommandAnswerer {
  let isUnlocked = spec.password === undefined;
  let blocks: string[] = [];

  function nextBlock(): string | undefined {
    const block = blocks.shift();
    return block === undefined ? undefined : checked(STX + block + (blocks.length > 0 ? EOT : ETX));
  }

  function read(command: string, dataSet: string, time: number): string {
    const [, address = '', inBrackets = ''] = /^([^()]*)\(([^()]*)\)$/.exec(dataSet) ?? [];
    const list = spec.lists[address];
    if (list) {
      if (command !== spec.profileCommand) return '\x15';
      if (!isUnlocked) return data(address + ERROR);
      const [from = '', to = ''] = inBrackets.split(';');
      const content = list(from, to, time);
      if (command === 'R5') return data(content === '' ? `${address}()` : content);
      blocks = content.match(new RegExp(`[^]{1,${BLOCK}}`, 'g')) ?? [`${address}()`];
      return nextBlock() ?? data(ERROR);
    }
    if (command !== spec.registerCommand) return '\x15';
    const value = spec.registers(time)[address];
    if (value === undefined) return data(ERROR);
    return data(`${spec.repeatsAddress ? address : ''}(${value})`);
  }

  return {
    greeting: checked(`${SOH}P0${STX}(${spec.operand})${ETX}`),
    acknowledge: nextBlock,
    answer(message, time) {
      if (blockCheckOf(message.slice(1, -1), 'xor') !== message.slice(-1)) return '\x15';
      const [, command = '', dataSet = ''] = /^\x01(..)(?:\x02([^\x03]*))?\x03/.exec(message) ?? [];
      if (command === 'P1') {
        if (dataSet !== `(${spec.password ?? ''})`) return BREAK;
        isUnlocked = true;
        return '\x06';
      }
      return command.startsWith('R') ? read(command, dataSet, time) : '\x15';
    },
  };
}
