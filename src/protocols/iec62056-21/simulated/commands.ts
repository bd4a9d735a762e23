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
  /** What can be written, and how: with the password in P1 before it, or in a second bracket. */
  readonly writes?: { readonly command: 'W1' | 'W5'; readonly addresses: readonly string[]; readonly password: string };
  /** How far its clock is off, milliseconds. */
  readonly clockOff?: number;
}

/** What outlasts a session: values that were written, and by how much the clock was set. */
export interface Keeping {
  readonly written: Map<string, string>;
  clockOff: number;
}

export const keepingOf = ({ clockOff = 0 }: CommandSpec): Keeping => ({ written: new Map(), clockOff });

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
export function commandAnswerer(spec: CommandSpec, keeping: Keeping): CommandAnswerer {
  let isUnlocked = spec.password === undefined;
  let mayWrite = false;
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
    const value = keeping.written.get(address) ?? spec.registers(time + keeping.clockOff)[address];
    if (value === undefined) return data(ERROR);
    return data(`${spec.repeatsAddress ? address : ''}(${value})`);
  }

  function write(command: string, dataSet: string, time: number): string {
    const { writes } = spec;
    const [, address = '', value = '', password] = /^([^()]*)\(([^()]*)\)(?:\(([^()]*)\))?$/.exec(dataSet) ?? [];
    if (command !== writes?.command) return '\x15';
    if (!(mayWrite || password === writes.password) || !writes.addresses.includes(address)) return data(ERROR);
    const clock = spec.registers(time + keeping.clockOff);
    if (address !== '0.9.1' && address !== '0.9.2') {
      keeping.written.set(address, value);
      return '\x06';
    }
    const date = (address === '0.9.2' ? value : (clock['0.9.2'] ?? '')).slice(-6);
    const hours = (address === '0.9.1' ? value : (clock['0.9.1'] ?? '')).slice(-6);
    const wanted = wallOf(date, hours);
    if (wanted === undefined) return data('(ERROR11)');
    keeping.clockOff += wanted - (wallOf((clock['0.9.2'] ?? '').slice(-6), (clock['0.9.1'] ?? '').slice(-6)) ?? wanted);
    // It begins the second it was told anew.
    if (address === '0.9.1') keeping.clockOff -= (((time + keeping.clockOff) % 1000) + 1000) % 1000;
    return '\x06';
  }

  return {
    greeting: checked(`${SOH}P0${STX}(${spec.operand})${ETX}`),
    acknowledge: nextBlock,
    answer(message, time) {
      if (blockCheckOf(message.slice(1, -1), 'xor') !== message.slice(-1)) return '\x15';
      const [, command = '', dataSet = ''] = /^\x01(..)(?:\x02([^\x03]*))?\x03/.exec(message) ?? [];
      if (command === 'P1') {
        if (dataSet !== `(${spec.password ?? spec.writes?.password ?? ''})`) return BREAK;
        isUnlocked = mayWrite = true;
        return '\x06';
      }
      if (command.startsWith('W')) return write(command, dataSet, time);
      return command.startsWith('R') ? read(command, dataSet, time) : '\x15';
    },
  };
}

/** Of six digits each. */
function wallOf(date: string, time: string): number | undefined {
  const digits = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/
    .exec(date + time)
    ?.slice(1)
    .map(Number);
  if (!digits) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = digits;
  return hour < 24 && minute < 60 && second < 60
    ? Date.UTC(2000 + year, month - 1, day, hour, minute, second)
    : undefined;
}
